import type { BrowserContext } from 'playwright-core';
import { SimulatedClock } from 'xstate';

/** Where a stopped clock stands: at a whole minute, when the code of an authenticator is new. */
const START = Date.UTC(2026, 4, 4, 10, 0);

/**
 * A clock that stands still until a test moves it. Pages and the world behind them go by it. However slow
 * a browser is, no code expires meanwhile.
 */
export class StoppedClock extends SimulatedClock {
  readonly #contexts = new Set<BrowserContext>();

  constructor() {
    super();
    this.set(START);
  }

  /** Stops the time of a context. It must not have a page yet. */
  async stop(context: BrowserContext): Promise<void> {
    this.#contexts.add(context);
    context.once('close', () => this.#contexts.delete(context));
    await context.addInitScript(keepTimers);
    await context.clock.install({ time: this.now() });
    await context.clock.pauseAt(this.now());
    await context.addInitScript(letFramesCome);
  }

  /** Lets time pass on both sides, in ms. The world goes first: a page may ask it for something. */
  async pass(ms: number): Promise<void> {
    this.increment(ms);
    for (const context of this.#contexts) await context.clock.fastForward(ms);
  }
}

/** Runs in a page before its clock is replaced. */
function keepTimers(): void {
  Reflect.set(window, 'timers', {
    setTimeout: window.setTimeout.bind(window),
    clearTimeout: window.clearTimeout.bind(window),
    setInterval: window.setInterval.bind(window),
    requestAnimationFrame: window.requestAnimationFrame.bind(window),
    cancelAnimationFrame: window.cancelAnimationFrame.bind(window),
  });
}

/**
 * Runs in a page after its clock was replaced. Frames and timers of less than a second go on by themselves:
 * frameworks draw with them. They too read the time that stands still.
 */
function letFramesCome(): void {
  const real = Reflect.get(window, 'timers') as typeof window;
  const stopped = { setTimeout, clearTimeout, setInterval };
  const isSoon = (ms = 0) => ms < 1_000;
  const clear = (id?: number) => {
    // Stopped timers have numbers from here on; a browser's are smaller.
    if (id !== undefined && id < 1e12) real.clearTimeout(id);
    else stopped.clearTimeout(id);
  };
  Object.assign(window, {
    setTimeout: (run: TimerHandler, ms?: number, ...rest: unknown[]) =>
      (isSoon(ms) ? real : stopped).setTimeout(run, ms, ...rest),
    setInterval: (run: TimerHandler, ms?: number, ...rest: unknown[]) =>
      (isSoon(ms) ? real : stopped).setInterval(run, ms, ...rest),
    clearTimeout: clear,
    clearInterval: clear,
    requestAnimationFrame: real.requestAnimationFrame,
    cancelAnimationFrame: real.cancelAnimationFrame,
  });
}
