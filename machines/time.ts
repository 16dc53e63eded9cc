/** The longest delay of `setTimeout` (HTML §8.6: a 32-bit signed integer); past it, it fires at once. */
export const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** Whether a time can be waited for. Both in ms since the epoch; further away is a wrong clock. */
export function isWaitable(until: number, at: number): boolean {
  return until >= at && until <= at + LONGEST_DELAY_MS;
}
