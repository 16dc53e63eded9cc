import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { SecondFactorErrorCode } from '../../src/index.ts';
import { FINAL_API_CODES, PASSING_API_CODES } from '../../src/testing/arbitraries.ts';
import { defaultToError, readRetryAfter } from '../../src/to-error.ts';
import { apiError, T0, trap } from '../support/sign-ins.ts';

const codeOf = (value: unknown) => defaultToError(value, T0).code;

/** Every code of the SignIn API that concerns a second factor, and what it means here. */
const API_CODES: readonly (readonly [string, SecondFactorErrorCode])[] = [
  ['form_code_incorrect', 'code_incorrect'],
  ['account_lockout_warning', 'code_incorrect'],
  ['form_param_nil', 'code_malformed'],
  ['form_param_missing', 'code_malformed'],
  ['form_param_format_invalid', 'code_malformed'],
  ['form_param_value_invalid', 'code_malformed'],
  ['form_param_type_invalid', 'code_malformed'],
  ['form_param_unknown', 'integration_fault'],
  ['verification_expired', 'code_expired'],
  ['verification_failed', 'attempts_exhausted'],
  ['verification_missing', 'not_prepared'],
  ['verification_not_sent', 'not_prepared'],
  ['verification_strategy_invalid', 'code_superseded'],
  ['verification_already_verified', 'already_verified'],
  ['verification_code_too_many_requests', 'rate_limited'],
  ['too_many_requests', 'rate_limited'],
  ['user_locked', 'locked'],
  ['user_banned', 'locked'],
  ['user_deactivated', 'locked'],
  ['action_blocked', 'locked'],
  ['device_blocked', 'locked'],
  ['strategy_for_user_invalid', 'strategy_unavailable'],
  ['no_second_factors', 'strategy_unavailable'],
  ['backup_codes_not_available', 'strategy_unavailable'],
  ['unsupported_country_code', 'strategy_unavailable'],
  ['no_passkeys_found_for_user', 'strategy_unavailable'],
  ['passkey_not_registered', 'strategy_unavailable'],
  ['passkey_authentication_failure', 'strategy_unavailable'],
  ['sms_send_error', 'delivery_failed'],
  ['dev_monthly_sms_limit_exceeded', 'delivery_failed'],
  ['dev_monthly_email_limit_exceeded', 'delivery_failed'],
  ['client_state_invalid', 'sign_in_expired'],
  ['client_not_found', 'sign_in_expired'],
  ['resource_not_found', 'sign_in_expired'],
  ['sign_in_identification_or_user_deleted', 'sign_in_expired'],
  ['authentication_invalid', 'sign_in_expired'],
  ['signed_out', 'sign_in_expired'],
  ['resource_forbidden', 'superseded'],
  ['session_exists', 'superseded'],
  ['identifier_already_signed_in', 'superseded'],
  ['requires_protect_check', 'protect_check_required'],
  ['requires_captcha', 'protect_check_required'],
  ['captcha_client_attempts_exceeded', 'protect_check_required'],
  ['captcha_unavailable', 'protect_check_required'],
];

const OTHER_CODES: typeof API_CODES = [
  ['network_error', 'network'],
  ['internal_clerk_error', 'server_error'],
  ['toString', 'server_error'],
];

describe("defaultToError, the SignIn API's errors", () => {
  it.each([...API_CODES, ...OTHER_CODES])('%s is %s, and no longer word is', (api, code) => {
    expect(codeOf(apiError(api))).toBe(code);
    expect(codeOf(apiError(`x${api}`))).toBe('server_error');
    expect(codeOf(apiError(`${api}x`))).toBe('server_error');
  });

  const ABOUT_A_PARAMETER = API_CODES.filter(([, ours]) => ours === 'code_malformed');
  it.each(ABOUT_A_PARAMETER)('%s is about the code, or else an integration_fault', (code) => {
    const error = (paramName: string) => ({ status: 422, errors: [{ code, meta: { paramName } }] });
    expect(codeOf(error('code'))).toBe('code_malformed');
    expect(codeOf(error('strategy'))).toBe('integration_fault');
    expect(codeOf({ status: 422, errors: [{ code }] })).toBe('code_malformed');
  });

  it('are the codes that the testing kit answers with', () => {
    const known = API_CODES.map(([code]) => code);
    expect([...PASSING_API_CODES, ...FINAL_API_CODES].sort()).toEqual(known.sort());
  });

  it('reads other codes alike, whatever parameter they are about', () => {
    const meta = { paramName: 'strategy' };
    expect(codeOf({ status: 422, errors: [{ code: 'user_locked', meta }] })).toBe('locked');
  });

  it('keeps the code and the field, and no text', () => {
    const meta = { paramName: 'code' };
    const errors = [{ code: 'form_code_incorrect', longMessage: 'Not 424242', meta }];
    const error = defaultToError({ status: 422, errors }, T0);
    expect(error).toMatchObject({
      message: 'The code is wrong.',
      field: 'code',
      cause: { status: 422, codes: ['form_code_incorrect'] },
    });
    expect(inspect(error)).not.toContain('424242');
  });

  it.each([
    ['the seconds', { meta: { lockoutExpiresInSeconds: 90 } }, 90_000],
    ['the seconds on the wire', { meta: { lockout_expires_in_seconds: 90 } }, 90_000],
    ['the text', { longMessage: 'You will be able to try again in 30 minutes.' }, 1_800_000],
    ['the text', { longMessage: 'Locked for 1 hour.' }, 3_600_000],
  ])('reads how long a lock lasts from %s', (_, told, ms) => {
    const error = defaultToError({ status: 403, errors: [{ code: 'user_locked', ...told }] }, T0);
    expect(error).toMatchObject({ code: 'locked', retryAt: T0 + ms });
  });

  it.each([
    ['user_locked', { longMessage: 'Locked. Ask in an hour.' }],
    ['user_locked', { meta: { lockoutExpiresInSeconds: 1e12 } }],
    ['user_locked', { longMessage: `${' '.repeat(1e6)}2 hours` }],
    ['form_code_incorrect', { longMessage: 'A code is valid for 10 minutes.' }],
  ])('reads no time for %s with %j', (code, told) => {
    expect(defaultToError({ errors: [{ code, ...told }] }, T0)).not.toHaveProperty('retryAt');
  });

  it('reads the first of a million errors', () => {
    const errors = new Array(1e6).fill({ code: 'odd' });
    expect(codeOf({ status: 422, errors })).toBe('server_error');
  });

  it('takes the first known code of several', () => {
    expect(
      codeOf({
        status: 422,
        errors: [null, { code: 'odd' }, { code: 'user_locked' }, { code: 'form_code_incorrect' }],
      }),
    ).toBe('locked');
  });

  it('reads a 429 without a code, with its wait', () => {
    expect(defaultToError({ status: 429, errors: [], retryAfter: 7 }, T0)).toMatchObject({
      code: 'rate_limited',
      retryAt: T0 + 7_000,
    });
  });
});

