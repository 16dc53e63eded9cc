import { describe, expect, it } from 'vitest';
import { enter, refusalOf, simulate, simulateUnhurried, wrong } from './support.ts';

describe('a delivered code', () => {
  it('has six digits and goes to the phone that was asked for', async () => {
    const { sandbox } = simulate();
    await enter(sandbox).prepare({ strategy: 'phone_code', phoneNumberId: 'idn_phone_2' });
    expect(sandbox.inbox.latest()).toMatchObject({
      to: '+15555550101',
      factor: { strategy: 'phone_code', phoneNumberId: 'idn_phone_2' },
      code: expect.stringMatching(/^\d{6}$/),
    });
  });

  it('goes to the default phone without an id', async () => {
    const { sandbox } = simulate();
    await enter(sandbox).prepare({ strategy: 'phone_code' });
    expect(sandbox.inbox.latest()?.to).toBe('+15555550100');
  });

  it('completes the sign-in and creates a session', async () => {
    const { sandbox } = simulate();
    const flow = enter(sandbox);
    await flow.prepare({ strategy: 'phone_code' });
    const signIn = await flow.attempt('phone_code', sandbox.inbox.code());
    expect(signIn).toMatchObject({
      status: 'complete',
      createdSessionId: 'sess_1',
      secondFactorVerification: { status: 'verified', strategy: 'phone_code', attempts: 1 },
    });
    expect(sandbox.session(flow.id)).toMatchObject({ id: 'sess_1', strategy: 'phone_code' });
  });

  it('is refused before anything was sent', async () => {
    const { sandbox } = simulate();
    expect(await refusalOf(enter(sandbox).attempt('phone_code', '123456'))).toBe(
      '400 verification_missing',
    );
  });

  it('is refused when it is wrong, and names the parameter', async () => {
    const { sandbox } = simulate();
    const flow = enter(sandbox);
    await flow.prepare({ strategy: 'phone_code' });
    await expect(flow.attempt('phone_code', wrong(sandbox.inbox.code()))).rejects.toMatchObject({
      status: 422,
      errors: [{ code: 'form_code_incorrect', meta: { paramName: 'code' } }],
    });
  });

  it('is valid until just before ten minutes have passed', async () => {
    const { sandbox, clock } = simulate();
    const flow = enter(sandbox);
    await flow.prepare({ strategy: 'email_code' });
    clock.increment(599_999);
    expect((await flow.attempt('email_code', sandbox.inbox.code())).status).toBe('complete');
  });

  it('is expired ten minutes after it was sent', async () => {
    const { sandbox, clock } = simulate();
    const flow = enter(sandbox);
    await flow.prepare({ strategy: 'email_code' });
    clock.increment(600_000);
    expect(await refusalOf(flow.attempt('email_code', sandbox.inbox.code()))).toBe(
      '400 verification_expired',
    );
    expect((await flow.reload()).secondFactorVerification?.status).toBe('expired');
  });

  it('is spent by a newer one for the same phone', async () => {
    const { sandbox } = simulate();
    const flow = enter(sandbox);
    await flow.prepare({ strategy: 'phone_code' });
    const older = sandbox.inbox.code();
    await flow.prepare({ strategy: 'phone_code' });
    expect(await refusalOf(flow.attempt('phone_code', older))).toBe('422 form_code_incorrect');
    expect((await flow.attempt('phone_code', sandbox.inbox.code())).status).toBe('complete');
  });

  it('differs from the one it replaces even where the source repeats itself', async () => {
    const { sandbox } = simulate({ random: () => 0.5 });
    const flow = enter(sandbox);
    await flow.prepare({ strategy: 'phone_code' });
    await flow.prepare({ strategy: 'phone_code' });
    const [older, newer] = sandbox.inbox.messages;
    expect(older?.code).not.toBe(newer?.code);
  });

  it('is spent by one for the other phone', async () => {
    const { sandbox } = simulate();
    const flow = enter(sandbox);
    await flow.prepare({ strategy: 'phone_code', phoneNumberId: 'idn_phone_1' });
    await flow.prepare({ strategy: 'phone_code', phoneNumberId: 'idn_phone_2' });
    expect(await refusalOf(flow.attempt('phone_code', sandbox.inbox.code('+15555550100')))).toBe(
      '422 form_code_incorrect',
    );
  });

  it('is refused while a verification of another strategy is live', async () => {
    const { sandbox } = simulate();
    const flow = enter(sandbox);
    await flow.prepare({ strategy: 'phone_code' });
    await flow.prepare({ strategy: 'email_code' });
    expect(await refusalOf(flow.attempt('phone_code', sandbox.inbox.code('+15555550100')))).toBe(
      '400 verification_strategy_invalid',
    );
  });

  it('is missing, not live, when the verification of another strategy has expired', async () => {
    const { sandbox, clock } = simulate();
    const flow = enter(sandbox);
    await flow.prepare({ strategy: 'email_code' });
    clock.increment(600_000);
    expect(await refusalOf(flow.attempt('phone_code', '123456'))).toBe('400 verification_missing');
  });

  it('keeps its leading zeros', async () => {
    const { sandbox } = simulate({ random: () => 0.000_042 });
    await enter(sandbox).prepare({ strategy: 'phone_code' });
    expect(sandbox.inbox.code()).toBe('000042');
  });

  it('stays valid while an authenticator code is wrong', async () => {
    const { sandbox } = simulate();
    const flow = enter(sandbox);
    await flow.prepare({ strategy: 'phone_code' });
    await refusalOf(flow.attempt('totp', wrong(sandbox.authenticator.code())));
    expect((await flow.reload()).secondFactorVerification?.strategy).toBe('phone_code');
    expect((await flow.attempt('phone_code', sandbox.inbox.code())).status).toBe('complete');
  });

  it('still works after four wrong ones', async () => {
    const { sandbox } = simulateUnhurried();
    const flow = enter(sandbox);
    await flow.prepare({ strategy: 'phone_code' });
    const code = sandbox.inbox.code();
    for (let n = 0; n < 4; n += 1) await refusalOf(flow.attempt('phone_code', wrong(code)));
    expect((await flow.attempt('phone_code', code)).status).toBe('complete');
  });

  it('is spent by five wrong ones', async () => {
    const { sandbox } = simulateUnhurried();
    const flow = enter(sandbox);
    await flow.prepare({ strategy: 'phone_code' });
    const code = sandbox.inbox.code();
    for (let n = 0; n < 5; n += 1) {
      expect(await refusalOf(flow.attempt('phone_code', wrong(code)))).toBe(
        '422 form_code_incorrect',
      );
    }
    expect(await refusalOf(flow.attempt('phone_code', code))).toBe('400 verification_failed');
    expect((await flow.reload()).secondFactorVerification).toMatchObject({
      status: 'failed',
      attempts: 5,
      error: { code: 'verification_failed' },
    });
  });

  it('is accepted once', async () => {
    const { sandbox } = simulate();
    const flow = enter(sandbox);
    await flow.prepare({ strategy: 'phone_code' });
    await flow.attempt('phone_code', sandbox.inbox.code());
    expect(await refusalOf(flow.attempt('phone_code', sandbox.inbox.code()))).toBe(
      '400 verification_already_verified',
    );
  });

  it('of one sign-in is worth nothing in another', async () => {
    const { sandbox } = simulate();
    const mine = enter(sandbox);
    const other = enter(sandbox);
    await mine.prepare({ strategy: 'phone_code' });
    const code = sandbox.inbox.code();
    await other.prepare({ strategy: 'phone_code' });
    expect(await refusalOf(other.attempt('phone_code', code))).toBe('422 form_code_incorrect');
  });
});

