import { SecondFactorError, type SecondFactorErrorCode } from './errors.ts';

/**
 * Turns what a service rejected with into this library's error.
 *
 * @param value - the rejection, of any type
 * @param at - the time of the rejection, in ms since the epoch
 */
export type ToError = (value: unknown, at: number) => SecondFactorError;

/** A `Retry-After` further away than this makes no sense: a timer could not wait for it either. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/**
 * The SignIn API's codes that concern a second factor, by what they mean here.
 *
 * @see https://clerk.com/docs/guides/development/errors/overview
 */
const API_CODES: Partial<Record<SecondFactorErrorCode, string>> = {
  code_incorrect: 'form_code_incorrect account_lockout_warning',
  code_malformed:
    'form_param_nil form_param_missing form_param_format_invalid form_param_value_invalid form_param_type_invalid',
  code_expired: 'verification_expired',
  attempts_exhausted: 'verification_failed',
  not_prepared: 'verification_missing verification_not_sent',
  code_superseded: 'verification_strategy_invalid', // the live verification is of another strategy
  already_verified: 'verification_already_verified',
  rate_limited: 'verification_code_too_many_requests too_many_requests',
  locked: 'user_locked user_banned user_deactivated action_blocked device_blocked',
  strategy_unavailable:
    'strategy_for_user_invalid no_second_factors backup_codes_not_available unsupported_country_code',
  delivery_failed: 'sms_send_error dev_monthly_sms_limit_exceeded dev_monthly_email_limit_exceeded',
  sign_in_expired:
    'client_state_invalid client_not_found resource_not_found sign_in_identification_or_user_deleted authentication_invalid signed_out',
  superseded: 'resource_forbidden session_exists identifier_already_signed_in',
  protect_check_required:
    'requires_protect_check requires_captcha captcha_client_attempts_exceeded captcha_unavailable',
  integration_fault: 'form_param_unknown',
  network: 'network_error',
};

/** How Node, its fetch and common HTTP clients name a connection that failed, or that was slow. */
const NETWORK_CODE =
  /^(ECONN(REFUSED|RESET|ABORTED)|E(HOST|NET)UNREACH|ENOTFOUND|EAI_AGAIN|EPIPE|ERR_NETWORK|UND_ERR_SOCKET)$/;
const TIMEOUT_CODE = /^(ETIMEDOUT|UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT)$/;
/** How browsers, Node, React Native and clerk-js word it; nothing else tells these errors apart. */
const NETWORK_MESSAGE =
  /^(failed to fetch|fetch failed|load failed|networkerror when|network request failed|network ?error|clerkjs: network error)/i;

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
    const { errors, retryAfter } = Object(value);
    const all: ApiError[] = Array.isArray(errors) ? errors.map(Object) : [];
    const known = all.find(codeOf) ?? all[0] ?? {};
    return new SecondFactorError(codeOf(known) ?? codeWithoutErrors(Object(value)), {
      message: textOf(known.longMessage) ?? textOf(known.message),
      retryAt: readRetryAfter(retryAfter, at),
      field: textOf(known.meta?.paramName),
      cause: value,
    });
  } catch {
    return new SecondFactorError('server_error'); // a getter or a proxy threw
  }
}

function codeOf({ code, meta }: ApiError): SecondFactorErrorCode | undefined {
  const [known] =
    Object.entries(API_CODES).find(([, codes]) => codes.split(' ').includes(code as string)) ?? [];
  const isAboutOtherField = (meta?.paramName ?? 'code') !== 'code';
  if (known === 'code_malformed' && isAboutOtherField) return 'integration_fault';
  return known as SecondFactorErrorCode | undefined;
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
  // An abort that is not ours: whoever gave up, nobody knows whether the request took effect.
  if (name === 'AbortError' || name === 'TimeoutError' || isNamed(TIMEOUT_CODE)) return 'timeout';
  if (isNamed(NETWORK_CODE) || NETWORK_MESSAGE.test(String(message))) return 'network';
  return codeOf({ code }) ?? 'server_error';
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
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
  return until >= at && until <= at + LONGEST_WAIT_MS ? until : undefined;
}

// RFC 9110 §5.6.7: a recipient accepts all three formats; the last has no zone and is in GMT.
const HTTP_DATE = /^[A-Z][a-z]{2,8},? [\w -]+ \d\d:\d\d:\d\d( GMT| \d{4})$/;

function readWait(value: unknown, at: number): number {
  if (typeof value === 'number') return at + value * 1_000;
  const text = String(value).trim();
  if (/^\d+$/.test(text)) return at + Number(text) * 1_000;
  return HTTP_DATE.test(text) ? Date.parse(text.replace(/(?<! GMT)$/, ' GMT')) : Number.NaN;
}
