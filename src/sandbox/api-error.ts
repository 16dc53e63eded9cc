/** One entry of an error answer, in the field names a client of the SignIn API sees. */
export interface SandboxApiErrorEntry {
  /** The stable code, such as `form_code_incorrect`. */
  code: string;
  /** A short text. */
  message: string;
  /** A sentence for the user. */
  longMessage: string;
  /**
   * `paramName` names the parameter at fault; `lockoutExpiresInSeconds` comes with a lock that
   * ends.
   */
  meta: { paramName?: string; lockoutExpiresInSeconds?: number };
}

/** Fields that `apiError` fills in on top of the table. */
interface SandboxApiErrorInit {
  status?: number;
  paramName?: string;
  message?: string;
  longMessage?: string;
  lockoutExpiresInSeconds?: number;
  retryAfter?: number | string;
}

/**
 * A refusal of the backend, in the shape in which clients of the SignIn API reject: `{ status,
 * errors, retryAfter? }`. Holds no part of the request, so it never holds the code.
 */
export class SandboxApiError extends Error {
  override readonly name = 'SandboxApiError';
  /** The HTTP status. */
  readonly status: number;
  /** What was wrong, the main reason first; empty where the answer could not be read. */
  readonly errors: readonly SandboxApiErrorEntry[];
  /** Seconds, or an HTTP-date, exactly as `Retry-After` has it. */
  readonly retryAfter?: number | string;

  constructor(
    status: number,
    errors: readonly SandboxApiErrorEntry[],
    retryAfter?: number | string,
  ) {
    super(errors[0]?.longMessage ?? `The server answered ${status}.`);
    this.status = status;
    this.errors = errors;
    if (retryAfter !== undefined) this.retryAfter = retryAfter;
  }
}

// Statuses and codes as the SignIn API documents them; the sentences are ours.
const TABLE: Readonly<
  Record<string, readonly [status: number, message: string, longMessage: string]>
> = {
  form_param_unknown: [422, 'is unknown', 'A parameter is not known here.'],
  form_param_nil: [422, 'is missing', 'A parameter is missing.'],
  form_param_format_invalid: [422, 'is invalid', 'A parameter does not have the right form.'],
  form_param_value_invalid: [
    422,
    'is not allowed',
    'A parameter has a value that is not allowed here.',
  ],
  form_identifier_not_found: [422, 'is unknown', "Couldn't find your account."],
  form_password_incorrect: [
    422,
    'is incorrect',
    'Password is incorrect. Try again, or use another method.',
  ],
  form_code_incorrect: [422, 'is incorrect', 'Incorrect code'],
  verification_missing: [400, 'verification missing', 'Ask for a code before you attempt one.'],
  verification_strategy_invalid: [
    400,
    'verification strategy invalid',
    'The verification under way is of another strategy.',
  ],
  verification_expired: [
    400,
    'expired',
    'This verification has expired. You must create a new one.',
  ],
  verification_failed: [
    400,
    'failed',
    'Too many failed attempts. You have to try again with the same or another method.',
  ],
  verification_already_verified: [
    400,
    'already verified',
    'This verification has already been verified.',
  ],
  verification_code_too_many_requests: [
    429,
    'too many codes requested',
    'A code was sent a moment ago. Please wait before you ask for another.',
  ],
  too_many_requests: [429, 'too many requests', 'Too many requests. Please try again in a bit.'],
  strategy_for_user_invalid: [400, 'strategy invalid', 'This factor does not belong to the user.'],
  no_second_factors: [400, 'no second factors', 'The user has no second factor.'],
  backup_codes_not_available: [400, 'no backup codes', 'There are no backup codes left.'],
  passkey_not_registered: [404, 'not registered', 'This passkey does not belong to the user.'],
  passkey_authentication_failure: [400, 'not verified', 'The passkey could not be verified.'],
  user_locked: [403, 'account locked', 'Your account is locked. Please contact support.'],
  resource_not_found: [404, 'not found', 'The resource was not found.'],
  resource_forbidden: [403, 'forbidden', 'A newer sign-in has taken the place of this one.'],
  client_state_invalid: [
    400,
    'client state invalid',
    'The sign-in is not waiting for a second factor.',
  ],
  requires_protect_check: [403, 'check required', 'Another check has to be passed first.'],
  sms_send_error: [400, 'not sent', 'The text message could not be sent.'],
  idempotency_key_reused: [
    422,
    'key reused',
    'This Idempotency-Key came with another request before.',
  ],
  unsupported_content_type: [
    415,
    'unsupported content type',
    'Send application/x-www-form-urlencoded.',
  ],
  internal_clerk_error: [500, 'internal error', 'There was an internal error on our servers.'],
};

const CODE_BY_STATUS: Readonly<Record<number, string>> = {
  403: 'resource_forbidden',
  404: 'resource_not_found',
  415: 'unsupported_content_type',
  429: 'too_many_requests',
};

/**
 * Makes the error of a code. A code outside the table is allowed, for injected faults, and counts
 * as a 400.
 *
 * @param code - a code of the SignIn API
 * @param init - overrides for status and texts, and the meta of the entry
 */
export function apiError(code: string, init: SandboxApiErrorInit = {}): SandboxApiError {
  const row = Object.hasOwn(TABLE, code) ? TABLE[code] : undefined;
  const [status, message, longMessage] = row ?? [400, code, 'The request was refused.'];
  const entry: SandboxApiErrorEntry = {
    code,
    message: init.message ?? message,
    longMessage: init.longMessage ?? init.message ?? longMessage,
    meta: {
      ...(init.paramName !== undefined && { paramName: init.paramName }),
      ...(init.lockoutExpiresInSeconds !== undefined && {
        lockoutExpiresInSeconds: init.lockoutExpiresInSeconds,
      }),
    },
  };
  return new SandboxApiError(init.status ?? status, [entry], init.retryAfter);
}

/** Names the code that usually goes with an HTTP status, for faults that give a status alone. */
export function codeForStatus(status: number): string {
  return CODE_BY_STATUS[status] ?? (status >= 500 ? 'internal_clerk_error' : 'request_refused');
}
