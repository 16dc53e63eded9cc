/** Counts what happens inside a window of time that ends now. */
export interface SlidingWindow {
  /**
   * Lets one more through, or says how long to wait. What is refused does not count.
   *
   * @param at - now, in ms since the epoch
   * @returns 0, or the ms until one more fits
   */
  take(at: number): number;
}

/**
 * Makes a sliding window.
 *
 * @param most - how many fit into the window; `Infinity` for no limit
 * @param windowMs - its length, in ms
 */
export function createSlidingWindow(most: number, windowMs: number): SlidingWindow {
  let taken: number[] = [];
  return {
    take(at) {
      taken = taken.filter((time) => time > at - windowMs);
      const oldest = taken[taken.length - most];
      if (oldest !== undefined) return oldest + windowMs - at;
      taken.push(at);
      return 0;
    },
  };
}
