/** The two methods rejected with a raw error if they could not read their argument. */
import { expect, it } from 'vitest';
import { isSecondFactorError } from '../../src/index.ts';
import { startFlow } from '../support/flow.ts';
import { CODE, trap } from '../support/sign-ins.ts';

const UNREADABLE: [string, object][] = [
  ['a proxy that throws', trap()],
  ['a strategy that throws as text', { strategy: trap() }],
  ['a strategy without a prototype', { strategy: Object.create(null) }],
];

it.each(UNREADABLE)('%s is refused, and nothing is sent', async (_, params) => {
  const flow = startFlow();
  for (const call of [flow.prepareSecondFactor, flow.attemptSecondFactor]) {
    const error = await call(params as never).catch((reason: unknown) => reason);
    expect(isSecondFactorError(error)).toBe(true);
  }
  expect(flow.requests).toHaveLength(0);
  flow.attemptSecondFactor({ strategy: 'totp', code: CODE }).catch(() => {});
  expect(flow.requests).toHaveLength(1);
});