describe('a pause between deliveries', () => {
  const limits = { resendCooldownMs: 30_000 };

  it('is not there by default', async () => {
    const { sandbox } = simulate();
    const flow = enter(sandbox);
    await flow.prepare({ strategy: 'phone_code' });
    await flow.prepare({ strategy: 'phone_code' });
    expect(sandbox.inbox.messages).toHaveLength(2);
  });

  it('refuses a second one and says how long it lasts', async () => {
    const { sandbox, clock } = simulate({ limits });
    const flow = enter(sandbox);
    await flow.prepare({ strategy: 'phone_code' });
    clock.increment(10_500);
    await expect(flow.prepare({ strategy: 'phone_code' })).rejects.toMatchObject({
      status: 429,
      errors: [{ code: 'verification_code_too_many_requests' }],
      retryAfter: 20,
    });
    expect(sandbox.inbox.messages).toHaveLength(1);
  });

  it('is over when it has passed', async () => {
    const { sandbox, clock } = simulate({ limits });
    const flow = enter(sandbox);
    await flow.prepare({ strategy: 'phone_code' });
    clock.increment(30_000);
    await flow.prepare({ strategy: 'phone_code' });
    expect(sandbox.inbox.messages).toHaveLength(2);
  });

  it('is kept for each target, and going to another and back does not shorten it', async () => {
    const { sandbox } = simulate({ limits });
    const flow = enter(sandbox);
    await flow.prepare({ strategy: 'phone_code', phoneNumberId: 'idn_phone_1' });
    await flow.prepare({ strategy: 'phone_code', phoneNumberId: 'idn_phone_2' });
    expect(
      await refusalOf(flow.prepare({ strategy: 'phone_code', phoneNumberId: 'idn_phone_1' })),
    ).toBe('429 verification_code_too_many_requests');
  });

  it('is lifted by an exhausted code', async () => {
    const { sandbox } = simulateUnhurried({ limits });
    const flow = enter(sandbox);
    await flow.prepare({ strategy: 'phone_code' });
    for (let n = 0; n < 5; n += 1) {
      await refusalOf(flow.attempt('phone_code', wrong(sandbox.inbox.code())));
    }
    await flow.prepare({ strategy: 'phone_code' });
    expect(sandbox.inbox.messages).toHaveLength(2);
  });
});
