import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FRAMEWORKS as SERVED } from '../../../docs/examples/vite.config.ts';
import { THROTTLE } from '../support/browser.ts';
import { buildExamples } from './pages.ts';
import { ON_EACH_PAGE, ON_ONE_PAGE } from './scenarios.ts';
import { openSeats, visit } from './visit.ts';

const FRAMEWORKS = ['vanilla', 'react', 'vue', 'svelte', 'solid', 'preact', 'lit', 'angular'];

let folder: string;
let seats: ReturnType<typeof openSeats>;
/** What each page said in each scenario that it came through, by scenario and framework. */
const heard: Record<string, Record<string, string[]>> = {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'second-factor-examples-'));
  await buildExamples(folder);
  // A page that is slowed down keeps a processor busy.
  seats = openSeats(folder, { atOnce: THROTTLE > 1 ? 1 : 5 });
});

afterAll(async () => {
  await seats?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});

describe.concurrent.each(FRAMEWORKS)('the %s page', (framework) => {
  const scenarios = { ...ON_EACH_PAGE, ...(framework === 'vanilla' && ON_ONE_PAGE) };
  for (const [name, { as, mayOpenWith, act }] of Object.entries(scenarios)) {
    it(name, () =>
      seats.withSeat(async (seat) => {
        const said = await visit(seat, framework, as, act);
        if (said[0] === mayOpenWith) said.shift();
        heard[name] = { ...heard[name], [framework]: said };
      }),
    );
  }
});

// After all pages: what is not concurrent begins when everything before it has ended.
describe('every page says the same', () => {
  it.each(Object.keys(ON_EACH_PAGE))('when it %s', (name) => {
    const byFramework = heard[name] ?? {};
    expect(Object.keys(byFramework).sort()).toEqual([...FRAMEWORKS].sort());
    const asVanilla = FRAMEWORKS.map((framework) => [framework, byFramework.vanilla]);
    expect(byFramework).toEqual(Object.fromEntries(asVanilla));
  });
});

it('has a page for every example', () => {
  expect([...SERVED].sort()).toEqual([...FRAMEWORKS].sort());
});
