import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, THROTTLE } from '../support/browser.ts';
import { SCENARIOS } from './scenarios.ts';
import { buildExamples } from './site.ts';
import { openSeats, visit } from './visit.ts';

const FRAMEWORKS = ['vanilla', 'react', 'vue', 'svelte', 'solid', 'preact', 'lit', 'angular'];

let folder: string;
let seats: ReturnType<typeof openSeats>;
/** What each page said in each scenario that it came through, by scenario and framework. */
const heard: Record<string, Record<string, string[]>> = {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'second-factor-examples-'));
  const [browser] = await Promise.all([openBrowser(), buildExamples(folder)]);
  // A page that is slowed down keeps a processor busy.
  seats = openSeats(browser, folder, { atOnce: THROTTLE > 1 ? 2 : 5 });
});

afterAll(async () => {
  await seats?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});

describe.concurrent.each(FRAMEWORKS)('the %s page', (framework) => {
  for (const [name, { as, clock = false, mayOpenWith, act }] of Object.entries(SCENARIOS)) {
    it(name, () =>
      seats.withSeat(clock, async (seat) => {
        const said = await visit(seat, framework, as, act);
        if (said[0] === mayOpenWith) said.shift();
        heard[name] = { ...heard[name], [framework]: said };
      }),
    );
  }
});

// After all pages: what is not concurrent begins when everything before it has ended.
describe('every page says the same', () => {
  it.each(Object.keys(SCENARIOS))('when it %s', (name) => {
    const byFramework = heard[name] ?? {};
    expect(Object.keys(byFramework).sort()).toEqual([...FRAMEWORKS].sort());
    const asVanilla = FRAMEWORKS.map((framework) => [framework, byFramework.vanilla]);
    expect(byFramework).toEqual(Object.fromEntries(asVanilla));
  });
});

it('has a page for every example', async () => {
  const { FRAMEWORKS: served } = await import('../../../docs/examples/vite.config.ts');
  expect([...served].sort()).toEqual([...FRAMEWORKS].sort());
});
