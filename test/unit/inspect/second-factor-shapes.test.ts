import { describe, expect, it } from 'vitest';
import { SecondFactorError } from '../../../machines/errors.ts';
import { oneTimeCode } from '../../../machines/one-time-code.ts';
import { secondFactorShape } from '../../../src/inspect/second-factor-shapes.ts';
import { show } from '../../../src/inspect/show.ts';

const shape = secondFactorShape();
const AT = 1_764_000_000_000;

describe('of the second-factor machine', () => {
  it.each([
    { signIn: { id: 'sia_2abCDef0123', status: 'needs_client_trust', createdSessionId: 'sess_1' } },
    { signIn: { secondFactorVerification: { attempts: 2, expireAt: AT } } },
    { factor: { strategy: 'phone_code', phoneNumberId: 'idn_1', safeIdentifier: '+30********90' } },
    { factor: { strategy: 'email_code', safeIdentifier: 'j…@example.com', primary: true } },
    { factor: { strategy: 'phone_code', safeIdentifier: '(•••) •••-••67' } },
    { requestId: '3b241101-e2bb-4255-8caf-4136c566a962', trustDevice: true, at: AT },
    {
      error: {
        code: 'rate_limited',
        message: new SecondFactorError('rate_limited').message,
        retryAt: AT,
        attemptsLeft: 2,
      },
    },
    { error: { cause: { name: 'TypeError', status: 503, codes: ['form_code_incorrect'] } } },
    { error: { cause: { name: 'NotAuthorizedException', codes: ['auth/internal-error'] } } },
    { deadlines: { hold: AT, 'resend:phone_code/idn_1': AT, 'expiry:email_code': AT } },
    { deliveries: { 'phone_code/sms|dev_x': { sentAt: AT, expiresAt: AT, confirmed: false } } },
    { error: { code: 'service_not_provided', field: 'reloadSignIn' } },
    { unavailable: ['totp'], unanswered: 1, outcome: 'halted', reason: 'locked' },
    { options: { resendCooldownMs: 30_000, requestTimeoutMs: null, liveDeliveries: 'one' } },
  ])('%j is shown', (value) => {
    expect(show(value, shape)).toEqual(value);
  });

  it.each([
    [
      { signIn: { id: 'hunter2', status: 'hunter2' } },
      { signIn: { id: '‹text›', status: '‹text›' } },
    ],
    [{ signIn: { id: 'idn_424242' } }, { signIn: { id: '‹text›' } }],
    [{ factor: { safeIdentifier: '+302101234567' } }, { factor: { safeIdentifier: '‹text›' } }],
    [{ factor: { safeIdentifier: 'joe@example.com' } }, { factor: { safeIdentifier: '‹text›' } }],
    [{ factor: { safeIdentifier: '**424242' } }, { factor: { safeIdentifier: '‹text›' } }],
    [{ error: { message: 'Your code 424242 is wrong.' } }, { error: { message: '‹text›' } }],
    [{ error: { attemptsLeft: 424_242 } }, { error: { attemptsLeft: '‹number›' } }],
    [
      { error: { cause: { codes: ['P2002', 424_242] } } },
      { error: { cause: { codes: ['‹text›', '‹number›'] } } },
    ],
    [{ deadlines: { 'resend:424242': AT } }, { deadlines: { '‹key 1›': AT } }],
    [
      { deliveries: { totp: { sentAt: 424_242, challenge: 'x' } } },
      { deliveries: { totp: { sentAt: '‹number›', '…': '1 more' } } },
    ],
    [{ code: oneTimeCode('424242') }, { code: '‹code›' }],
  ])('%j is not', (value, shown) => {
    expect(show(value, shape)).toEqual(shown);
  });

  it('strategies that a host has registered are shown by their name', () => {
    const strategies = {
      push: { needsPreparation: true, proof: 'code', idField: 'deviceId' },
    } as const;
    const factor = { strategy: 'push', deviceId: 'dev_1' };
    expect(show({ factor }, secondFactorShape(strategies))).toEqual({ factor });
    expect(show({ factor }, shape)).toEqual({ factor: { strategy: '‹text›', '…': '1 more' } });
  });
});
