import { apiError } from './api-error.ts';
import type { SandboxLimits } from './limits.ts';

/** The part of a user that a lock is about. */
export interface Lockable {
  /** Consecutive failed attempts over all factors and sign-ins. */
  failures: number;
  /** When the lock ends, in ms since the epoch, or `Infinity`; `null` without a lock. */
  lockedUntil: number | null;
}

/** Ends a lock and forgets the failures. */
export function unlock(user: Lockable): void {
  user.lockedUntil = null;
  user.failures = 0;
}

/**
 * The end of the lock that is in force at a time, or `null`. A lock that has ended takes the
 * failures with it.
 */
export function lockedUntil(user: Lockable, at: number): number | null {
  if (user.lockedUntil !== null && at >= user.lockedUntil) unlock(user);
  return user.lockedUntil;
}

/** Refuses a locked user. @throws `user_locked` */
export function refuseLocked(user: Lockable, at: number): void {
  const until = lockedUntil(user, at);
  if (until === null) return;
  if (!Number.isFinite(until)) throw apiError('user_locked');
  const minutes = Math.ceil((until - at) / 60_000);
  const unit = minutes === 1 ? 'minute' : 'minutes';
  throw apiError('user_locked', {
    longMessage: `Your account is locked. You can try again in ${minutes} ${unit}.`,
    lockoutExpiresInSeconds: Math.ceil((until - at) / 1_000),
  });
}

/**
 * Counts a failed attempt, and locks the user when it is one too many in a row.
 *
 * NIST SP 800-63B-4 §3.2.2 limits consecutive failures on the account, not on one code or one
 * sign-in.
 *
 * @throws `form_code_incorrect`, or `user_locked` for the failure that locks
 */
export function fail(user: Lockable, at: number, limits: SandboxLimits): never {
  user.failures += 1;
  if (user.failures >= limits.lockAfterFailures) {
    user.lockedUntil = at + limits.lockDurationMs;
    refuseLocked(user, at);
  }
  throw apiError('form_code_incorrect', { paramName: 'code' });
}
