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
  code_malformed: ['The code does not have the right form.', 'not_sent', 'code_rejected'],
  not_prepared: ['A code has to be sent first.', 'not_sent', 'code_spent'],
  resend_cooldown: ['A code was sent a moment ago.', 'throttled', 'throttled'],
  attempt_in_flight: ['The last attempt is still under way.', 'not_sent', 'lost'],
  no_factor: ['The sign-in does not offer this factor.', 'factor_gone', 'factor_gone'],
  not_accepted: ['This is not possible now.', 'not_sent', 'lost'],
  rate_limited: ['There were too many requests.', 'throttled', 'throttled'],
  code_incorrect: ['The code is not correct.', 'not_sent', 'code_rejected'],
  code_expired: ['The code has expired.', 'not_sent', 'code_spent'],
  attempts_exhausted: ['There were too many wrong codes.', 'not_sent', 'code_spent'],
  code_superseded: ['A newer code has taken its place.', 'not_sent', 'code_spent'],
  delivery_failed: ['The code could not be sent.', 'not_sent', 'lost'],
  network: ['The network did not answer.', 'lost', 'lost'],
  timeout: ['The server did not answer in time.', 'lost', 'lost'],
  server_error: ['The server failed.', 'lost', 'lost'],
  malformed_reply: ['The server answered something that makes no sense.', 'lost', 'lost'],
  service_not_provided: ['A service was not provided.', 'not_sent', 'not_sent'],
  strategy_unavailable: ['This factor is not available.', 'factor_gone', 'factor_gone'],
  already_verified: ['This is verified already.', 'already_verified', 'already_verified'],
  locked: ['The account is locked.', 'halted', 'halted'],
  sign_in_expired: ['The sign-in has expired.', 'halted', 'halted'],
  superseded: ['Another sign-in has taken its place.', 'halted', 'halted'],
  protect_check_required: ['Another check has to be passed first.', 'halted', 'halted'],
  unexpected_status: ['The sign-in is in an unexpected state.', 'halted', 'halted'],
  no_usable_factor: ['No second factor can be used here.', 'halted', 'halted'],
  not_applicable: ['The sign-in needs no second factor.', 'halted', 'halted'],
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
const OWN_KEYS = ['stack', 'message', 'cause', 'name', 'code', 'retryAt', 'attemptsLeft', 'field'];
/** Longer texts of a backend are cut: they are shown to people. */
const LONGEST_MESSAGE = 500;
/** More errors than any reply has; the rest is not copied. */
const MOST_ERRORS = 10;

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
    super((init.message ?? TABLE[code][0]).slice(0, LONGEST_MESSAGE), cause && { cause });
    Object.defineProperty(this, BRAND, { value: true });
    this.code = code;
    if (init.retryAt !== undefined) this.retryAt = init.retryAt;
    if (init.attemptsLeft !== undefined) this.attemptsLeft = init.attemptsLeft;
    if (init.field !== undefined) this.field = init.field;
  }
}

/** Tells a {@link SecondFactorError} apart, also across realms and copies of the package. */
export function isSecondFactorError(value: unknown): value is SecondFactorError {
  try {
    if (typeof value !== 'object' || value === null || !(BRAND in value)) return false;
    const { code } = value as Partial<SecondFactorError>;
    return typeof code === 'string' && Object.hasOwn(TABLE, code);
  } catch {
    return false; // a proxy threw
  }
}

/**
 * The error without what it must not hold: the given secret in its texts, and fields that are not
 * this library's. The very same error where there is nothing to take out.
 */
export function withoutSecret(error: SecondFactorError, secret: string | null): SecondFactorError {
  const isOwn = error instanceof SecondFactorError && hasOwnKeysOnly(error);
  if (isOwn && (secret === null || !textsOf(error).some((text) => text.includes(secret)))) {
    return error;
  }
  const { code, message, retryAt, attemptsLeft, field, cause } = error;
  return new SecondFactorError(code, {
    message: redact(String(message), secret),
    retryAt: typeof retryAt === 'number' ? retryAt : undefined,
    attemptsLeft: typeof attemptsLeft === 'number' ? attemptsLeft : undefined,
    field: typeof field === 'string' ? redact(field, secret) : undefined,
    cause: redactCause(copyCause(cause), secret),
  });
}

/** The text with every occurrence of the secret replaced. */
export function redact(text: string, secret: string | null): string {
  return secret === null ? text : text.replaceAll(secret, '[redacted]');
}

function textsOf({ message, stack, field, cause }: SecondFactorError): string[] {
  const errors = cause?.errors?.flatMap(({ code, longMessage }) => [code, longMessage]) ?? [];
  return [message, stack, field, cause?.name, ...errors].filter((text) => text !== undefined);
}

/** Text by text: within JSON, a secret may be escaped, or stand in what is no text at all. */
function redactCause(cause: ErrorCause | undefined, secret: string | null): unknown {
  if (!cause) return undefined;
  const clean = <T extends object>(texts: T): T =>
    Object.fromEntries(
      Object.entries(texts).map(([key, value]) => [
        key,
        typeof value === 'string' ? redact(value, secret) : value,
      ]),
    ) as T; // SAFETY: the same keys, and texts stay texts
  return { ...clean(cause), ...(cause.errors && { errors: cause.errors.map(clean) }) };
}

function hasOwnKeysOnly(error: SecondFactorError): boolean {
  return Object.getOwnPropertyNames(error).every((key) => OWN_KEYS.includes(key));
}

function copyCause(value: unknown): ErrorCause | undefined {
  try {
    if (typeof value !== 'object' || value === null) return undefined;
    const { name, status, errors } = value as Record<string, unknown>;
    return {
      ...(typeof name === 'string' && { name: name.slice(0, LONGEST_MESSAGE) }),
      ...(typeof status === 'number' && { status }),
      ...(Array.isArray(errors) && { errors: errors.slice(0, MOST_ERRORS).map(copyApiError) }),
    };
  } catch {
    return undefined; // a getter or a proxy threw
  }
}

function copyApiError(value: unknown): { code?: string; longMessage?: string } {
  const { code, longMessage } = (value ?? {}) as Record<string, unknown>;
  return {
    ...(typeof code === 'string' && { code: code.slice(0, LONGEST_MESSAGE) }),
    ...(typeof longMessage === 'string' && { longMessage: longMessage.slice(0, LONGEST_MESSAGE) }),
  };
}
