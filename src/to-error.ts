import { SecondFactorError, type SecondFactorErrorCode } from '../machines/errors.ts';
import { isWaitable } from '../machines/time.ts';
import { readList } from '../machines/untrusted.ts';

/**
 * Turns what a service rejected with into this library's error.
 *
 * @param value - the rejection, of any type
 * @param at - the time of the rejection, in ms since the epoch
 */
export type ToError = (value: unknown, at: number) => SecondFactorError;

/**
 * The SignIn API's codes that concern a second factor, and what they mean here.
 *
 * @see https://clerk.com/docs/guides/development/errors/overview
 */
const API_CODES: readonly (readonly [SecondFactorErrorCode, RegExp])[] = [
  ['code_incorrect', /^(form_code_incorrect|account_lockout_warning)$/],
  ['code_malformed', /^form_param_(nil|missing|(format|value|type)_invalid)$/],
  ['code_expired', /^verification_expired$/],
  ['attempts_exhausted', /^verification_failed$/],
  ['not_prepared', /^verification_(missing|not_sent)$/],
  ['code_superseded', /^verification_strategy_invalid$/], // the live code is of another strategy
  ['already_verified', /^verification_already_verified$/],
  ['rate_limited', /^(verification_code_)?too_many_requests$/],
  ['locked', /^(user_(locked|banned|deactivated)|(action|device)_blocked)$/],
  [
    'strategy_unavailable',
    /^(strategy_for_user_invalid|no_second_factors|backup_codes_not_available|unsupported_country_code|no_passkeys_found_for_user|passkey_(not_registered|authentication_failure))$/,
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
  ['network', /^network_error$/],
];

/** How Node, its fetch and common HTTP clients name a failed connection, or a slow one. */
const NETWORK_CODE = /^(E(CONN|HOSTUN|NETUN|NOTFOUND|AI_AGAIN|PIPE|RR_NETWORK)|UND_ERR_SOCKET)/;
const TIMEOUT_CODE = /^(ETIMEDOUT|UND_ERR_.+_TIMEOUT)$/;
/** How browsers, Node, React Native and clerk-js word it. Nothing else tells these errors apart. */
const NETWORK_MESSAGE =
  /^(failed to fetch|(fetch|load) failed|(clerkjs: )?network ?(error|request failed))/i;

/** Only the beginning of a longer text is read. */
const LONGEST_TEXT = 500;
/** More errors than any reply has. The rest is not read. */
const MOST_ERRORS = 10;

interface ApiError {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly longMessage?: unknown;
  readonly meta?: Readonly<Record<string, unknown>> | null;
}

/**
 * Reads the SignIn API's `{ status, errors: [{ code, longMessage, meta }], retryAfter? }`, aborts, and the ways
 * in which runtimes spell a network failure. Anything else is `server_error`. Never throws.
 */
export function defaultToError(value: unknown, at: number): SecondFactorError {
  try {
    const { errors, retryAfter } = Object(value);
    const all: ApiError[] = readList(errors, MOST_ERRORS).map(Object);
    const known = all.find(codeOf) ?? all[0] ?? {};
    const code = codeOf(known) ?? codeWithoutErrors(Object(value));
    return new SecondFactorError(code, {
      retryAt:
        (code === 'locked' ? readRetryAfter(lockedForSeconds(known), at) : undefined) ??
        readRetryAfter(retryAfter, at),
      // SAFETY: the error leaves out a field that it does not know.
      field: known.meta?.paramName as string,
      cause: value,
    });
  } catch {
    return new SecondFactorError('server_error'); // a getter or a proxy threw
  }
}

const SECONDS: Readonly<Record<string, number>> = { second: 1, minute: 60, hour: 3_600 };

/** How long a lock lasts. Clerk's own client drops the number, so only the text has it. */
function lockedForSeconds({ meta, longMessage }: ApiError): unknown {
  const [, count, unit = ''] =
    /\b(\d{1,4}) (second|minute|hour)s?\b/.exec(String(longMessage).slice(0, LONGEST_TEXT)) ?? [];
  const told = meta?.lockoutExpiresInSeconds ?? meta?.lockout_expires_in_seconds;
  return told ?? Number(count) * Number(SECONDS[unit]);
}

function codeOf({ code, meta }: ApiError): SecondFactorErrorCode | undefined {
  const [known] = API_CODES.find(([, pattern]) => pattern.test(String(code))) ?? [];
  const isAboutOtherField = (meta?.paramName ?? 'code') !== 'code';
  return known === 'code_malformed' && isAboutOtherField ? 'integration_fault' : known;
}

function codeWithoutErrors({
  name,
  message,
  code,
  status,
  cause,
}: Record<string, unknown>): SecondFactorErrorCode {
  if (status === 429) return 'rate_limited';
  if (status === 408 || status === 504) return 'timeout';
  if (status) return 'server_error';
  const codes = [code, Object(cause).code].map(String);
  const isNamed = (pattern: RegExp) => codes.some((one) => pattern.test(one));
  // The abort is not ours. Somebody gave up, and nobody knows whether the request took effect.
  if (name === 'AbortError' || name === 'TimeoutError' || isNamed(TIMEOUT_CODE)) return 'timeout';
  if (isNamed(NETWORK_CODE) || NETWORK_MESSAGE.test(String(message))) return 'network';
  return codeOf({ code }) ?? 'server_error';
}

/**
 * Reads a `Retry-After`: a number of seconds, or an HTTP-date (RFC 9110 §10.2.3).
 *
 * @param value - the header's text, or the seconds as a number
 * @param at - the time of the reply, in ms since the epoch
 * @returns when to try again, in ms since the epoch; `undefined` if the value makes no sense
 */
export function readRetryAfter(value: unknown, at: number): number | undefined {
  const until = readWait(value, at);
  return isWaitable(until, at) ? until : undefined;
}

// RFC 9110 §5.6.7: a recipient accepts all three formats. The last has no zone and is in GMT.
const HTTP_DATE = /^[A-Z][a-z]{2,8},? [\w -]+(:\d\d){2}( GMT| \d{4})$/;

function readWait(value: unknown, at: number): number {
  const text = String(value).trim();
  if (typeof value === 'number' || /^\d+$/.test(text)) return at + Number(text) * 1_000;
  return HTTP_DATE.test(text) ? Date.parse(text.replace(/(?<! GMT)$/, ' GMT')) : Number.NaN;
}
