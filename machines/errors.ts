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

/** code → effect, default message */
const TABLE = {
  code_malformed: ['code_rejected', 'The code is malformed.'],
  not_prepared: ['code_spent', 'No code was sent yet.'],
  resend_cooldown: ['throttled', 'It is too soon to send a code.'],
  attempt_in_flight: ['not_sent', 'An attempt is under way.'],
  no_factor: ['factor_gone', 'This factor is not offered, or not known.'],
  not_accepted: ['not_sent', 'Not possible now.'],
  rate_limited: ['throttled', 'Too many requests.'],
  code_incorrect: ['code_rejected', 'The code is wrong.'],
  code_expired: ['code_spent', 'The code has expired.'],
  attempts_exhausted: ['code_spent', 'Too many wrong codes.'],
  code_superseded: ['code_spent', 'A newer code was sent.'],
  delivery_failed: ['not_sent', 'The code was not sent.'],
  network: ['lost', 'The network failed, or the answer confirms nothing.'],
  timeout: ['lost', 'No answer in time.'],
  server_error: ['lost', 'The server failed.'],
  malformed_reply: ['lost', 'The answer is no sign-in.'],
  service_not_provided: ['not_provided', 'A service was not provided.'],
  strategy_unavailable: ['factor_gone', 'This factor is not available.'],
  already_verified: ['already_verified', 'Already verified.'],
  locked: ['halted', 'The account is locked.'],
  sign_in_expired: ['halted', 'The sign-in has expired.'],
  superseded: ['halted', 'A newer sign-in was started.'],
  protect_check_required: ['halted', 'Another check comes first.'],
  unexpected_status: ['halted', 'The sign-in has no id, or an unexpected status.'],
  no_usable_factor: ['halted', 'No factor of a known strategy is offered.'],
  not_applicable: ['halted', 'No second factor is needed.'],
  integration_fault: ['halted', 'The request was not understood.'],
  cancelled: ['halted', 'Cancelled.'],
} as const satisfies Record<string, readonly [ErrorEffect, string]>;

/** Every code that a {@link SecondFactorError} can have. Codes are never renamed. */
export type SecondFactorErrorCode = keyof typeof TABLE;

/** Why a flow ended without a verified second factor. */
export type HaltReason =
  | 'already_verified'
  | {
      [Code in SecondFactorErrorCode]: (typeof TABLE)[Code][0] extends 'halted' ? Code : never;
    }[SecondFactorErrorCode];

/** Every error code, in the order of the table in the README. */
export const ERROR_CODES = /* @__PURE__ */ Object.keys(TABLE) as readonly SecondFactorErrorCode[];

/** What an error with this code leads to. */
export function effectOf(code: SecondFactorErrorCode): ErrorEffect {
  return TABLE[code][0];
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
const NONE: ReadonlySet<string> = /* @__PURE__ */ new Set();
const FIELDS = { retryAt: 'number', attemptsLeft: 'number', field: 'string' } as const;

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

  /** @param secrets - texts, such as the codes that were sent, that are taken out of every other */
  constructor(
    code: SecondFactorErrorCode,
    init: SecondFactorErrorInit = {},
    secrets: ReadonlySet<string> = NONE,
  ) {
    const cause = copyCause(init.cause, secrets);
    const { message = TABLE[code][1] } = pick(init, { message: 'string' }, secrets);
    super(message as string, cause && { cause });
    this.code = code;
    Object.assign(this, pick(init, FIELDS, secrets));
  }

  /** @internal the types of two copies of the package fit */
  get [BRAND](): true {
    return true;
  }
}

/** What a call of a service that nobody brought is refused with; it says which one. */
export function notProvided(service: string): SecondFactorError {
  return new SecondFactorError('service_not_provided', { message: `${service} is not provided.` });
}

/** Tells a {@link SecondFactorError} apart, also across realms and copies of the package. */
export function isSecondFactorError(value: unknown): value is SecondFactorError {
  try {
    const error = value as { readonly [BRAND]: unknown; readonly code: string };
    return error[BRAND] === true && Object.hasOwn(TABLE, error.code);
  } catch {
    return false; // null, or a getter or a proxy threw
  }
}

function copyCause(value: unknown, secrets: ReadonlySet<string>): ErrorCause | undefined {
  try {
    if (typeof value !== 'object') return undefined;
    const raw = value as { readonly errors?: unknown };
    const { errors } = raw;
    return {
      ...pick(raw, { name: 'string', status: 'number' }, secrets),
      ...(Array.isArray(errors) && {
        errors: errors
          .slice(0, MOST_ERRORS)
          .map((error) => pick(Object(error), { code: 'string', longMessage: 'string' }, secrets)),
      }),
    };
  } catch {
    return undefined; // null, or a getter or a proxy threw
  }
}

/** The fields that have the type that they should have; texts are cut, and hold no secret. */
function pick(
  from: object,
  types: Readonly<Record<string, 'string' | 'number'>>,
  secrets: ReadonlySet<string>,
): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  // The longest first: one that begins another would leave the rest of it.
  const longestFirst = [...secrets].sort((one, other) => other.length - one.length);
  for (const key of Object.keys(types)) {
    let value: unknown = from[key as never];
    if (typeof value !== types[key]) continue;
    if (typeof value === 'string') {
      for (const secret of longestFirst) value = String(value).replaceAll(secret, '[redacted]');
      value = String(value).slice(0, LONGEST_TEXT);
    }
    picked[key] = value;
  }
  return picked;
}
