import type { Strategy } from './strategies.ts';

const REDACTED = '[redacted]';

/**
 * A code that only `reveal()` shows. It is `[redacted]` in JSON, in text, in templates and in Node's
 * inspect, and nobody can reach its field from outside.
 */
export class OneTimeCode {
  readonly #text: string;
  /** The code as a strategy wants it; the strategy is the one that asked last. */
  #normal: { readonly strategy: Strategy; readonly text: string | null } | undefined;

  /** @param text - the code as typed; the strategy normalises it when it is attempted */
  constructor(text: string) {
    this.#text = text;
  }

  /** Whether a value is one. Nobody can forge the private field, so `reveal()` can be trusted. */
  static is(value: unknown): value is OneTimeCode {
    return typeof value === 'object' && value !== null && #text in value;
  }

  /** @internal The code as a strategy wants it, normalised once; `null` if it is not well formed. */
  static normalize(code: OneTimeCode, strategy: Strategy): string | null {
    if (code.#normal?.strategy !== strategy) {
      code.#normal = { strategy, text: normalizeCode(strategy, code.#text) };
    }
    return code.#normal.text;
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

/** A well-formed code of that many digits, to ask `snapshot.can` with. */
export function specimen(length = 1): OneTimeCode {
  return oneTimeCode('0'.repeat(length));
}

/** Longer texts are no codes: real ones have 6 to 20 characters. */
const LONGEST_CODE = 256;

/**
 * Normalises what people type or paste. Numeric codes lose white space, dashes and invisible
 * characters, and any Unicode digits become ASCII; free text is only trimmed.
 *
 * @returns `null` when the text is not a well-formed code of this strategy.
 */
export function normalizeCode(strategy: Strategy, typed: string): string | null {
  // A caller without types may have put anything in, and a throwing guard would kill the actor.
  if (typeof typed !== 'string' || typed.length > LONGEST_CODE) return null;
  if (strategy.proof !== 'code') return null;
  if (strategy.length === undefined) return typed.trim() || null;
  const digits = Array.from(typed.replace(/[\s\p{Cf}\p{Pd}\u2212]/gu, ''), digitOf);
  return digits.length === strategy.length && !digits.includes(null) ? digits.join('') : null;
}

const DECIMAL_DIGIT = /\p{Nd}/u;

/** The value of a Unicode decimal digit. These come in unbroken runs of ten that start at zero. */
function digitOf(character: string): number | null {
  if (!DECIMAL_DIGIT.test(character)) return null;
  const point = Number(character.codePointAt(0));
  let first = point;
  while (DECIMAL_DIGIT.test(String.fromCodePoint(first - 1))) first -= 1;
  return (point - first) % 10;
}
