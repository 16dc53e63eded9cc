/** The longest delay of `setTimeout` (HTML §8.6: a 32-bit signed integer). A longer one fires at once. */
export const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** Whether a value is a time: what a `Date` can hold (ECMAScript §21.4.1.1), in ms since the epoch. */
export function isTime(value: unknown): value is number {
  return Number.isFinite(value) && Math.abs(value as number) <= 8.64e15;
}

/** Whether a timer can wait for a time. Both in ms since the epoch. A later time is a mistake. */
export function isWaitable(until: number, at: number): boolean {
  return until >= at && until <= at + LONGEST_DELAY_MS;
}

/** How long a timer waits for a time, in ms. Both in ms since the epoch. */
export function delayUntil(until: number, at: number): number {
  return Math.min(Math.max(until - at, 0), LONGEST_DELAY_MS);
}

/** The SignIn API lets a code be sent again after 30 s (Clerk docs, "OTP expiration and resend"). */
export const RESEND_COOLDOWN_MS = 30_000;
/** Long enough for a slow mobile network. A host whose requests wait for a captcha sets a longer one. */
export const REQUEST_TIMEOUT_MS = 30_000;
/** Short, because people have waited for the attempt already. Offline, Clerk's client takes 38 s. */
export const RELOAD_TIMEOUT_MS = 10_000;
