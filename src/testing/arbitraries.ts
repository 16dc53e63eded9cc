import * as fc from 'fast-check';
import type { SecondFactor } from '../../machines/factors.ts';
import { oneTimeCode } from '../../machines/one-time-code.ts';
import type { SecondFactorEvent } from '../../machines/second-factor.types.ts';
import type { SignIn, Verification } from '../../machines/sign-in.ts';
import { STRATEGIES } from '../../machines/strategies.ts';
import type { SandboxFault } from '../sandbox/index.ts';

/** The SignIn API's codes that a fault plan answers with; none of them ends a flow. */
export const PASSING_API_CODES = [
  'form_code_incorrect',
  'account_lockout_warning',
  'form_param_nil',
  'form_param_missing',
  'form_param_format_invalid',
  'form_param_value_invalid',
  'form_param_type_invalid',
  'verification_expired',
  'verification_failed',
  'verification_missing',
  'verification_not_sent',
  'verification_strategy_invalid',
  'verification_already_verified',
  'verification_code_too_many_requests',
  'sms_send_error',
  'dev_monthly_sms_limit_exceeded',
  'dev_monthly_email_limit_exceeded',
  'too_many_requests',
] as const;

/** The SignIn API's codes that end a flow or take a factor away. */
export const FINAL_API_CODES = [
  'user_locked',
  'user_banned',
  'user_deactivated',
  'action_blocked',
  'device_blocked',
  'resource_not_found',
  'resource_forbidden',
  'client_not_found',
  'client_state_invalid',
  'sign_in_identification_or_user_deleted',
  'authentication_invalid',
  'signed_out',
  'session_exists',
  'identifier_already_signed_in',
  'requires_protect_check',
  'requires_captcha',
  'captcha_client_attempts_exceeded',
  'captcha_unavailable',
  'form_param_unknown',
  'strategy_for_user_invalid',
  'no_second_factors',
  'backup_codes_not_available',
  'unsupported_country_code',
  'no_passkeys_found_for_user',
  'passkey_not_registered',
  'passkey_authentication_failure',
] as const;

/** What a fault plan may hold. */
export interface FaultOptions {
  /** Whether a fault may end the flow. `@defaultValue` false */
  readonly final?: boolean | undefined;
}

/** One fault: a delay, a lost request or reply, a duplicate, a refusal, junk, or no end at all. */
export function faults({ final = false }: FaultOptions = {}): fc.Arbitrary<SandboxFault> {
  const retryAfter = fc.option(
    fc.oneof(
      fc.integer({ min: 1, max: 120 }),
      fc.constantFrom('30', 'soon', '-5', 'Thu, 01 Jan 2026 00:01:00 GMT', '99999999999'),
    ),
    { nil: undefined },
  );
  const codes = final ? [...PASSING_API_CODES, ...FINAL_API_CODES] : PASSING_API_CODES;
  return fc.oneof(
    fc.record({ dropRequest: fc.constant(true) }),
    fc.record({ dropReply: fc.constant(true) }),
    fc.record({ delayMs: fc.integer({ min: 1, max: 45_000 }) }),
    fc.record({ requestDelayMs: fc.integer({ min: 1, max: 45_000 }) }),
    fc.record({ duplicate: fc.constantFrom(true, 'last' as const) }),
    fc.record({ neverSettles: fc.constant(true) }),
    fc.record({ code: fc.constantFrom(...codes) }),
    fc
      .record({ status: fc.constant(429), retryAfter })
      .map(({ status, retryAfter: wait }) =>
        wait === undefined ? { status } : { status, retryAfter: wait },
      ),
    fc.record({ status: fc.constantFrom(500, 502, 503, 504), takesEffect: fc.boolean() }),
    junk().map((garbage) => ({ garbage })),
    fc.constant({ unknownFields: true }),
  );
}

/** A fault for each of the next requests; `undefined` lets one pass. */
export function faultPlans(
  options: FaultOptions & { readonly maxLength?: number } = {},
): fc.Arbitrary<(SandboxFault | undefined)[]> {
  return fc.array(fc.option(faults(options), { nil: undefined }), {
    maxLength: options.maxLength ?? 8,
  });
}

/** A fault in words: `reply lost`. */
export function tellFault(fault: SandboxFault): string {
  if (fault.dropRequest) return 'request lost';
  if (fault.dropReply) return 'reply lost';
  if (fault.neverSettles) return 'never answered';
  if (fault.duplicate) return `sent twice, ${fault.duplicate === 'last' ? 'last' : 'first'} answer`;
  if (fault.delayMs) return `reply takes ${fault.delayMs} ms`;
  if (fault.requestDelayMs) return `request takes ${fault.requestDelayMs} ms`;
  if (fault.unknownFields) return 'reply has unknown fields';
  if ('garbage' in fault) return `junk ${tellJunk(fault.garbage)}`;
  const after = fault.retryAfter === undefined ? '' : `, Retry-After: ${fault.retryAfter}`;
  const effect = fault.takesEffect ? ' and takes effect' : '';
  return `answers ${fault.code ?? fault.status}${after}${effect}`;
}

function tellJunk(value: unknown): string {
  try {
    return fc.stringify(value).slice(0, 60);
  } catch {
    return '(a hostile object)';
  }
}

