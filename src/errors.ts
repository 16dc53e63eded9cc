/**
 * What the error of a request leads to.
 * - `code_rejected`: another code may be typed
 * - `code_spent`: the delivery is gone
 * - `not_sent`: answered, and nothing was sent
 * - `lost`: nobody knows whether the request took effect
 * - `throttled`: wait
 * - `factor_gone`: the factor is dropped
 * - `already_verified`: ask the backend what is true
 * - `halted`: it can't be verified in this flow
 */
export type ErrorEffect =
  | 'code_rejected'
  | 'code_spent'
  | 'not_sent'
  | 'lost'
  | 'throttled'
  | 'factor_gone'
  | 'already_verified'
  | 'halted';

/** The two requests that an error can answer. */
export type RequestKind = 'prepare' | 'attempt';

/** code → default message, effect on a prepare, effect on an attempt */
const TABLE = {
  code_malformed: ['The code is malformed.', 'not_sent', 'code_rejected'],
  not_prepared: ['No code was sent yet.', 'not_sent', 'code_spent'],
  resend_cooldown: ['A code was just sent.', 'throttled', 'throttled'],
  attempt_in_flight: ['An attempt is under way.', 'not_sent', 'lost'],
  no_factor: ['This factor is not offered.', 'factor_gone', 'factor_gone'],
  not_accepted: ['Not possible now.', 'not_sent', 'lost'],
  rate_limited: ['Too many requests.', 'throttled', 'throttled'],
  code_incorrect: ['The code is wrong.', 'not_sent', 'code_rejected'],
  code_expired: ['The code has expired.', 'not_sent', 'code_spent'],
  attempts_exhausted: ['Too many wrong codes.', 'not_sent', 'code_spent'],
  code_superseded: ['A newer code was sent.', 'not_sent', 'code_spent'],
  delivery_failed: ['The code was not sent.', 'not_sent', 'lost'],
  network: ['The network failed.', 'lost', 'lost'],
  timeout: ['No answer in time.', 'lost', 'lost'],
  server_error: ['The server failed.', 'lost', 'lost'],
  malformed_reply: ['The answer makes no sense.', 'lost', 'lost'],
  service_not_provided: ['A service was not provided.', 'not_sent', 'not_sent'],
  strategy_unavailable: ['This factor is not available.', 'factor_gone', 'factor_gone'],
  already_verified: ['Already verified.', 'already_verified', 'already_verified'],
  locked: ['The account is locked.', 'halted', 'halted'],
  sign_in_expired: ['The sign-in has expired.', 'halted', 'halted'],
  superseded: ['A newer sign-in was started.', 'halted', 'halted'],
  protect_check_required: ['Another check comes first.', 'halted', 'halted'],
  unexpected_status: ['The sign-in has an unexpected status.', 'halted', 'halted'],
  no_usable_factor: ['No factor can be used.', 'halted', 'halted'],
  not_applicable: ['No second factor is needed.', 'halted', 'halted'],
  integration_fault: ['The request was not understood.', 'halted', 'halted'],
  cancelled: ['Cancelled.', 'halted', 'halted'],
} as const satisfies Record<string, readonly [string, ErrorEffect, ErrorEffect]>;

/** Every code that a {@link SecondFactorError} can have. Codes are never renamed. */
export type SecondFactorErrorCode = keyof typeof TABLE;

/** Why a flow ended without a verified second factor. */
export type HaltReason =
  | 'already_verified'
  | {
      [Code in SecondFactorErrorCode]: (typeof TABLE)[Code][2] extends 'halted' ? Code : never;
    }[SecondFactorErrorCode];

/** Every error code, in the order of the table in the README. */
export const ERROR_CODES = Object.keys(TABLE) as readonly SecondFactorErrorCode[];

/** What an error with this code leads to when it answers a request of this kind. */
export function effectOf(code: SecondFactorErrorCode, request: RequestKind): ErrorEffect {
  return TABLE[code][request === 'prepare' ? 1 : 2];
}

/** Whether an error with this code always ends the flow. */
export function isHalting(code: SecondFactorErrorCode): boolean {
  return TABLE[code][2] === 'halted';
}

/** What is kept of a rejection: enough to debug it, nothing of the request. */
export interface ErrorCause {
  readonly name?: string;
  /** The HTTP status. */
  readonly status?: number;
  readonly errors?: readonly { readonly code?: string; readonly longMessage?: string }[];
}

