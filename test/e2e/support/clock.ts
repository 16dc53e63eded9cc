import type { BrowserContext } from 'playwright-core';
import { SimulatedClock } from 'xstate';

/** When a stopped clock begins: at a whole minute, so that no code of an authenticator is near its end. */
const START = Date.UTC(2026, 4, 4, 10, 0);

/**
 * A clock that stands still until a test moves it. The world behind a page goes by it, and so do the
 * pages: however slow a browser is, no code expires and no window closes meanwhile.
 */
export class StoppedClock extends SimulatedClock {
  readonly #contexts = new Set<BrowserContext>();

  constructor() {
    super();
    this.set(START);
  }

  /** Stops the time of a context whose pages are yet to be opened. */
  async stop(context: BrowserContext): Promise<void> {
    this.#contexts.add(context);
    context.once('close', () => this.#contexts.delete(context));
    await context.addInitScript(keepTimers);
    await context.clock.install({ time: this.now() });
    await context.clock.pauseAt(this.now());
    await context.addInitScript(letFramesCome);
  }

  /** Lets time pass on both sides, in ms: for the world first, as a page may ask it for something. */
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
 * Runs in a page afterwards: what is due in less than a second is how a framework draws, and comes by
 * itself. It reads the time that stands still.
 */
function letFramesCome(): void {
  const real = Reflect.get(window, 'timers') as typeof window;
  const stopped = { setTimeout, clearTimeout, setInterval };
  const isSoon = (ms = 0) => ms < 1_000;
  const clear = (id?: number) => {
    // The numbers of stopped timers begin where no browser's ever come to.
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
