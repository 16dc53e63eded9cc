/** A timer of a {@link SimulatedTime}. */
interface Timer {
  readonly due: number;
  readonly callback: () => void;
}

/** Lets every promise that can go on go on. */
export async function settlePromises(): Promise<void> {
  // No chain between a service's reply and the snapshot is nearly as long.
  for (let turn = 0; turn < 40; turn += 1) await Promise.resolve();
}

/**
 * Time that a test moves: one clock for the timers of the actor and of the backend, and for `now`,
 * so that deadlines and the timers that end them never drift apart. Pass it as `clock`, and its
 * `now` as `now`.
 */
export class SimulatedTime {
  readonly #timers = new Map<number, Timer>();
  #now: number;
  #count = 0;

  /** @param start - ms since the epoch */
  constructor(start: number = Date.UTC(2026, 0, 1)) {
    this.#now = start;
  }

  /** The time, in ms since the epoch. */
  now = (): number => this.#now;

  setTimeout = (callback: () => void, delayMs: number): number => {
    this.#count += 1;
    this.#timers.set(this.#count, { due: this.#now + Math.max(0, delayMs), callback });
    return this.#count;
  };

  clearTimeout = (id: unknown): void => {
    this.#timers.delete(id as number);
  };

  /** How many timers are running. */
  get timers(): number {
    return this.#timers.size;
  }

  /**
   * Moves on, timer by timer, each at its own time, with the promises in between.
   *
   * @param ms - how far
   */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settlePromises();
    for (let next = this.#next(until); next !== undefined; next = this.#next(until)) {
      const [id, { due, callback }] = next;
      this.#timers.delete(id);
      this.#now = Math.max(this.#now, due);
      callback();
      await settlePromises();
    }
    this.#now = until;
    await settlePromises();
  }

  /**
   * Closes the laptop: the wall clock goes on and the timers do not, so that they are late by as
   * much when it is opened again.
   *
   * @param ms - for how long
   */
  sleep(ms: number): void {
    this.#now += ms;
    for (const [id, { due, callback }] of this.#timers) {
      this.#timers.set(id, { due: due + ms, callback });
    }
  }

  #next(until: number): [number, Timer] | undefined {
    let first: [number, Timer] | undefined;
    for (const entry of this.#timers) {
      if (entry[1].due <= until && (!first || entry[1].due < first[1].due)) first = entry;
    }
    return first;
  }
}
