import { afterEach, beforeAll, expect } from 'vitest';
import { type Demo, startDemo } from '../../../docs/demo/server.ts';
import { StoppedClock } from '../support/clock.ts';
import { type Visit, visit } from './visit.ts';

/** What is there while tests run. */
interface Here {
  readonly demo: Demo;
  /** The time of the demo and of who visits it. */
  readonly clock: StoppedClock;
  readonly visitor: Visit;
}

let opened: Promise<Here> | undefined;

async function open(): Promise<Here> {
  const clock = new StoppedClock();
  const demo = await startDemo({ port: 0, clock });
  return { demo, clock, visitor: await visit(demo.url, clock) };
}

/**
 * Opens a demo, and one visitor for all tests of a process. The visitor starts afresh in each test, since
 * a new one would have to fetch the whole page again. A test fails where the console has a complaint, or
 * where a request went elsewhere.
 */
export function oneVisitor(): Here {
  const here = {} as Here; // SAFETY: filled in before the first test
  beforeAll(async () => {
    opened ??= open();
    Object.assign(here, await opened);
  });
  afterEach(() => {
    expect(here.visitor.guard.complaints).toEqual([]);
    expect(here.visitor.guard.foreignRequests).toEqual([]);
  });
  return here;
}
