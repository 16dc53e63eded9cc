/** What is counted here costs time on each step: a reply is parsed once, and a code normalised once. */
import { expect, it, vi } from 'vitest';
import * as factors from '../../machines/factors.ts';
import { startFlow } from '../support/flow.ts';
import { CODE, completed, PHONE, sent } from '../support/sign-ins.ts';

vi.mock('../../machines/factors.ts', { spy: true });

it('one prepare, attempt and complete parse three sign-ins and normalise one code', async () => {
  const replaced = vi.spyOn(String.prototype, 'replace');
  const flow = startFlow({ factor: PHONE });
  flow.prepareSecondFactor({ strategy: 'phone_code' }).catch(() => {});
  await flow.last().resolve(sent());
  flow.attemptSecondFactor({ strategy: 'phone_code', code: CODE }).catch(() => {});
  await flow.last().resolve(completed());
  expect(flow.state()).toBe('complete');
  // The sign-in of the start, the reply to the prepare, and that to the attempt.
  expect(factors.parseFactors).toHaveBeenCalledTimes(3);
  const normalised = replaced.mock.contexts.filter((text) => String(text) === CODE);
  expect(normalised).toHaveLength(1);
});
