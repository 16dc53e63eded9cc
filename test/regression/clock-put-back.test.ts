/**
 * The clock of a computer was days ahead, and somebody put it right. After a reload the user could neither resend
 * nor attempt until the clock had caught up, and news from another tab counted as old for as long.
 */
import { expect, it } from 'vitest';
import { startFlow } from '../support/flow.ts';
import { apiError, CODE, completed, PHONE, sent, T0 } from '../support/sign-ins.ts';

const AHEAD_MS = 20 * 24 * 3_600_000;

/** A flow on a clock that is ahead, in which a code was sent. */
async function startAhead() {
  const flow = startFlow({ factor: PHONE, now: () => T0 + AHEAD_MS });
  flow.prepareSecondFactor({ strategy: 'phone_code' }).catch(() => {});
  await flow.last().resolve(sent('phone_code', null));
  return flow;
}

it('a reload does not make a wait longer', async () => {
  const before = await startAhead();
  before.attemptSecondFactor({ strategy: 'phone_code', code: CODE }).catch(() => {});
  await before.last().reject(apiError('too_many_requests', { status: 429, retryAfter: 8 }));
  const { actor } = startFlow({ resume: before.bookmark() });
  expect(actor.getSnapshot().context.deadlines).toEqual({
    'resend:phone_code/idn_1': T0 + 30_000,
    hold: T0 + 8_000,
  });
});

it('news counts as soon as the clock is right', async () => {
  const flow = await startAhead();
  flow.send({ type: 'SIGN_IN.CHANGED', signIn: completed(), at: T0 });
  expect(flow.state()).toBe('complete');
});
