import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { SCENARIOS } from './scenarios.ts';
import { buildExamples } from './site.ts';
import { openPages, visit } from './visit.ts';

const FRAMEWORKS = ['vanilla', 'react', 'vue', 'svelte', 'solid', 'preact', 'lit', 'angular'];

let browser: Browser;
let folder: string;
let pages: ReturnType<typeof openPages>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'second-factor-examples-'));
  [browser] = await Promise.all([launchBrowser(), buildExamples(folder)]);
  pages = openPages(browser, { atOnce: 3 });
});

afterAll(async () => {
  await browser?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});

describe.each(FRAMEWORKS)('the %s page', (framework) => {
  for (const [name, { as, clock = false, act }] of Object.entries(SCENARIOS)) {
    it.concurrent(name, () =>
      pages.withPage(clock, (page) => visit({ page, folder, framework }, as, act)),
    );
  }
});

it('has a page for every example', async () => {
  const { FRAMEWORKS: served } = await import('../../../docs/examples/vite.config.ts');
  expect([...served].sort()).toEqual([...FRAMEWORKS].sort());
});
