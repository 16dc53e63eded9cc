const REDACTED = '[redacted]';

/**
 * A code that shows itself through `reveal()` alone: it is `[redacted]` in JSON, in text, in
 * templates, in Node's inspect, and its field cannot be reached from outside.
 */
export class OneTimeCode {
  readonly #text: string;

  /** @param text - the code as typed; the strategy normalises it when it is attempted */
  constructor(text: string) {
    this.#text = text;
  }

  /** Whether a value is one. The private field can't be forged, so `reveal()` can be trusted. */
  static is(value: unknown): value is OneTimeCode {
    return typeof value === 'object' && value !== null && #text in value;
  }

  /** The code itself. Hand it to the request and keep it nowhere. */
  reveal(): string {
    return this.#text;
  }

  toJSON(): string {
    return REDACTED;
  }

  toString(): string {
    return REDACTED;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return REDACTED;
  }
}

/**
 * Wraps what a person typed or pasted, for an `ATTEMPT` event.
 *
 * @param text - the code, as typed
 */
export function oneTimeCode(text: string): OneTimeCode {
  return new OneTimeCode(text);
}

/** A code that is well formed where a code has that many digits, to ask `snapshot.can` with. */
export function specimen(length = 1): OneTimeCode {
  return oneTimeCode('0'.repeat(length));
}
