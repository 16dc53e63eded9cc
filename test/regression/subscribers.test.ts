/**
 * A subscriber called the two methods while it was being told of a snapshot. XState delays the events of such a call
 * until it has told everybody, so the methods saw the snapshot before.
 */
import { describe, expect, it } from 'vitest';
import { settle, startFlow, type TestFlow } from '../support/flow.ts';
import { apiError, CODE, completed, OTHER_PHONE, PHONE, sent, TOTP } from '../support/sign-ins.ts';

const SMS = { strategy: 'phone_code' } as const;
const SMS_CODE = { strategy: 'phone_code', code: CODE } as const;

/** Does something once, in a subscriber, as soon as the flow is in that state. */
function once<Result>(
  flow: TestFlow,
  state: string,
  act: () => Promise<Result>,
): Promise<{ outcome: unknown }> {
  return new Promise((resolve) => {
    const subscription = flow.actor.subscribe(() => {
      if (flow.state() !== state) return;
      subscription.unsubscribe();
      act().then(
        (value) => resolve({ outcome: value }),
        (error) => resolve({ outcome: error.code }),
      );
    });
  });
}

describe('a subscriber', () => {
  it('attempts as soon as the code is sent, and hears what becomes of it', async () => {
    const flow = startFlow({ factor: PHONE });
    const attempt = once(flow, 'prepared', () => flow.attemptSecondFactor(SMS_CODE));
    flow.prepareSecondFactor(SMS);
    await flow.last().resolve(sent());
    expect(flow.state()).toBe('attempting.sending');
    await flow.last().resolve(completed());
    expect(await attempt).toEqual({ outcome: completed() });
  });

  it('prepares, and waits for the answer', async () => {
    const flow = startFlow();
    const prepare = once(flow, 'needs_second_factor', () => flow.prepareSecondFactor(SMS));
    flow.send({ type: 'SELECT', factor: PHONE });
    await settle();
    expect(flow.state()).toBe('preparing');
    await flow.last().reject(apiError('sms_send_error'));
    expect(await prepare).toEqual({ outcome: 'delivery_failed' });
  });

  it('selects what needs no preparation', async () => {
    const flow = startFlow({ factor: PHONE });
    const prepare = once(flow, 'needs_second_factor', () =>
      flow.prepareSecondFactor({ strategy: 'totp' }),
    );
    flow.send({ type: 'SELECT', factor: OTHER_PHONE });
    expect(await prepare).toMatchObject({ outcome: { id: 'sia_1' } });
    expect(flow.context().factor).toEqual(TOTP);
  });

  it('attempts another factor in place of a prepare', async () => {
    const flow = startFlow({ factor: PHONE });
    const attempt = once(flow, 'preparing', () =>
      flow.attemptSecondFactor({ strategy: 'totp', code: CODE }),
    );
    const prepare = flow.prepareSecondFactor(SMS).catch((error) => error.code);
    await settle();
    expect(flow.requests.map(({ name }) => name)).toEqual([
      'prepareSecondFactor',
      'attemptSecondFactor',
    ]);
    await flow.last().resolve(completed());
    expect(await attempt).toEqual({ outcome: completed() });
    expect(await prepare).toBe('cancelled');
  });

  it('cancels a prepare that has just begun', async () => {
    const flow = startFlow({ factor: PHONE });
    flow.actor.subscribe(({ value }) => {
      if (value === 'preparing') flow.send({ type: 'CANCEL' });
    });
    await expect(flow.prepareSecondFactor(SMS)).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('prepares after a sleep, when the cooldown is over', async () => {
    let asleepMs = 0;
    const flow = startFlow({ factor: PHONE, now: () => asleepMs });
    flow.prepareSecondFactor(SMS);
    await flow.last().resolve(sent());
    asleepMs = 60_000;
    const again = once(flow, 'prepared', () => flow.prepareSecondFactor(SMS));
    flow.send({ type: 'SELECT', factor: PHONE });
    await settle();
    expect(flow.state()).toBe('preparing');
    await flow.last().resolve(sent());
    expect(await again).toEqual({ outcome: sent() });
  });

  it('attempts after a sleep, when the hold is over', async () => {
    let asleepMs = 0;
    const flow = startFlow({ factor: TOTP, now: () => asleepMs });
    const held = flow.attemptSecondFactor({ strategy: 'totp', code: CODE }).catch(() => {});
    await flow.last().reject(apiError('too_many_requests', { status: 429, retryAfter: 8 }));
    await held;
    asleepMs = 9_000;
    const again = once(flow, 'needs_second_factor', () =>
      flow.attemptSecondFactor({ strategy: 'totp', code: CODE }),
    );
    flow.send({ type: 'SELECT', factor: TOTP });
    await settle();
    await flow.last().resolve(completed());
    expect(await again).toEqual({ outcome: completed() });
  });
});