/** A factor of a built-in strategy, an unknown one among them now and then. */
export function factors(): fc.Arbitrary<SecondFactor> {
  const id = fc.constantFrom('idn_1', 'idn_2', 'idn_3');
  return fc.oneof(
    fc.constantFrom<SecondFactor>({ strategy: 'totp' }, { strategy: 'backup_code' }),
    fc.record({
      strategy: fc.constant('phone_code'),
      phoneNumberId: id,
      default: fc.boolean(),
    }),
    fc.record({ strategy: fc.constant('email_code'), emailAddressId: id }),
    fc.constantFrom<SecondFactor>({ strategy: 'passkey' }, { strategy: 'carrier_pigeon' }),
  );
}

/** A sign-in that waits for its second factor. */
export function signIns(): fc.Arbitrary<SignIn> {
  return fc.record({
    id: fc.constant('sia_1'),
    status: fc.constantFrom('needs_second_factor', 'needs_client_trust'),
    supportedSecondFactors: fc.array(factors(), { minLength: 1, maxLength: 6 }),
    secondFactorVerification: fc.constant(null),
    createdSessionId: fc.constant(null),
  });
}

/** A verification as a backend may send it, odd ones among them. */
export function verifications(): fc.Arbitrary<Verification> {
  return fc.record({
    status: fc.constantFrom('unverified', 'verified', 'failed', 'expired', 'transferable', null),
    strategy: fc.constantFrom(...Object.keys(STRATEGIES), 'carrier_pigeon', null),
    attempts: fc.option(fc.nat(10)),
    expireAt: fc.option(fc.constantFrom(0, 1, Date.UTC(2026, 0, 1, 0, 10), 8.64e15, 1e300)),
    error: fc.constant(null),
  });
}

/** A well-formed reply: the sign-in of the given id, or another one, in any status. */
export function replies(id = 'sia_1'): fc.Arbitrary<SignIn> {
  return fc.record({
    id: fc.oneof({ weight: 9, arbitrary: fc.constant(id) }, fc.constant('sia_other')),
    status: fc.constantFrom(
      'needs_second_factor',
      'needs_second_factor',
      'needs_client_trust',
      'complete',
      'needs_new_password',
      'needs_protect_check',
      'abandoned',
      'needs_first_factor',
      'shipped',
    ),
    supportedSecondFactors: fc.array(factors(), { maxLength: 6 }),
    secondFactorVerification: fc.option(verifications()),
    createdSessionId: fc.option(fc.constant('sess_1')),
  });
}

/** Junk: missing fields, wrong types, hostile getters and proxies, huge texts, `__proto__`. */
export function junk(): fc.Arbitrary<unknown> {
  const hostile = fc.constantFrom<() => unknown>(
    () =>
      new Proxy(
        {},
        {
          get: () => {
            throw new Error('a hostile proxy');
          },
        },
      ),
    () =>
      Object.defineProperty({}, 'id', {
        get: () => {
          throw new Error('a hostile getter');
        },
      }),
    () => JSON.parse('{"__proto__":{"id":"sia_1","status":"complete"}}') as unknown,
    () => Object.create({ id: 1, status: 'complete' }) as unknown,
    () => ({ id: 'x'.repeat(100_000), status: 'complete' }),
    () => ({ status: 'complete' }),
    () => ({ id: ['sia_1'], status: ['complete'] }),
    () => ({ id: 'sia_1', status: new String('complete') }),
    () => () => 'complete',
  );
  return fc.oneof(
    fc.constantFrom<unknown>(null, undefined, '', 'complete', 0, Number.NaN, true, [], {}),
    hostile.map((make) => make()),
    fc.jsonValue({ maxDepth: 2 }),
  );
}

/** What a service may reject with: the SignIn API's errors, broken connections, anything at all. */
export function rejections(): fc.Arbitrary<unknown> {
  const codes = fc.constantFrom(...PASSING_API_CODES, ...FINAL_API_CODES, 'something_new');
  return fc.oneof(
    fc
      .tuple(fc.constantFrom(400, 403, 404, 422, 429, 500), codes)
      .map(([status, code]) => ({ status, errors: [{ code, longMessage: code }] })),
    fc
      .constantFrom<() => unknown>(
        () => new TypeError('Failed to fetch'),
        () => new Error('socket hang up'),
        () => new DOMException('aborted', 'AbortError'),
        () => Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' }),
      )
      .map((make) => make()),
    junk(),
  );
}

/** An event of a user or a host, for the given factors, unacceptable ones among them. */
export function events(known: readonly SecondFactor[]): fc.Arbitrary<SecondFactorEvent> {
  const factor = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...known) },
    { weight: 1, arbitrary: factors() },
  );
  const code = fc.constantFrom('424242', '000000', '4 2 4 2 4 2', '', 'x'.repeat(10_000));
  const at = Date.UTC(2026, 0, 1);
  return fc.oneof(
    factor.map((one): SecondFactorEvent => ({ type: 'SELECT', factor: one })),
    fc
      .option(factor, { nil: undefined })
      .map((one): SecondFactorEvent => ({ type: 'PREPARE', factor: one, at })),
    fc.tuple(fc.option(factor, { nil: undefined }), code).map(
      ([one, typed]): SecondFactorEvent => ({
        type: 'ATTEMPT',
        factor: one,
        code: oneTimeCode(typed),
      }),
    ),
    fc.constantFrom<SecondFactorEvent>(
      { type: 'DEADLINE.PASSED', name: 'hold' },
      { type: 'DEADLINE.PASSED', name: '__proto__' },
    ),
    replies().map((signIn): SecondFactorEvent => ({ type: 'SIGN_IN.CHANGED', signIn, at })),
    { weight: 1, arbitrary: fc.constant<SecondFactorEvent>({ type: 'CANCEL' }) },
  );
}
