import { abortError } from './network-error.ts';

/** The two timer functions the sandbox uses; XState's `SimulatedClock` fits as it is. */
export interface SandboxClock {
  setTimeout(callback: () => void, delayMs: number): unknown;
  clearTimeout(id: unknown): void;
  /** Where a clock tells the time too, the sandbox reads it unless it was given another `now`. */
  now?(): number;
}

/** The timers of the runtime. */
export const realClock: SandboxClock = {
  setTimeout: (callback, delayMs) => globalThis.setTimeout(callback, delayMs),
  clearTimeout: (id) => globalThis.clearTimeout(id as ReturnType<typeof globalThis.setTimeout>),
};

/**
 * Waits on a clock.
 *
 * @param delayMs - how long, in ms; `Infinity` waits for the abort alone
 * @throws `AbortError` (or `TimeoutError`) as soon as the signal is aborted
 */
export function wait(clock: SandboxClock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(abortError(signal));
      return;
    }
    const stop = () => {
      if (timer !== undefined) clock.clearTimeout(timer);
      reject(abortError(signal));
    };
    signal.addEventListener('abort', stop, { once: true });
    const timer =
      delayMs === Number.POSITIVE_INFINITY
        ? undefined
        : clock.setTimeout(() => {
            signal.removeEventListener('abort', stop);
            resolve();
          }, delayMs);
  });
}