describe('defaultToError, everything else', () => {
  it.each([
    ['Chromium', new TypeError('Failed to fetch'), 'network'],
    ['Firefox', new TypeError('NetworkError when attempting to fetch resource.'), 'network'],
    ['Safari', new TypeError('Load failed'), 'network'],
    [
      'Node',
      Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED' } }),
      'network',
    ],
    ['React Native', new TypeError('Network request failed'), 'network'],
    ['clerk-js', new Error('ClerkJS: Network error at "https://x" - TypeError'), 'network'],
    [
      'a runtime error of clerk-js',
      Object.assign(new Error('x'), { code: 'network_error' }),
      'network',
    ],
    ['axios', Object.assign(new Error('x'), { code: 'ERR_NETWORK' }), 'network'],
    ['a socket', Object.assign(new Error('x'), { cause: { code: 'UND_ERR_SOCKET' } }), 'network'],
    [
      'a slow connection',
      Object.assign(new Error('x'), { cause: { code: 'UND_ERR_CONNECT_TIMEOUT' } }),
      'timeout',
    ],
    ['AbortSignal.timeout', new DOMException('x', 'TimeoutError'), 'timeout'],
    ["somebody else's abort", new DOMException('x', 'AbortError'), 'timeout'],
    ['a 504', { status: 504 }, 'timeout'],
    ['a 408', { status: 408 }, 'timeout'],
    ['a 502 with a page', { status: 502, errors: [] }, 'server_error'],
    ['a code of the API as a message', new Error('session_exists'), 'server_error'],
    ['a status as a message', new Error('429'), 'server_error'],
    ['a code of the API as a cause', { cause: { code: 'signed_out' } }, 'server_error'],
    ['the code of a socket in the API', apiError('ECONNREFUSED'), 'server_error'],
    ['a 502 in words', { status: 502, message: 'Network error' }, 'server_error'],
    ['a code in other words', Object.assign(new Error('x'), { code: 'NO_ECONN' }), 'server_error'],
    ['half a time-out', Object.assign(new Error('x'), { code: 'NO_ETIMEDOUT' }), 'server_error'],
    ['more than one', Object.assign(new Error('x'), { code: 'ETIMEDOUT_NOT' }), 'server_error'],
    ['a report', new Error('No luck: failed to fetch'), 'server_error'],
    ['a bug', new TypeError("Cannot read properties of undefined (reading 'x')"), 'server_error'],
    ['a text', 'Failed to fetch', 'server_error'],
    ['nothing', undefined, 'server_error'],
    ['null', null, 'server_error'],
    ['a trap', trap(), 'server_error'],
  ])('%s', (_, value, code) => {
    expect(codeOf(value)).toBe(code);
  });
});

it('keeps the name of an unknown error', () => {
  expect(defaultToError(new RangeError('full'), T0).cause).toEqual({ name: 'RangeError' });
});

describe('readRetryAfter', () => {
  it.each([
    [7, T0 + 7_000],
    [0.5, T0 + 500],
    ['7', T0 + 7_000],
    [' 120 ', T0 + 120_000],
    ['0', T0],
    [new Date(T0 + 60_000).toUTCString(), T0 + 60_000],
    ['Thursday, 01-Jan-26 12:01:00 GMT', T0 + 60_000],
    ['Thu Jan  1 12:01:00 2026', T0 + 60_000],
  ])('reads %j', (value, until) => {
    expect(readRetryAfter(value, T0)).toBe(until);
  });

  it.each([
    [undefined],
    [null],
    [''],
    ['soon'],
    ['-1'],
    [-1],
    ['1e3'],
    ['7s'],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    ['99999999999'],
    [new Date(T0 - 1_000).toUTCString()],
    ['2026-01-01'],
    ['Thu, 99 Foo 2026 12:01:00 GMT'],
    ['xThu, 01 Jan 2026 12:01:00 GMT'],
    ['Thu, 01 Jan 2026 12:01:00 GMT+1'],
    ['Thu, 01 Jan 2026 14:01:00 +0200'],
    ['2026-01-02'],
    ['1/2/2026'],
    [new Date(T0 + 3e11).toUTCString()],
    [{}],
  ])('takes %j as none', (value) => {
    expect(readRetryAfter(value, T0)).toBeUndefined();
  });
});
