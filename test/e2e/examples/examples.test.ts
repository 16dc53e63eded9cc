import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FRAMEWORKS as SERVED } from '../../../docs/examples/vite.config.ts';
import { buildExamples } from './pages.ts';
import { ON_EACH_PAGE, ON_ONE_PAGE } from './scenarios.ts';
import { openSeats, visit } from './visit.ts';

const FRAMEWORKS = ['vanilla', 'react', 'vue', 'svelte', 'solid', 'preact', 'lit', 'angular'];

let seats: ReturnType<typeof openSeats>;
/** What each page said, by scenario and framework. */
const heard: Record<string, Record<string, string[]>> = {};

beforeAll(async () => {
  seats = openSeats(await buildExamples());
});

afterAll(() => seats?.close());

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

// This runs after all pages: tests that are not concurrent wait for those before them.
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
