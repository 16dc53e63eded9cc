import { describe, expect, it } from 'vitest';
import { createSandbox } from '../../../src/sandbox/index.ts';
import { enter, refusalOf, START, simulate, simulateUnhurried } from './support.ts';

const STEP_MS = 30_000;

describe('the authenticator', () => {
  // RFC 6238, appendix B: the SHA-1 rows, of which six digits are the last six of eight.
  it.each([
    [59_000, '287082'],
    [1_111_111_109_000, '081804'],
    [1_111_111_111_000, '050471'],
    [1_234_567_890_000, '005924'],
    [2_000_000_000_000, '279037'],
    [20_000_000_000_000, '353130'],
  ])('shows the code of RFC 6238 at %d ms', (at, code) => {
    const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
    const sandbox = createSandbox({
      users: [{ identifier: 'a', totp: { secret } }],
      now: () => at,
    });
    expect(sandbox.authenticator.code()).toBe(code);
  });

  it('has a key URI with its secret', () => {
    const { sandbox } = simulate();
    const uri = new URL(sandbox.authenticator.uri);
    expect(uri.protocol).toBe('otpauth:');
    expect(uri.searchParams.get('secret')).toBe(sandbox.authenticator.secret);
    expect(uri.searchParams.get('period')).toBe('30');
    expect(uri.searchParams.get('digits')).toBe('6');
  });

  it('holds a secret of 160 bits', () => {
    expect(simulate().sandbox.authenticator.secret).toMatch(/^[A-Z2-7]{32}$/);
  });

  it('counts down to the next code', () => {
    const { sandbox, clock } = simulate();
    expect(sandbox.authenticator.secondsRemaining()).toBe(30);
    clock.increment(29_001);
    expect(sandbox.authenticator.secondsRemaining()).toBe(1);
  });

  it('is missing for a user without one', () => {
    const sandbox = createSandbox({ users: [{ identifier: 'a' }] });
    expect(() => sandbox.authenticator).toThrow('no authenticator app');
  });
});

describe('a TOTP', () => {
  it('completes the sign-in without preparation', async () => {
    const { sandbox } = simulate();
    const signIn = await enter(sandbox).attempt('totp', sandbox.authenticator.code());
    expect(signIn).toMatchObject({
      status: 'complete',
      secondFactorVerification: { status: 'verified', strategy: 'totp', expireAt: null },
    });
    expect(sandbox.inbox.messages).toEqual([]);
  });

  it.each([-1, 0, 1])('is accepted %d steps away', async (steps) => {
    const { sandbox } = simulate();
    const code = sandbox.authenticator.code(START + steps * STEP_MS);
    expect((await enter(sandbox).attempt('totp', code)).status).toBe('complete');
  });

  it.each([-2, 2])('is refused %d steps away', async (steps) => {
    const { sandbox } = simulate();
    const code = sandbox.authenticator.code(START + steps * STEP_MS);
    expect(await refusalOf(enter(sandbox).attempt('totp', code))).toBe('422 form_code_incorrect');
  });

  it('is accepted once, in another sign-in too', async () => {
    const { sandbox } = simulate();
    const code = sandbox.authenticator.code();
    await enter(sandbox).attempt('totp', code);
    expect(await refusalOf(enter(sandbox).attempt('totp', code))).toBe('422 form_code_incorrect');
  });

  it('is not spent by a wrong one', async () => {
    const { sandbox } = simulateUnhurried();
    const flow = enter(sandbox);
    await refusalOf(flow.attempt('totp', 'abcdef'));
    expect((await flow.attempt('totp', sandbox.authenticator.code())).status).toBe('complete');
  });

  it('counts its attempts in the verification', async () => {
    const { sandbox } = simulate();
    const flow = enter(sandbox);
    await refusalOf(flow.attempt('totp', 'abcdef'));
    await refusalOf(flow.attempt('totp', 'abcdef'));
    expect((await flow.reload()).secondFactorVerification).toEqual({
      status: 'unverified',
      strategy: 'totp',
      attempts: 2,
      expireAt: null,
      error: null,
    });
  });

  it('counts anew after an attempt of another kind', async () => {
    const { sandbox } = simulate();
    const flow = enter(sandbox);
    await refusalOf(flow.attempt('backup_code', 'nope'));
    await refusalOf(flow.attempt('totp', 'abcdef'));
    expect((await flow.reload()).secondFactorVerification).toMatchObject({
      strategy: 'totp',
      attempts: 1,
    });
  });

  it('works from the first moment of the epoch, where simulated clocks start', async () => {
    const sandbox = createSandbox({ now: () => 0 });
    await refusalOf(enter(sandbox).attempt('totp', 'abcdef'));
    const signIn = await enter(sandbox).attempt('totp', sandbox.authenticator.code());
    expect(signIn.status).toBe('complete');
  });

  it('cannot be prepared', async () => {
    const { sandbox } = simulate();
    expect(await refusalOf(enter(sandbox).prepare({ strategy: 'totp' }))).toBe(
      '422 form_param_value_invalid',
    );
  });
});
