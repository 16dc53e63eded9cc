import { describe, expect, it } from 'vitest';
import {
  enter,
  refusalOf,
  rejectionOf,
  START,
  simulate,
  simulateUnhurried,
  wrong,
} from './support.ts';

const HOUR_MS = 3_600_000;

describe('consecutive failures', () => {
  it('lock the user with the tenth, and say for how long', async () => {
    const { sandbox } = simulateUnhurried();
    const flow = enter(sandbox);
    for (let n = 0; n < 9; n += 1) {
      expect(await refusalOf(flow.attempt('totp', 'nope'))).toBe('422 form_code_incorrect');
    }
    await expect(flow.attempt('totp', 'nope')).rejects.toMatchObject({
      status: 403,
      errors: [{ code: 'user_locked', meta: { lockoutExpiresInSeconds: 3_600 } }],
    });
    expect(sandbox.user().lockedUntil).toBe(START + HOUR_MS);
  });

  it('are counted over factors and sign-ins', async () => {
    const { sandbox } = simulateUnhurried({ limits: { lockAfterFailures: 3 } });
    const [first, second] = [enter(sandbox), enter(sandbox)];
    await first.prepare({ strategy: 'phone_code' });
    await refusalOf(first.attempt('phone_code', wrong(sandbox.inbox.code())));
    await refusalOf(first.attempt('backup_code', 'nope'));
    expect(await refusalOf(second.attempt('totp', 'nope'))).toBe('403 user_locked');
  });

  it('are not forgotten by a resend', async () => {
    const { sandbox } = simulateUnhurried();
    const flow = enter(sandbox);
    const refusals: string[] = [];
    for (let n = 0; n < 10; n += 1) {
      await flow.prepare({ strategy: 'phone_code' });
      refusals.push(await refusalOf(flow.attempt('phone_code', wrong(sandbox.inbox.code()))));
    }
    expect(refusals.at(-2)).toBe('422 form_code_incorrect');
    expect(refusals.at(-1)).toBe('403 user_locked');
  });

  it('are not forgotten by another sign-in with the right password', async () => {
    const { sandbox } = simulateUnhurried();
    await refusalOf(enter(sandbox).attempt('totp', 'nope'));
    await sandbox.createSignIn({
      identifier: 'ada@example.com',
      password: 'correct horse battery staple',
    });
    expect(sandbox.user().failures).toBe(1);
  });

  it('are forgotten when a second factor is verified', async () => {
    const { sandbox } = simulateUnhurried();
    const flow = enter(sandbox);
    await refusalOf(flow.attempt('totp', 'nope'));
    await flow.attempt('totp', sandbox.authenticator.code());
    expect(sandbox.user().failures).toBe(0);
  });

  it('do not grow by what is refused before the code is compared', async () => {
    const { sandbox } = simulateUnhurried();
    const flow = enter(sandbox);
    await refusalOf(flow.attempt('phone_code', '123456'));
    await refusalOf(flow.attempt('totp', ''));
    expect(sandbox.user().failures).toBe(0);
  });
});

