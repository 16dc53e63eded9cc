/** Parsing and normalising cost time on each step: a flow parses a reply once, and normalises a code once. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { CODE, completed, PHONE, sent } from '../support/sign-ins.ts';

// The files of this project share their modules. This one loads them anew, with a spy on the parser.
beforeEach(() => {
  vi.resetModules();
  vi.doMock('../../machines/factors.ts', { spy: true });
});
afterEach(() => {
  vi.doUnmock('../../machines/factors.ts');
  vi.resetModules();
});

it('one prepare, attempt and complete parse three sign-ins and normalise one code', async () => {
  const { startFlow } = await import('../support/flow.ts');
  const { parseFactors } = await import('../../machines/factors.ts');
  const replaced = vi.spyOn(String.prototype, 'replace');
  const flow = startFlow({ factor: PHONE });
  flow.prepareSecondFactor({ strategy: 'phone_code' }).catch(() => {});
  await flow.last().resolve(sent());
  flow.attemptSecondFactor({ strategy: 'phone_code', code: CODE }).catch(() => {});
  await flow.last().resolve(completed());
  const normalised = replaced.mock.contexts.filter((text) => String(text) === CODE);
  replaced.mockRestore();
  expect(flow.state()).toBe('complete');
  // The sign-in at the start, the reply to the prepare, and the reply to the attempt.
  expect(parseFactors).toHaveBeenCalledTimes(3);
  expect(normalised).toHaveLength(1);
});
