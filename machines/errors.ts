import { isTime } from './time.ts';
import { readCount, readList, readWord } from './untrusted.ts';

/**
 * What the error of a request leads to.
 * - `code_rejected`: another code may be typed
 * - `code_spent`: the delivery is gone
 * - `not_sent`: a prepare sent nothing; of an attempt it tells nothing
 * - `dismissed`: the user gave no proof, and nothing was used up
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
  | 'dismissed'
  | 'not_provided'
  | 'lost'
  | 'throttled'
  | 'factor_gone'
  | 'already_verified'
  | 'halted';

/** code → effect */
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
  proof_dismissed: 'dismissed',
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
  enrolment_required: 'halted',
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

/** What is kept of a rejection: enough to find it in a log, and no text that could repeat a code. */
export interface ErrorCause {
  /** `TypeError`, `FirebaseError` … */
  readonly name?: string;
  /** The HTTP status. */
  readonly status?: number;
  /** The backend's own error codes, as words of at most 64 letters. */
  readonly codes?: readonly string[];
}

/** What a {@link SecondFactorError} is made with. What does not have its form is left out. */
export interface SecondFactorErrorInit {
  /** For your own logs. The flow puts the message of the code in its place. */
  readonly message?: string | undefined;
  /** When it may be tried again, in ms since the epoch. */
  readonly retryAt?: number | undefined;
  /** How many attempts the backend says are left: a whole number. */
  readonly attemptsLeft?: number | undefined;
  /** The request parameter that the backend complained about, by its name in the SignIn API. */
  readonly field?: string | undefined;
  /** The raw rejection. Only an {@link ErrorCause} is copied from it. */
  readonly cause?: unknown;
}

// Shared by copies of the package and by realms, where `instanceof` fails.
const BRAND = Symbol.for('second-factor/error');
const ERROR_NAME = /^[A-Za-z]{0,64}(Error|Exception)$/;
/** More errors than any reply has; the rest is not copied. */
const MOST_ERRORS = 10;
const FIELDS = [
  'code',
  'strategy',
  'phone_number_id',
  'email_address_id',
  'prepareSecondFactor',
  'attemptSecondFactor',
  'reloadSignIn',
];

/** The one error of this library. It never holds the code, nor the request that held it. */
export class SecondFactorError extends Error {
  override readonly name = 'SecondFactorError';
  readonly code: SecondFactorErrorCode;
  /** When it may be tried again, in ms since the epoch. */
  declare readonly retryAt?: number;
  /** How many attempts are left, where the backend told. */
  declare readonly attemptsLeft?: number;
  /** The request parameter that the backend complained about, or the service that nobody provided. */
  declare readonly field?: string;
  declare readonly cause?: ErrorCause;

  constructor(code: SecondFactorErrorCode, init: SecondFactorErrorInit = {}) {
    const { message, retryAt, attemptsLeft, field } = init;
    const cause = copyCause(init.cause);
    super(typeof message === 'string' ? message : messageOf(code), cause && { cause });
    this.code = code;
    Object.assign(
      this,
      isTime(retryAt) && { retryAt },
      readCount(attemptsLeft) !== null && { attemptsLeft },
      FIELDS.includes(String(field)) && { field },
    );
  }

  /** @internal the types of two copies of the package fit */
  get [BRAND](): true {
    return true;
  }
}

/** The default message of a code is the code in words: `code_incorrect` reads "Code incorrect." */
function messageOf(code: SecondFactorErrorCode): string {
  return `${code.replace(/^./, (first) => first.toUpperCase()).replaceAll('_', ' ')}.`;
}

/** A copy that holds nothing but what is this library's: its message is that of the code. */
export function copyError(
  error: SecondFactorError,
  patch?: Pick<SecondFactorErrorInit, 'retryAt'>,
): SecondFactorError {
  const { code, retryAt, attemptsLeft, field, cause } = error;
  return new SecondFactorError(code, { retryAt, attemptsLeft, field, cause, ...patch });
}

/** What a call of a service that nobody brought is refused with; its field says which one. */
export function notProvided(service: string): SecondFactorError {
  return new SecondFactorError('service_not_provided', { field: service });
}

/** Tells a {@link SecondFactorError} apart, also across realms and copies of the package. */
export function isSecondFactorError(value: unknown): value is SecondFactorError {
  try {
    const error: { readonly [BRAND]?: unknown; readonly code?: string } = Object(value);
    return error[BRAND] === true && Object.hasOwn(EFFECTS, String(error.code));
  } catch {
    return false; // null, or a getter or a proxy threw
  }
}

function copyCause(value: unknown): ErrorCause | undefined {
  try {
    if (typeof value !== 'object') return undefined;
    const { name, status, code, codes, errors } = value as Record<string, unknown>;
    const words = [
      code,
      ...readList(codes, MOST_ERRORS),
      ...readList(errors, MOST_ERRORS).map((error) => Object(error).code),
    ].flatMap((word) => readWord(word) ?? []);
    return {
      ...(ERROR_NAME.test(String(name)) && { name: String(name) }),
      ...(isStatus(status) && { status }),
      ...(words.length > 0 && { codes: words }),
    };
  } catch {
    return undefined; // null, or a getter or a proxy threw
  }
}

/** Whether it can be an HTTP status (RFC 9110 §15): a typed code has more digits. */
function isStatus(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 100 && Number(value) < 600;
}
