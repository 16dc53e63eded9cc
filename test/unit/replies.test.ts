import { describe, expect, it } from 'vitest';
import * as facts from '../../machines/second-factor.facts.ts';
import * as replies from '../../machines/second-factor.replies.ts';
import { initialContext } from '../../machines/second-factor.start.ts';
import { SecondFactorError } from '../../src/index.ts';
import { completed, PHONE, signIn, T0, trap, verification } from '../support/sign-ins.ts';

const context = initialContext({ signIn: signIn(), at: T0 });
const answered = (reply: unknown, at: unknown = T0) => ({
  type: 'answered',
  output: { signIn: reply, at },
});

describe('an event', () => {
  const throwing = (times: number) => {
    let left = times;
    const get = () => {
      left -= 1;
      if (left >= 0) throw new Error('trap');
      return PHONE;
    };
    return Object.defineProperty({ type: 'PREPARE' }, 'factor', { get });
  };

  it('holds nothing but what it carries', () => {
    expect(replies.readEvent(context, { type: 'PREPARE' })).toStrictEqual({
      factor: undefined,
      code: undefined,
      name: '',
      requestId: undefined,
      trustDevice: false,
      at: undefined,
      signIn: null,
      error: null,
    });
  });

  it('is read once', () => {
    const event = { type: 'SELECT', factor: PHONE };
    expect(replies.readEvent(context, event)).toBe(replies.readEvent(context, event));
  });

  it.each([
    ['every time', 9],
    ['only the first time', 1],
  ])('names no factor if its getter throws %s', (_, times) => {
    const event = throwing(times);
    expect(replies.readEvent(context, event).factor).toBeNull();
    expect(replies.readEvent(context, event).factor).toBeNull();
  });
});

describe('where a sign-in stands', () => {
  it('is verified once it is complete, whatever its verification says', () => {
    const complete = signIn({ status: 'complete' });
    expect(replies.standingOf(context, complete)).toBe('verified');
    expect(facts.isVerified(context, answered(complete))).toBe(true);
  });

  it.each([
    ['complete', [true, false, false]],
    ['needs_second_factor', [false, true, false]],
    ['needs_client_trust', [false, true, false]],
    ['abandoned', [false, false, true]],
    ['something_new', [false, false, true]],
  ])('%s is one of three standings', (status, told) => {
    const event = answered(signIn({ status }));
    expect([
      facts.isVerified(context, event),
      facts.isUnverified(context, event),
      facts.isBlocked(context, event),
    ]).toEqual(told);
  });

  it('follows the status, and not a verified verification alone', () => {
    const secondFactorVerification = verification({ status: 'verified' });
    const standing = (status: string) =>
      replies.standingOf(context, signIn({ status, secondFactorVerification }));
    expect(standing('needs_second_factor')).toBe('unverified');
    expect(standing('something_new')).toBe('unexpected_status');
    expect(standing('needs_new_password')).toBe('verified');
  });

  it('is read of a reply whose clock went back, and not of old news', () => {
    const before = answered(completed(), T0 - 1);
    expect(replies.standingIn(context, before)).toBe('verified');
    const news = { type: 'SIGN_IN.CHANGED', signIn: completed(), at: T0 - 1 };
    expect(replies.standingIn(context, news)).toBeNull();
    expect(replies.standingIn(context, { ...news, at: T0 })).toBe('verified');
    // A later answer had an earlier time: somebody put the clock back.
    const later = { ...context, now: T0 - 10 };
    expect(replies.standingIn(later, { ...news, at: T0 - 10 })).toBe('verified');
    // Older than any request can be: somebody put the clock back.
    for (const requestTimeoutMs of [30_000, null]) {
      const now = { ...context, options: { ...context.options, requestTimeoutMs } };
      expect(replies.standingIn(now, { ...news, at: T0 - 30_000 })).toBeNull();
      expect(replies.standingIn(now, { ...news, at: T0 - 30_001 })).toBe('verified');
    }
  });
});

describe('what an actor gives back', () => {
  it.each([
    ['a trap', trap()],
    ['junk', 'junk'],
    ['a sign-in that is none', { signIn: {}, at: T0 }],
  ])('is no reply if it is %s', (_, output) => {
    expect(replies.readReply(context, { type: 'answered', output })).toBeNull();
  });

  it.each([[Number.NaN], [Number.POSITIVE_INFINITY], ['1'], [undefined]])(
    'with %s as its time is of the latest known time',
    (at) => {
      expect(replies.readReply(context, answered(signIn(), at))?.at).toBe(T0);
    },
  );

  const failureOf = (error: unknown) => replies.readFailure(context, { type: 'rejected', error });

  it('is its error and its time if it is a failure', () => {
    const { error, at } = failureOf({ error: new SecondFactorError('locked'), at: T0 + 5 });
    expect([error.code, at]).toEqual(['locked', T0 + 5]);
    expect(failureOf(new SecondFactorError('locked')).error.code).toBe('locked');
  });

  it.each([
    ['an error of somebody else', { error: { code: 'locked' }, at: T0 }],
    ['a trap', trap()],
    ['nothing', undefined],
  ])('is a server_error if it is %s', (_, rejection) => {
    expect(failureOf(rejection)).toMatchObject({ error: { code: 'server_error' }, at: T0 });
  });

  it('keeps the name of an unknown rejection', () => {
    expect(failureOf(new RangeError('full')).error.cause).toEqual({ name: 'RangeError' });
  });
});
