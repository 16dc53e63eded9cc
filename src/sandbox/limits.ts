/** Number of decimal digits in a delivered code. NIST SP 800-63B-4 §3.1.3: at least six. */
export const CODE_DIGITS = 6;

/** Lifetime of a delivered code in ms. NIST SP 800-63B-4 §3.1.3: invalid after 10 minutes. */
const CODE_LIFETIME_MS = 10 * 60_000;

/**
 * Wrong codes after which a delivered code is spent. Not published by real backends; five is a
 * usual value.
 */
const MAX_WRONG_CODES = 5;

/**
 * Consecutive failures, over all factors and sign-ins of a user, that lock the user.
 * NIST SP 800-63B-4 §3.2.2 allows at most 100; ten is strict enough to be met in a test.
 */
const LOCK_AFTER_FAILURES = 10;

/** How long a locked user stays locked, in ms. Real backends default to one hour. */
const LOCK_DURATION_MS = 60 * 60_000;

/**
 * Attempts that a user may make inside one window. The SignIn API documents 3 attempts per 10 s.
 */
const ATTEMPTS_PER_WINDOW = 3;

/** The sliding window of the attempt limit, in ms. The SignIn API documents 3 attempts per 10 s. */
const ATTEMPT_WINDOW_MS = 10_000;

/** Lifetime of a sign-in in ms; an older one is abandoned and answers 404. */
const SIGN_IN_LIFETIME_MS = 24 * 60 * 60_000;

/** Number of backup codes a user is given. */
export const BACKUP_CODE_COUNT = 10;

/** The time step of TOTP, in ms. RFC 6238 §5.2 recommends 30 seconds. */
export const TOTP_PERIOD_MS = 30_000;

/**
 * Time steps of drift that are tolerated each way. RFC 6238 §5.2: at most one step of network
 * delay.
 */
export const TOTP_DRIFT_STEPS = 1;

/** What the sandbox enforces; every field may be overridden by `createSandbox({ limits })`. */
export interface SandboxLimits {
  /** Lifetime of a delivered code, in ms. @defaultValue 600_000 */
  codeLifetimeMs: number;
  /**
   * Wrong codes that spend a delivered code; the answer to the next attempt is
   * `verification_failed`.
   *
   * @defaultValue 5
   */
  maxWrongCodes: number;
  /**
   * Consecutive failures that lock the user; the failure that reaches the number is answered
   * `user_locked`.
   *
   * @defaultValue 10
   */
  lockAfterFailures: number;
  /** How long the lock lasts, in ms; `Infinity` until `user.unlock()`. @defaultValue 3_600_000 */
  lockDurationMs: number;
  /**
   * Attempts of one user inside `attemptWindowMs`; `Infinity` switches the limit off.
   *
   * @defaultValue 3
   */
  attemptsPerWindow: number;
  /** The sliding window of that limit, in ms. @defaultValue 10_000 */
  attemptWindowMs: number;
  /**
   * Pause between two deliveries to one target of a sign-in, in ms, unless the first one is expired
   * or exhausted; a prepare inside it is answered 429 `verification_code_too_many_requests`.
   * @defaultValue 0, which is none
   */
  resendCooldownMs: number;
  /** Lifetime of a sign-in, in ms. @defaultValue 86_400_000 */
  signInLifetimeMs: number;
}

/** The limits of a sandbox that was given none. */
export const DEFAULT_LIMITS: Readonly<SandboxLimits> = Object.freeze({
  codeLifetimeMs: CODE_LIFETIME_MS,
  maxWrongCodes: MAX_WRONG_CODES,
  lockAfterFailures: LOCK_AFTER_FAILURES,
  lockDurationMs: LOCK_DURATION_MS,
  attemptsPerWindow: ATTEMPTS_PER_WINDOW,
  attemptWindowMs: ATTEMPT_WINDOW_MS,
  resendCooldownMs: 0,
  signInLifetimeMs: SIGN_IN_LIFETIME_MS,
});
