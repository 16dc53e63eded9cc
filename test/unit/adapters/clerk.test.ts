import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type ClerkSession,
  type ClerkSignIn,
  type ClerkVerification,
  clerkSignIn,
  clerkStepUp,
} from '../../../src/adapters/clerk.ts';
import type { ServiceRequest } from '../../../src/index.ts';

// What the real clerk-js is slow to show: test/backends has the rest.

const REQUEST: ServiceRequest = {
  signal: new AbortController().signal,
  factor: { strategy: 'totp' },
  requestId: '1',
};
const none = async () => {};

/** A classic resource whose second factor stands like this. */
function resource(more: Partial<ClerkSignIn> = {}) {
  return {
    id: 'sia_1',
    status: 'needs_second_factor',
    supportedSecondFactors: [{ strategy: 'email_link', emailAddressId: 'idn_1' }],
    secondFactorVerification: { status: 'unverified', strategy: 'email_link' },
    createdSessionId: null,
    prepareSecondFactor: none,
    attemptSecondFactor: none,
    authenticateWithPasskey: none,
    reload: vi.fn(none),
    ...more,
  };
}

/** Watches a resource as a flow does. */
function watch(signIn: ClerkSignIn) {
  const { services } = clerkSignIn({ signIn, redirectUrl: 'https://example.com/verified' });
  const controller = new AbortController();
  const changed = vi.fn();
  const end = services.watchSignIn?.(changed, { ...REQUEST, signal: controller.signal });
  return {
    changed,
    end() {
      controller.abort();
      end?.();
    },
  };
}

describe('the watch over a sign-in', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('asks each second while a link is out', async () => {
    const signIn = resource();
    const { changed } = watch(signIn);
    await vi.advanceTimersByTimeAsync(3_500);
    expect(signIn.reload).toHaveBeenCalledTimes(3);
    expect(changed).not.toHaveBeenCalled();
  });

  it.each([
    ['expired', 'email_link'],
    ['failed', 'email_link'],
    ['unverified', 'phone_code'],
    [null, null],
  ])('asks for nothing while the verification is %s, by %s', async (status, strategy) => {
    const signIn = resource({ secondFactorVerification: { status, strategy } });
    watch(signIn);
    await vi.advanceTimersByTimeAsync(3_500);
    expect(signIn.reload).not.toHaveBeenCalled();
  });

  it.each([
    ['complete', null],
    ['needs_new_password', 'verified'],
  ])('tells of a sign-in that is %s', async (status, verification) => {
    const secondFactorVerification = { status: verification, strategy: 'email_link' };
    const { changed } = watch(resource({ status, secondFactorVerification }));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(changed).toHaveBeenCalledWith(expect.objectContaining({ id: 'sia_1', status }));
  });

  it('asks again after an answer that was none', async () => {
    const reload = vi.fn(async () => Promise.reject(new Error('offline')));
    watch(resource({ reload }));
    await vi.advanceTimersByTimeAsync(2_500);
    expect(reload).toHaveBeenCalledTimes(2);
  });

  it('waits for an answer before it asks again', async () => {
    const reload = vi.fn(() => new Promise(() => {}));
    watch(resource({ reload }));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(reload).toHaveBeenCalledTimes(1);
  });

  it('ends with the flow, also while it waits for an answer', async () => {
    let answer = () => {};
    const reload = vi.fn(
      () =>
        new Promise<void>((resolve) => {
          answer = resolve;
        }),
    );
    const { end } = watch(resource({ reload }));
    await vi.advanceTimersByTimeAsync(1_000);
    end();
    answer();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(reload).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a link', () => {
  it('is asked for with the page that it leads to', async () => {
    const prepareSecondFactor = vi.fn(none);
    const { services } = clerkSignIn({
      signIn: resource({ prepareSecondFactor }),
      redirectUrl: 'https://example.com/verified',
    });
    const params = { strategy: 'email_link', emailAddressId: 'idn_1' };
    await services.prepareSecondFactor(params, REQUEST).catch(none);
    const redirectUrl = 'https://example.com/verified';
    expect(prepareSecondFactor).toHaveBeenCalledWith({ ...params, redirectUrl });
    const code = { strategy: 'email_code', emailAddressId: 'idn_1' };
    await services.prepareSecondFactor(code, REQUEST).catch(none);
    expect(prepareSecondFactor).toHaveBeenLastCalledWith(code);
  });
});

describe('after a lost answer to a step-up', () => {
  /** What a reload tells, where the ages were these before and are those now. */
  function reload(before: number[] | null, now: number[] | null) {
    const verification: ClerkVerification = {
      id: 'sver_1',
      status: 'needs_second_factor',
      supportedSecondFactors: [{ strategy: 'totp' }],
      secondFactorVerification: { status: null, strategy: null },
      session: { factorVerificationAge: before },
    };
    const session: ClerkSession = {
      id: 'sess_1',
      prepareSecondFactorVerification: async () => verification,
      attemptSecondFactorVerification: async () => verification,
      verifyWithPasskey: async () => verification,
      reload: async () => ({ factorVerificationAge: now }),
    };
    return clerkStepUp({ session, verification }).services.reloadSignIn?.(REQUEST);
  }

  it.each([
    [
      [5, 5],
      [5, 0],
    ],
    [
      [5, 2],
      [6, 1],
    ],
    [
      [5, -1],
      [5, 0],
    ],
    [null, [0, 0]],
  ])('it was verified, if the ages were %j and are %j', async (before, now) => {
    expect(await reload(before, now)).toMatchObject({ id: 'sver_1', status: 'complete' });
  });

  it.each([
    [
      [5, 5],
      [6, 6],
    ],
    [
      [5, 0],
      [5, 0],
    ],
    [
      [5, -1],
      [5, -1],
    ],
    [[5, 3], null],
    [null, null],
  ])('nobody can tell, if the ages were %j and are %j', async (before, now) => {
    expect(await reload(before, now)).toBeNull();
  });
});
