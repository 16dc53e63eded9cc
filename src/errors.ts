/**
 * What the error of a request leads to.
 * - `code_rejected`: another code may be typed
 * - `code_spent`: the delivery is gone
 * - `not_sent`: a prepare sent nothing; of an attempt it tells nothing
 * - `not_provided`: nothing was asked
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
  | 'not_provided'
  | 'lost'
  | 'throttled'
  | 'factor_gone'
  | 'already_verified'
  | 'halted';

/** What each code leads to. */
const EFFECTS = {
  code_malformed: 'code_rejected',
  not_prepared: 'code_spent',
  resend_cooldown: 'throttled',
  attempt_in_flight: 'not_sent',
  no_factor: 'factor_gone',
  not_accepted: 'not_sent',
  rate_limited: 'throttled',
  code_incorrect: 'code_rejected',
  code_expired: 'code_spent',
  attempts_exhausted: 'code_spent',
  code_superseded: 'code_spent',
  delivery_failed: 'not_sent',
  network: 'lost',
  timeout: 'lost',
  server_error: 'lost',
  malformed_reply: 'lost',
  service_not_provided: 'not_provided',
  strategy_unavailable: 'factor_gone',
  already_verified: 'already_verified',
  locked: 'halted',
  sign_in_expired: 'halted',
  superseded: 'halted',
  protect_check_required: 'halted',
  unexpected_status: 'halted',
  no_usable_factor: 'halted',
  not_applicable: 'halted',
  integration_fault: 'halted',
  cancelled: 'halted',
} as const satisfies Record<string, ErrorEffect>;

/** Every code that a {@link SecondFactorError} can have. Codes are never renamed. */
export type SecondFactorErrorCode = keyof typeof EFFECTS;

/** Why a flow ended without a verified second factor. */
export type HaltReason =
  | 'already_verified'
  | {
      [Code in SecondFactorErrorCode]: (typeof EFFECTS)[Code] extends 'halted' ? Code : never;
    }[SecondFactorErrorCode];

/** Every error code, in the order of the table in the README. */
export const ERROR_CODES = /* @__PURE__ */ Object.keys(EFFECTS) as readonly SecondFactorErrorCode[];

/** What an error with this code leads to. */
export function effectOf(code: SecondFactorErrorCode): ErrorEffect {
  return EFFECTS[code];
}

/** The message of an error that comes without one, for logs: its code in words. */
export function messageOf(code: SecondFactorErrorCode): string {
  return code.replaceAll('_', ' ');
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
  /** What the backend says to people. `@defaultValue` the code in words, for logs */
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
const FIELDS = { retryAt: 'number', attemptsLeft: 'number', field: 'string' } as const;

/** The one error of this library. It never holds the code, nor the request that held it. */
export class SecondFactorError extends Error {
  override readonly name = 'SecondFactorError';
  declare readonly code: SecondFactorErrorCode;
  /** When it may be tried again, in ms since the epoch. */
  declare readonly retryAt?: number;
  /** How many attempts are left, where the backend told. */
  declare readonly attemptsLeft?: number;
  /** The request parameter that the backend complained about. */
  declare readonly field?: string;
  declare readonly cause?: ErrorCause;

  get [BRAND](): boolean {
    return true;
  }

  /** @param secret - a text, such as the code, that is taken out of every other */
  constructor(code: SecondFactorErrorCode, init: SecondFactorErrorInit = {}, secret?: string) {
    const cause = copyCause(init.cause, secret);
    const { message = messageOf(code) } = pick(init, { message: 'string' }, secret);
    super(message as string, cause && { cause });
    Object.assign(this, { code }, pick(init, FIELDS, secret));
  }
}

/** What a call of a service that nobody brought is refused with; it says which one. */
export function notProvided(service: string): SecondFactorError {
  return new SecondFactorError('service_not_provided', { message: `${service} is not provided.` });
}

/** Tells a {@link SecondFactorError} apart, also across realms and copies of the package. */
export function isSecondFactorError(value: unknown): value is SecondFactorError {
  try {
    const error = value as SecondFactorError & { [BRAND]?: unknown };
    return error[BRAND] === true && Object.hasOwn(EFFECTS, error.code);
  } catch {
    return false; // null, or a getter or a proxy threw
  }
}

function copyCause(value: unknown, secret?: string): ErrorCause | undefined {
  try {
    if (typeof value !== 'object') return undefined;
    const raw = value as { readonly errors?: unknown };
    const { errors } = raw;
    return {
      ...pick(raw, { name: 'string', status: 'number' }, secret),
      ...(Array.isArray(errors) && {
        errors: errors
          .slice(0, MOST_ERRORS)
          .map((error) => pick(Object(error), { code: 'string', longMessage: 'string' }, secret)),
      }),
    };
  } catch {
    return undefined; // null, or a getter or a proxy threw
  }
}

/** The fields that have the type that they should have; texts are cut, and hold no secret. */
export function pick(
  from: object,
  types: Readonly<Record<string, 'string' | 'number'>>,
  secret?: string,
): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  for (const key of Object.keys(types)) {
    const value: unknown = from[key as never];
    if (typeof value !== types[key]) continue;
    const text = secret ? String(value).replaceAll(secret, '[redacted]') : String(value);
    picked[key] = typeof value === 'string' ? text.slice(0, LONGEST_TEXT) : value;
  }
  return picked;
}
