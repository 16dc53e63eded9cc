import { SecondFactorError, type SecondFactorErrorCode } from './errors.ts';
import { isWaitable } from './time.ts';

/**
 * Turns what a service rejected with into this library's error.
 *
 * @param value - the rejection, of any type
 * @param at - the time of the rejection, in ms since the epoch
 */
export type ToError = (value: unknown, at: number) => SecondFactorError;

/**
 * How an error is named that concerns a second factor, by what it means here: by its code in the
 * SignIn API, by its HTTP status where it has no code, and by the code, name or message that Node, its
 * fetch, browsers, React Native, common HTTP clients and clerk-js give to a connection that failed.
 *
 * @see https://clerk.com/docs/guides/development/errors/overview
 */
const NAMES: readonly (readonly [SecondFactorErrorCode, RegExp])[] = [
  ['code_incorrect', /^(form_code_incorrect|account_lockout_warning)$/],
  ['code_malformed', /^form_param_(nil|missing|(format|value|type)_invalid)$/],
  ['code_expired', /^verification_expired$/],
  ['attempts_exhausted', /^verification_failed$/],
  ['not_prepared', /^verification_(missing|not_sent)$/],
  ['code_superseded', /^verification_strategy_invalid$/], // the live one is of another strategy
  ['already_verified', /^verification_already_verified$/],
  ['rate_limited', /^((verification_code_)?too_many_requests|429)$/],
  ['locked', /^(user_(locked|banned|deactivated)|(action|device)_blocked)$/],
  [
    'strategy_unavailable',
    /^(strategy_for_user_invalid|no_second_factors|backup_codes_not_available|unsupported_country_code)$/,
  ],
  ['delivery_failed', /^(sms_send_error|dev_monthly_(sms|email)_limit_exceeded)$/],
  [
    'sign_in_expired',
    /^(client_state_invalid|(client|resource)_not_found|sign_in_identification_or_user_deleted|authentication_invalid|signed_out)$/,
  ],
  ['superseded', /^(resource_forbidden|session_exists|identifier_already_signed_in)$/],
  [
    'protect_check_required',
    /^(requires_(protect_check|captcha)|captcha_(client_attempts_exceeded|unavailable))$/,
  ],
  ['integration_fault', /^form_param_unknown$/],
  // An abort that is not ours: whoever gave up, nobody knows whether the request took effect.
  ['timeout', /^(ETIMEDOUT|UND_ERR_.+_TIMEOUT|(Abort|Timeout)Error|408|504)$/],
  [
    'network',
    /^(network_error$|E(CONN|HOSTUN|NETUN|NOTFOUND|AI_AGAIN|PIPE|RR_NETWORK)|UND_ERR_SOCKET)/,
  ],
  [
    'network',
    /^(failed to fetch|(fetch|load) failed|(clerkjs: )?network ?(error|request failed))/i,
  ],
];

interface ApiError {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly longMessage?: unknown;
  readonly meta?: { readonly paramName?: unknown } | null;
}

/**
 * Reads the SignIn API's `{ status, errors: [{ code, longMessage, meta }], retryAfter? }`, aborts,
 * and the ways in which runtimes spell a network failure; the rest is `server_error`. Never throws.
 */
export function defaultToError(value: unknown, at: number): SecondFactorError {
  try {
    const { errors, retryAfter, status, code, cause, name, message } = Object(value);
    const all: ApiError[] = Array.isArray(errors) ? errors.map(Object) : [];
    const known = all.find(codeOf) ?? all[0] ?? {};
    const names = status ? [status] : [code, Object(cause).code, name, message];
    return new SecondFactorError(codeOf(known) ?? codeNamed(...names) ?? 'server_error', {
      // SAFETY: the error keeps no field that is not of its type.
      message: (known.longMessage || known.message) as string,
      retryAt: readRetryAfter(retryAfter, at),
      field: known.meta?.paramName as string,
      cause: value,
    });
  } catch {
    return new SecondFactorError('server_error'); // a getter or a proxy threw
  }
}

function codeOf({ code, meta }: ApiError): SecondFactorErrorCode | undefined {
  const known = codeNamed(code);
  const isAboutOtherField = (meta?.paramName ?? 'code') !== 'code';
  return known === 'code_malformed' && isAboutOtherField ? 'integration_fault' : known;
}

function codeNamed(...names: unknown[]): SecondFactorErrorCode | undefined {
  return NAMES.find(([, pattern]) => names.some((name) => pattern.test(String(name))))?.[0];
}

/**
 * Reads a `Retry-After`: a number of seconds, or an HTTP-date (RFC 9110 §10.2.3).
 *
 * @param value - the header's text, or the seconds as a number
 * @param at - the time of the reply, in ms since the epoch
 * @returns when to try again, in ms since the epoch; `undefined` for what makes no sense
 */
export function readRetryAfter(value: unknown, at: number): number | undefined {
  const until = readWait(value, at);
  return isWaitable(until, at) ? until : undefined;
}

function readWait(value: unknown, at: number): number {
  const text = String(value).trim();
  if (typeof value === 'number' || /^\d+$/.test(text)) return at + Number(text) * 1_000;
  // RFC 9110 §5.6.7: a recipient accepts all three formats; the last has no zone and is in GMT.
  return Date.parse(/GMT$/.test(text) ? text : `${text} GMT`);
}
