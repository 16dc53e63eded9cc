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
 * The SignIn API's codes that concern a second factor.
 *
 * @see https://clerk.com/docs/guides/development/errors/overview
 */
const API_CODES: Readonly<Record<string, SecondFactorErrorCode>> = {
  form_code_incorrect: 'code_incorrect',
  account_lockout_warning: 'code_incorrect', // "2, 1 or 0 attempts remaining"
  form_param_nil: 'code_malformed',
  form_param_missing: 'code_malformed',
  form_param_format_invalid: 'code_malformed',
  form_param_value_invalid: 'code_malformed',
  form_param_type_invalid: 'code_malformed',
  form_param_unknown: 'integration_fault',
  verification_expired: 'code_expired',
  verification_failed: 'attempts_exhausted',
  verification_missing: 'not_prepared',
  verification_not_sent: 'not_prepared',
  verification_strategy_invalid: 'code_superseded', // the live verification is of another strategy
  verification_already_verified: 'already_verified',
  verification_code_too_many_requests: 'rate_limited',
  too_many_requests: 'rate_limited',
  user_locked: 'locked',
  user_banned: 'locked',
  user_deactivated: 'locked',
  action_blocked: 'locked',
  device_blocked: 'locked',
  strategy_for_user_invalid: 'strategy_unavailable',
  no_second_factors: 'strategy_unavailable',
  backup_codes_not_available: 'strategy_unavailable',
  unsupported_country_code: 'strategy_unavailable',
  sms_send_error: 'delivery_failed',
  dev_monthly_sms_limit_exceeded: 'delivery_failed',
  dev_monthly_email_limit_exceeded: 'delivery_failed',
  client_state_invalid: 'sign_in_expired',
  client_not_found: 'sign_in_expired',
  resource_not_found: 'sign_in_expired',
  sign_in_identification_or_user_deleted: 'sign_in_expired',
  authentication_invalid: 'sign_in_expired',
  signed_out: 'sign_in_expired',
  dev_browser_unauthenticated: 'sign_in_expired',
  resource_forbidden: 'superseded', // a newer sign-in of the same client
  session_exists: 'superseded',
  identifier_already_signed_in: 'superseded',
  requires_protect_check: 'protect_check_required',
  requires_captcha: 'protect_check_required',
  captcha_client_attempts_exceeded: 'protect_check_required',
  captcha_unavailable: 'protect_check_required',
  session_creation_not_allowed: 'integration_fault',
  unsupported_content_type: 'integration_fault',
  origin_authorization_headers_conflict: 'integration_fault',
  network_error: 'network',
};

/** How Node, its fetch and common HTTP clients name a connection that failed. */
const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ERR_NETWORK',
  'UND_ERR_SOCKET',
]);
const TIMEOUT_CODES = new Set([
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);
/** How browsers, Node, React Native and clerk-js word it; nothing else tells these errors apart. */
const NETWORK_MESSAGE =
  /^(failed to fetch|fetch failed|load failed|networkerror when|network request failed|network ?error|clerkjs: network error)/i;

interface Rejection {
  readonly name: unknown;
  readonly message: unknown;
  readonly code: unknown;
  readonly status: unknown;
  readonly retryAfter: unknown;
  readonly causeCode: unknown;
  readonly errors: readonly ApiError[];
}

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
    const rejection = read(value);
    const known = rejection.errors.find((error) => codeOf(error) !== null) ?? rejection.errors[0];
    const field = known?.meta?.paramName;
    return new SecondFactorError((known && codeOf(known)) ?? codeWithoutErrors(rejection), {
      message: textOf(known?.longMessage) ?? textOf(known?.message),
      retryAt: readRetryAfter(rejection.retryAfter, at),
      field: textOf(field),
      cause: value,
    });
  } catch {
    return new SecondFactorError('server_error'); // a getter or a proxy threw
  }
}

function read(value: unknown): Rejection {
  const from = (typeof value === 'object' && value !== null ? value : {}) as Record<
    string,
    unknown
  >;
  const { name, message, code, status, retryAfter, errors, cause } = from;
  return {
    name,
    message,
    code,
    status,
    retryAfter,
    causeCode: (cause as { code?: unknown } | null | undefined)?.code,
    errors: Array.isArray(errors) ? errors.filter((one) => typeof one === 'object' && one) : [],
  };
}

function codeOf({ code, meta }: ApiError): SecondFactorErrorCode | null {
  const known = typeof code === 'string' && Object.hasOwn(API_CODES, code) ? API_CODES[code] : null;
  const isAboutOtherField = meta?.paramName !== undefined && meta.paramName !== 'code';
  return known === 'code_malformed' && isAboutOtherField ? 'integration_fault' : (known ?? null);
}

function codeWithoutErrors(rejection: Rejection): SecondFactorErrorCode {
  const { name, message, code, status, causeCode } = rejection;
  const own = codeOf({ code });
  if (own) return own;
  if (status === 429) return 'rate_limited';
  if (typeof status === 'number' && status > 0) {
    return status === 408 || status === 504 ? 'timeout' : 'server_error';
  }
  // An abort that is not ours: whoever gave up, nobody knows whether the request took effect.
  if (name === 'AbortError' || name === 'TimeoutError') return 'timeout';
  const codes = [code, causeCode].filter((one) => typeof one === 'string');
  if (codes.some((one) => TIMEOUT_CODES.has(one))) return 'timeout';
  if (codes.some((one) => NETWORK_CODES.has(one))) return 'network';
  return typeof message === 'string' && NETWORK_MESSAGE.test(message) ? 'network' : 'server_error';
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
const HTTP_DATE = /^[A-Z][a-z]+, \d{2}[ -][A-Z][a-z]{2}[ -]\d{2,4} \d{2}:\d{2}:\d{2} GMT$/;
const ASCTIME_DATE = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

function readWait(value: unknown, at: number): number {
  if (typeof value === 'number') return at + value * 1_000;
  if (typeof value !== 'string') return Number.NaN;
  const text = value.trim();
  if (/^\d+$/.test(text)) return at + Number(text) * 1_000;
  if (HTTP_DATE.test(text)) return Date.parse(text);
  return ASCTIME_DATE.test(text) ? Date.parse(`${text} GMT`) : Number.NaN;
}
