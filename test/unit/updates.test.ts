import { expect, it } from 'vitest';
import {
  deliveryOf,
  hasNoDelivery,
  isDelivered,
  isOtherFactor,
} from '../../machines/second-factor.facts.ts';
import { initialContext } from '../../machines/second-factor.start.ts';
import * as updates from '../../machines/second-factor.updates.ts';
import { oneTimeCode, SecondFactorError } from '../../src/index.ts';
import { CODE, PHONE, sent, signIn, T0, TOTP } from '../support/sign-ins.ts';

const context = initialContext({ signIn: signIn(), at: T0, factor: PHONE });
const nobody = initialContext({ signIn: signIn({ supportedSecondFactors: [] }), at: T0 });
const answered = (output: unknown) => ({ type: 'answered', output });

it('a flow without a factor has no delivery, and every factor is another one', () => {
  expect(nobody.factor).toBeNull();
  expect([deliveryOf(nobody, null), isDelivered(nobody), hasNoDelivery(nobody)]).toEqual([
    undefined,
    false,
    true,
  ]);
  expect(isOtherFactor({ ...nobody, signIn: signIn() }, TOTP)).toBe(true);
});

it('an update is a patch: the context stays as it is', () => {
  const before = structuredClone({ ...context, error: null });
  updates.beginPrepare(context, { type: 'PREPARE', at: T0 });
  updates.recordDelivery(context, answered({ signIn: sent(), at: T0 }));
  updates.recordPrepareFailure(context, { type: 'rejected', error: 'junk' });
  expect(context).toEqual(before);
});

it('junk as a reply records nothing', () => {
  expect(updates.recordReply(context, answered('junk'))).toEqual({});
  expect(updates.recordDelivery(context, answered('junk'))).toEqual({});
});

it('beginPrepare takes the latest known time if the event has none', () => {
  const { now, deadlines } = updates.beginPrepare(context, { type: 'PREPARE' });
  expect([now, deadlines]).toEqual([T0, { 'resend:phone_code/idn_1': T0 + 30_000 }]);
  expect(updates.beginPrepare(context, { type: 'CANCEL' }).now).toBe(T0);
});

it('a deadline that passes moves the time on, and never back', () => {
  const due = { ...context, deadlines: { hold: T0 + 5, late: T0 - 5 } };
  const pass = (name: string) => updates.removeDeadline(due, { type: 'DEADLINE.PASSED', name });
  expect(pass('hold')).toEqual({ now: T0 + 5, deadlines: { late: T0 - 5 } });
  expect(pass('late').now).toBe(T0);
  expect(pass('none')).toEqual({ now: T0, deadlines: due.deadlines });
});

it('changedTimers sets new timers, cancels those that are gone, and leaves the rest alone', () => {
  const before = { ...context, deadlines: { gone: 1, same: T0 + 1, moved: T0 + 1 } };
  const patch = { deadlines: { same: T0 + 1, moved: T0 + 2, fresh: T0 - 9, far: T0 + 2 ** 40 } };
  expect(updates.changedTimers(before, patch)).toEqual([
    { name: 'gone', delay: null },
    { name: 'moved', delay: 2 },
    { name: 'fresh', delay: 0 },
    { name: 'far', delay: 2 ** 31 - 1 },
  ]);
  expect(updates.changedTimers(before, { error: null })).toEqual([]);
});

it('a resumed flow sets all timers, and a halted flow cancels all', () => {
  const waiting = { ...context, deadlines: { hold: T0 + 1 } };
  expect(updates.allTimers(waiting)).toEqual([{ name: 'hold', delay: 1 }]);
  expect(updates.noTimers(waiting)).toEqual([{ name: 'hold', delay: null }]);
});

it('attemptInput hands the code over', () => {
  const code = oneTimeCode(CODE);
  expect(updates.attemptInput({ context, event: { type: 'ATTEMPT', code } }).code).toBe(code);
});

it('a limit is what a timer can take', () => {
  const limit = updates.delayOf;
  expect([limit(5), limit(null), limit(2 ** 40)]).toEqual([5, 2 ** 31 - 1, 2 ** 31 - 1]);
});

it('a delivery has no end if the reply does not describe it', () => {
  const patch = updates.recordDelivery(context, answered({ signIn: signIn(), at: T0 }));
  expect(patch.deliveries).toStrictEqual({
    'phone_code/idn_1': { sentAt: T0, confirmed: true },
  });
});

it('a factor that is gone loses its delivery and its expiry', () => {
  const delivered = {
    ...context,
    ...updates.recordDelivery(context, answered({ signIn: sent(), at: T0 })),
  };
  const error = new SecondFactorError('strategy_unavailable');
  const patch = updates.recordAttemptFailure(delivered, { type: 'rejected', error });
  expect(patch).toMatchObject({ deliveries: {}, unavailable: ['phone_code/idn_1'] });
  expect(Object.keys(patch.deadlines ?? {})).toEqual(['resend:phone_code/idn_1']);
});
