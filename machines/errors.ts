import { isTime } from './time.ts';
import { readCount, readList, readWord } from './untrusted.ts';

/**
 * What the error of a request leads to.
 * - `code_rejected`: another code may be typed
 * - `code_spent`: the delivery is gone
 * - `not_sent`: a prepare sent nothing. The outcome of an attempt stays open
 * - `dismissed`: the user gave no proof, and may give it again
 * - `not_provided`: there is no such service, so nothing was sent
 * - `lost`: nobody knows whether the request took effect
 * - `throttled`: the user has to wait
 * - `factor_gone`: the factor is dropped
 * - `already_verified`: the backend is asked what is true
 * - `halted`: the flow ends without a verified second factor
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
  proof_dismissed: ['dismissed', 'No proof was given.'],
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
  enrolment_required: ['halted', 'A second factor has to be set up first.'],
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

/** What an error keeps of a rejection: enough to find it in a log, and no text that could repeat a code. */
export interface ErrorCause {
  /** `TypeError`, `FirebaseError` … */
  readonly name?: string;
  /** The HTTP status. */
  readonly status?: number;
  /** The backend's own error codes, as words of at most 64 letters. */
  readonly codes?: readonly string[];
}

/** What a {@link SecondFactorError} is made with. A value of the wrong form is left out. */
export interface SecondFactorErrorInit {
  /** For your own logs. The flow replaces it with the default message of the code. */
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

/** The one error of this library. It holds neither the code nor the request that held the code. */
export class SecondFactorError extends Error {
  override readonly name = 'SecondFactorError';
  readonly code: SecondFactorErrorCode;
  /** When it may be tried again, in ms since the epoch. */
  declare readonly retryAt?: number;
  /** How many attempts are left, if the backend told. */
  declare readonly attemptsLeft?: number;
  /** The request parameter that the backend complained about, or the service that nobody provided. */
  declare readonly field?: string;
  declare readonly cause?: ErrorCause;

  constructor(code: SecondFactorErrorCode, init: SecondFactorErrorInit = {}) {
    const { message, retryAt, attemptsLeft, field } = init;
    const cause = copyCause(init.cause);
    super(typeof message === 'string' ? message : TABLE[code][1], cause && { cause });
    this.code = code;
    Object.assign(
      this,
      isTime(retryAt) && { retryAt },
      readCount(attemptsLeft) !== null && { attemptsLeft },
      FIELDS.includes(String(field)) && { field },
    );
  }

  /** @internal makes the types of two copies of the package fit */
  get [BRAND](): true {
    return true;
  }
}

/** A copy that holds only fields of this library. Its message is the default one of its code. */
export function copyError(
  error: SecondFactorError,
  patch?: Pick<SecondFactorErrorInit, 'retryAt'>,
): SecondFactorError {
  const { code, retryAt, attemptsLeft, field, cause } = error;
  return new SecondFactorError(code, { retryAt, attemptsLeft, field, cause, ...patch });
}

/** Says that nobody provided a service. Its `field` names the service. */
export function notProvided(service: string): SecondFactorError {
  return new SecondFactorError('service_not_provided', { field: service });
}

/** Whether a value is a {@link SecondFactorError}, also one of another realm or copy of the package. */
export function isSecondFactorError(value: unknown): value is SecondFactorError {
  try {
    const error: { readonly [BRAND]?: unknown; readonly code?: string } = Object(value);
    return error[BRAND] === true && Object.hasOwn(TABLE, String(error.code));
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

/** Whether a number can be an HTTP status (RFC 9110 §15). A code that somebody typed has more digits. */
function isStatus(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 100 && Number(value) < 600;
}
