import { describe, expect, it, vi } from 'vitest';
import { type ChallengeOptions, challengeServices, createSecondFactor } from '../../src/index.ts';
import { CODE, OTHER_PHONE, PHONE, TOTP } from '../support/sign-ins.ts';

const SMS = { strategy: 'phone_code' };

function start(options: Partial<ChallengeOptions>, more: object = {}) {
  return createSecondFactor({
    ...challengeServices({
      factors: [PHONE, OTHER_PHONE, TOTP],
      send: async () => {},
      verify: async () => {},
      ...options,
    }),
    ...more,
  });
}

describe('challengeServices', () => {
  it('sends to the factor, and verifies with the challenge of its delivery', async () => {
    const expiresAt = Date.now() + 600_000;
    const send = vi.fn(async () => ({ challenge: 'v1', expiresAt }));
    const verify = vi.fn(async () => {});
    const flow = start({ send, verify });
    await flow.prepareSecondFactor({ ...SMS, phoneNumberId: 'idn_2' });
    expect(send).toHaveBeenCalledWith(
      OTHER_PHONE,
      expect.objectContaining({ factor: OTHER_PHONE }),
    );
    expect(flow.bookmark().deliveries['phone_code/idn_2']).toMatchObject({ expiresAt });
    const { status } = await flow.attemptSecondFactor({ ...SMS, code: '424 242' });
    expect(status).toBe('complete');
    expect(verify).toHaveBeenCalledWith(
      OTHER_PHONE,
      CODE,
      expect.objectContaining({ challenge: 'v1' }),
    );
  });

  it('attempts what needs no preparation without a challenge', async () => {
    const verify = vi.fn(async () => {});
    await start({ verify }).attemptSecondFactor({ strategy: 'totp', code: CODE });
    expect(verify).toHaveBeenCalledWith(
      TOTP,
      CODE,
      expect.not.objectContaining({ challenge: 'v1' }),
    );
  });

  it.each([
    ['nothing', undefined],
    ['true', true],
    ['a user', { user: {} }],
    ['a response', new Response()],
    ['a status in words', { status: 'verified' }],
    ['a status that is true', { status: true }],
  ])('takes %s for verified', async (_, answer) => {
    const flow = start({ verify: async () => answer });
    await flow.attemptSecondFactor({ strategy: 'totp', code: CODE });
    expect(flow.actor.getSnapshot().value).toBe('complete');
  });

  it.each([
    ['false', false, 'code_incorrect'],
    ['a refused response', new Response('', { status: 401 }), 'server_error'],
    ['a throttled response', { ok: false, status: 429 }, 'rate_limited'],
    [
      'an error',
      { data: null, error: { errors: [{ code: 'form_code_incorrect' }] } },
      'code_incorrect',
    ],
    ['a status that is no success', { status: 'pending' }, 'malformed_reply'],
    ['a status of false', { status: false }, 'malformed_reply'],
    ['success: false', { success: false }, 'malformed_reply'],
    ['verified: false', { verified: false }, 'malformed_reply'],
    ['ok: false alone', { ok: false }, 'malformed_reply'],
  ])('refuses %s', async (_, answer, code) => {
    const flow = start({ verify: async () => answer });
    const attempt = flow.attemptSecondFactor({ strategy: 'totp', code: CODE });
    await expect(attempt).rejects.toMatchObject({ code });
    expect(flow.actor.getSnapshot().value).not.toBe('complete');
  });

  const lost = async () => {
    throw new TypeError('Failed to fetch');
  };

  it('completes a lost attempt if this client is signed in', async () => {
    const flow = start({ verify: lost, holdsSession: async () => true });
    await flow.attemptSecondFactor({ strategy: 'totp', code: CODE });
    expect(flow.actor.getSnapshot().value).toBe('complete');
  });

  it.each([[false], [null]])('leaves a lost attempt open if it can only say %s', async (held) => {
    const flow = start({ verify: lost, holdsSession: async () => held });
    const attempt = flow.attemptSecondFactor({ strategy: 'totp', code: CODE });
    await expect(attempt).rejects.toMatchObject({ code: 'network' });
    expect(flow.actor.getSnapshot().value).toEqual({ failed: 'outcome_unknown' });
  });

  it('hears of what is verified elsewhere', () => {
    let tell = () => {};
    const flow = start({
      watch: (verified) => {
        tell = verified;
      },
    });
    tell();
    expect(flow.actor.getSnapshot().value).toBe('complete');
  });

  it('survives a reload of the page by its id', async () => {
    const first = start({ id: 'mfa_1' });
    await first.prepareSecondFactor(SMS);
    const resume = first.bookmark();
    expect(start({ id: 'mfa_1' }, { resume }).actor.getSnapshot().value).toBe('prepared');
    expect(start({ id: 'mfa_2' }, { resume }).actor.getSnapshot().value).toBe(
      'needs_second_factor',
    );
  });
});
