/**
 * Keeps listeners and tells them, each one once per value; a listener that throws does not stop the
 * others.
 */
export class Listeners<Value> {
  readonly #listeners = new Set<(value: Value) => void>();

  /** Adds a listener. @returns a function that removes it */
  add(listener: (value: Value) => void): () => void {
    // A wrapper of its own, so that the same function added twice is told twice and removed one at
    // a time.
    const entry = (value: Value) => listener(value);
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  /** Tells every listener that was there when the call began. */
  tell(value: Value): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(value);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