describe('a locked user', () => {
  it('is refused with the right code, for a delivery and for a new sign-in', async () => {
    const { sandbox } = simulateUnhurried();
    const flow = enter(sandbox);
    sandbox.user().lock();
    expect(await refusalOf(flow.attempt('totp', sandbox.authenticator.code()))).toBe(
      '403 user_locked',
    );
    expect(await refusalOf(flow.prepare({ strategy: 'phone_code' }))).toBe('403 user_locked');
    const credentials = {
      identifier: 'ada@example.com',
      password: 'correct horse battery staple',
    };
    expect(await refusalOf(sandbox.createSignIn(credentials))).toBe('403 user_locked');
    expect(sandbox.inbox.messages).toEqual([]);
  });

  it('is free again when the lock ends, with no failures left', async () => {
    const { sandbox, clock } = simulateUnhurried({ limits: { lockAfterFailures: 2 } });
    const flow = enter(sandbox);
    await refusalOf(flow.attempt('totp', 'nope'));
    await refusalOf(flow.attempt('totp', 'nope'));
    clock.increment(HOUR_MS - 1);
    expect(await refusalOf(flow.attempt('totp', 'nope'))).toBe('403 user_locked');
    clock.increment(1);
    expect(await refusalOf(flow.attempt('totp', 'nope'))).toBe('422 form_code_incorrect');
  });

  it('is not told when a lock without an end will end', async () => {
    const { sandbox } = simulate();
    sandbox.user().lock();
    const error = await rejectionOf(enter(sandbox).attempt('totp', '123456'));
    expect(error).toMatchObject({ errors: [{ code: 'user_locked', meta: {} }] });
    expect(String(error)).not.toContain('Infinity');
    expect(error).not.toHaveProperty('errors.0.meta.lockoutExpiresInSeconds');
  });

  it('is free again when it is unlocked', async () => {
    const { sandbox } = simulate();
    sandbox.user().lock();
    sandbox.user().unlock();
    const signIn = await enter(sandbox).attempt('totp', sandbox.authenticator.code());
    expect(signIn.status).toBe('complete');
  });
});

describe('the limit on attempts', () => {
  it('refuses the fourth inside ten seconds and says how long to wait', async () => {
    const { sandbox, clock } = simulate();
    const flow = enter(sandbox);
    for (let n = 0; n < 3; n += 1) await refusalOf(flow.attempt('totp', 'nope'));
    clock.increment(3_500);
    await expect(flow.attempt('totp', sandbox.authenticator.code())).rejects.toMatchObject({
      status: 429,
      errors: [{ code: 'too_many_requests' }],
      retryAfter: 7,
    });
  });

  it('lets one through when the wait is over', async () => {
    const { sandbox, clock } = simulate();
    const flow = enter(sandbox);
    for (let n = 0; n < 3; n += 1) await refusalOf(flow.attempt('totp', 'nope'));
    clock.increment(10_000);
    const signIn = await flow.attempt('totp', sandbox.authenticator.code());
    expect(signIn.status).toBe('complete');
  });

  it('counts what it lets through at that very moment', async () => {
    const { sandbox, clock } = simulate();
    const flow = enter(sandbox);
    for (let n = 0; n < 3; n += 1) await refusalOf(flow.attempt('totp', 'nope'));
    clock.increment(10_000);
    for (let n = 0; n < 3; n += 1) await refusalOf(flow.attempt('totp', 'nope'));
    expect(await refusalOf(flow.attempt('totp', 'nope'))).toBe('429 too_many_requests');
  });

  it('does not grow with what it refuses', async () => {
    const { sandbox, clock } = simulate();
    const flow = enter(sandbox);
    for (let n = 0; n < 3; n += 1) await refusalOf(flow.attempt('totp', 'nope'));
    clock.increment(9_999);
    expect(await rejectionOf(flow.attempt('totp', 'nope'))).toMatchObject({ retryAfter: 1 });
    clock.increment(1);
    expect(await refusalOf(flow.attempt('totp', 'nope'))).toBe('422 form_code_incorrect');
  });

  it('holds in another sign-in too', async () => {
    const { sandbox } = simulate();
    const flow = enter(sandbox);
    for (let n = 0; n < 3; n += 1) await refusalOf(flow.attempt('totp', 'nope'));
    expect(await refusalOf(enter(sandbox).attempt('totp', 'nope'))).toBe('429 too_many_requests');
  });

  it('does not stop a delivery', async () => {
    const { sandbox } = simulate();
    const flow = enter(sandbox);
    for (let n = 0; n < 3; n += 1) await refusalOf(flow.attempt('totp', 'nope'));
    await flow.prepare({ strategy: 'phone_code' });
    expect(sandbox.inbox.messages).toHaveLength(1);
  });
});