/** What a {@link SecondFactorError} is made with. */
export interface SecondFactorErrorInit {
  /** For people. `@defaultValue` the message of the code */
  readonly message?: string | undefined;
  /** When it may be tried again, in ms since the epoch. */
  readonly retryAt?: number | undefined;
  /** How many attempts the backend says are left. */
  readonly attemptsLeft?: number | undefined;
  /** The request parameter that the backend complained about. */
  readonly field?: string | undefined;
  /** The raw rejection. Only an {@link ErrorCause} is copied from it. */
  readonly cause?: unknown;
}

// Shared by copies of the package and by realms, where `instanceof` fails.
const BRAND = Symbol.for('second-factor/error');
/** Longer texts of a backend are cut: they are shown to people. */
const LONGEST_TEXT = 500;
/** More errors than any reply has; the rest is not copied. */
const MOST_ERRORS = 10;
const FIELDS = { retryAt: 'number', attemptsLeft: 'number', field: 'string' };
const OWN_KEYS = ['stack', 'message', 'cause', 'name', 'code', ...Object.keys(FIELDS)];

/** The one error of this library. It never holds the code, nor the request that held it. */
export class SecondFactorError extends Error {
  override readonly name = 'SecondFactorError';
  readonly code: SecondFactorErrorCode;
  /** When it may be tried again, in ms since the epoch. */
  declare readonly retryAt?: number;
  /** How many attempts are left, where the backend told. */
  declare readonly attemptsLeft?: number;
  /** The request parameter that the backend complained about. */
  declare readonly field?: string;
  declare readonly cause?: ErrorCause;

  constructor(code: SecondFactorErrorCode, init: SecondFactorErrorInit = {}) {
    const cause = copyCause(init.cause);
    const { message = TABLE[code][0] } = pick(init, { message: 'string' });
    super(message as string, cause && { cause });
    Object.defineProperty(this, BRAND, { value: true });
    this.code = code;
    Object.assign(this, pick(init, FIELDS));
  }
}

/** Tells a {@link SecondFactorError} apart, also across realms and copies of the package. */
export function isSecondFactorError(value: unknown): value is SecondFactorError {
  try {
    const error = value as SecondFactorError | null;
    return (
      typeof error === 'object' && BRAND in Object(error) && Object.hasOwn(TABLE, error?.code ?? '')
    );
  } catch {
    return false; // a proxy threw
  }
}

/**
 * The error without what it must not hold: the given secret in its texts, and fields that are not
 * this library's. The very same error where there is nothing to take out.
 */
export function withoutSecret(error: SecondFactorError, secret: string | null): SecondFactorError {
  const { code, message, retryAt, attemptsLeft, field, cause } = error;
  const init = { message, retryAt, attemptsLeft, field, cause };
  const clean = redact(init, secret);
  const isOwn =
    error instanceof SecondFactorError &&
    Object.getOwnPropertyNames(error).every((key) => OWN_KEYS.includes(key));
  const isClean = isOwn && (clean === init || JSON.stringify(clean) === JSON.stringify(init));
  return isClean ? error : new SecondFactorError(code, clean);
}

/** A copy in which every occurrence of the secret in a text is replaced; the same without one. */
export function redact<T>(value: T, secret: string | null): T {
  if (!secret) return value;
  const clean = (part: unknown): unknown => {
    if (typeof part === 'string') return part.replaceAll(secret, '[redacted]');
    if (typeof part !== 'object' || part === null) return part;
    if (Array.isArray(part)) return part.map(clean);
    return Object.fromEntries(Object.entries(part).map(([key, entry]) => [key, clean(entry)]));
  };
  return clean(value) as T; // SAFETY: the same shape, and texts stay texts
}

function copyCause(value: unknown): ErrorCause | undefined {
  try {
    if (typeof value !== 'object' || value === null) return undefined;
    const { errors } = value as { errors?: unknown };
    return {
      ...pick(value, { name: 'string', status: 'number' }),
      ...(Array.isArray(errors) && {
        errors: errors
          .slice(0, MOST_ERRORS)
          .map((error) => pick(Object(error), { code: 'string', longMessage: 'string' })),
      }),
    };
  } catch {
    return undefined; // a getter or a proxy threw
  }
}

/** The fields that have the type that they should have, texts cut. */
function pick(from: object, types: Readonly<Record<string, string>>): Record<string, unknown> {
  const fields = Object.keys(types).map((key) => [key, (from as Record<string, unknown>)[key]]);
  return Object.fromEntries(
    fields
      .filter(([key, value]) => typeof value === types[key as string])
      .map(([key, value]) => [
        key,
        typeof value === 'string' ? value.slice(0, LONGEST_TEXT) : value,
      ]),
  );
}
