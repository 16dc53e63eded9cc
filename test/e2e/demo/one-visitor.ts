import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { type Demo, startDemo } from '../../../docs/demo/server.ts';
import { launchBrowser } from '../support/browser.ts';
import { type Visit, visit } from './visit.ts';

/** What is there while the tests of a file run. */
interface Here {
  demo: Demo;
  browser: Browser;
  visitor: Visit;
}

/**
 * A demo, and one visitor for all tests of a file, who starts afresh each time: a new browser context
 * costs a second. No test may leave a complaint in the console, or a request to elsewhere.
 */
export function oneVisitor(): Here {
  const here = {} as Here; // SAFETY: filled in before the first test
  beforeAll(async () => {
    [here.demo, here.browser] = await Promise.all([startDemo({ port: 0 }), launchBrowser()]);
    here.visitor = await visit(here.browser, here.demo.url);
  });
  afterAll(async () => {
    await here.browser?.close();
    await here.demo?.close();
  });
  afterEach(() => {
    expect(here.visitor.guard.complaints).toEqual([]);
    expect(here.visitor.guard.foreignRequests).toEqual([]);
  });
  return here;
}
