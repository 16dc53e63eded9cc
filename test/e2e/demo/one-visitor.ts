import type { Browser } from 'playwright-core';
import { afterEach, beforeAll, expect } from 'vitest';
import { type Demo, startDemo } from '../../../docs/demo/server.ts';
import { openBrowser } from '../support/browser.ts';
import { type Visit, visit } from './visit.ts';

/** What is there while tests run. */
interface Here {
  readonly demo: Demo;
  readonly browser: Browser;
  readonly visitor: Visit;
}

let opened: Promise<Here> | undefined;

async function open(): Promise<Here> {
  const [demo, browser] = await Promise.all([startDemo({ port: 0 }), openBrowser()]);
  return { demo, browser, visitor: await visit(browser, demo.url) };
}

/**
 * A demo, and one visitor for all tests of a process, who starts afresh each time: a new visitor's
 * browser has to fetch the whole page again. No test may leave a complaint in the console, or a request
 * to elsewhere.
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
