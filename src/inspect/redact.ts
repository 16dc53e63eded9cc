import { REDACTED } from './marks.ts';
import {
  entriesOf,
  errorMessage,
  firstOf,
  isPlainObject,
  jsonOf,
  labelOf,
  revealOneTimeCode,
  textOfBytes,
  unboxed,
} from './read-values.ts';
import { createSecretMemory, type TextKind } from './secret-memory.ts';
import {
  isContactName,
  isErrorCode,
  isFactorName,
  isKindName,
  isMasked,
  isMeasureName,
  isSecretName,
  isTypedDigits,
  isTypedNumber,
  plainName,
} from './secret-patterns.ts';

/** Plain data that survives `JSON.stringify` and `structuredClone` unchanged. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export { REDACTED };

/** Limits of a copy, and what else counts as secret. */
export interface RedactOptions {
  /**
   * Names of further properties whose values are never shown. Case and punctuation do not count:
   * `recovery-word` also hides `recoveryWord`.
   */
  readonly secretKeys?: readonly string[];
  /** @defaultValue 12 levels of nesting */
  readonly maxDepth?: number;
  /** @defaultValue 200 entries of one list or object */
  readonly maxEntries?: number;
  /** @defaultValue 2000 characters of one text */
  readonly maxTextLength?: number;
  /** @defaultValue 20000 values in one copy, whatever its shape */
  readonly maxValues?: number;
}

/** Copies values so that they can be shown, and remembers the secrets it met. */
export interface Redactor {
  /**
   * Makes a bounded, JSON-safe copy without secrets. Never throws.
   * @param value anything, hostile objects included
   */
  redact(value: unknown): Json;
  /**
   * Copies a structure whose property names are names of states or events, not of data: a state
   * called `code` stays visible. Texts are still searched for secrets.
   */
  structure(value: unknown): Json;
  /** Searches one text for secrets, contacts and tokens, and hides them. */
  text(text: string): string;
  /** Remembers a secret, so that it is hidden wherever it is echoed from now on. */
  learn(secret: string): void;
}

/** Longer texts are searched, and not read as JSON. */
const MAX_JSON_LENGTH = 20_000;
/** A code field of one box a digit keeps a list. */
const BOXES = { min: 4, max: 12 };

/** What is known of a value by the names above it. */
interface Place {
  readonly depth: number;
  readonly inError: boolean;
  /** A time or a size, which may be a long number. */
  readonly isMeasure: boolean;
}

/**
 * Makes a redactor: the one function through which everything that leaves for an inspector, a
 * viewer or a log passes.
 *
 * Hidden are values under secret names (`code`, `token`, `password`, …) and contact names
 * (`phoneNumber`, `email`, …), a `OneTimeCode`, JWTs, e-mail addresses, phone numbers and runs of
 * six or more digits in any text, texts that are nothing but four or more digits, numbers of six to
 * fifteen digits that are no time, and every echo of a value that was secret once. JSON in a text is
 * read, and so is what is percent-encoded. A masked contact (`+30********90`) stays.
 *
 * It can't know that a word under a harmless name is a secret: name it in `secretKeys`, or wrap it
 * in a `OneTimeCode`. What was hashed, encrypted or encoded otherwise is not recognised.
 */
export function createRedactor(options: RedactOptions = {}): Redactor {
  const limits = {
    depth: options.maxDepth ?? 12,
    entries: options.maxEntries ?? 200,
    text: options.maxTextLength ?? 2000,
    values: options.maxValues ?? 20_000,
  };
  const ownKeys = new Set((options.secretKeys ?? []).map(plainName));
  const memory = createSecretMemory(limits.text);
  const { learn, scrub } = memory;

  const isSecretKey = (key: string): boolean => {
    const plain = plainName(key);
    return ownKeys.has(plain) || isSecretName(plain);
  };

  /** Copies first, and searches the copy after: an echo may stand before the secret it repeats. */
  const copy = (value: unknown, kind: TextKind): Json => {
    // A chart is bounded by what somebody wrote; cutting it would show another machine.
    const wide = kind === 'names' ? 25 : 1;
    const maxEntries = limits.entries * wide;
    let left = limits.values * wide;
    const above = new Set<object>();

    const hideValue = (secret: unknown, depth = 0): Json => {
      if (secret === null || secret === undefined || typeof secret === 'boolean') {
        return secret ?? null;
      }
      if (typeof secret === 'symbol') learn(secret.description ?? '');
      else if (typeof secret !== 'object') learn(String(secret));
      const inner = typeof secret === 'string' ? jsonOf(secret, MAX_JSON_LENGTH) : secret;
      if (typeof inner !== 'object' || inner === null) return REDACTED;
      if (depth >= limits.depth || left-- <= 0 || above.has(inner)) return REDACTED;
      const held = revealOneTimeCode(inner) ?? textOfBytes(inner) ?? unboxed(inner);
      if (held !== undefined) learn(String(held));
      else {
        above.add(inner);
        const entries = entriesOf(inner, maxEntries);
        const boxes = entries.map(([, item]) => item);
        if (isBoxes(boxes)) learn(boxes.join(''));
        for (const [key, item] of entries) {
          if (!isKindName(plainName(key))) hideValue(item, depth + 1);
        }
        above.delete(inner);
      }
      return REDACTED;
    };

    /** Four digits that may be no secret at all are not looked for elsewhere. */
    const guessed = (digits: string): Json => (digits.length < 6 ? REDACTED : hideValue(digits));

    const property = (key: string, inner: unknown, place: Place): Json | undefined => {
      if (kind === 'names') return walk(inner, place);
      const plain = plainName(key);
      const isFactorKey = isFactorName(key) && isPlainObject(inner);
      if (isSecretKey(key) && !isFactorKey && inner !== undefined && typeof inner !== 'function') {
        const isCode = place.inError && plain.endsWith('code');
        if (isCode && typeof inner === 'string' && isErrorCode(inner)) return inner;
        return hideValue(inner);
      }
      if (isContactName(plain) && inner != null && !isPlainObject(inner)) {
        if (typeof inner === 'string' && isMasked(inner)) return inner;
        if (typeof inner !== 'boolean' && typeof inner !== 'function') return hideValue(inner);
      }
      return walk(inner, {
        depth: place.depth,
        inError: place.inError || /^(?:errors?|cause|reason)$/i.test(key),
        isMeasure: place.isMeasure || isMeasureName(key),
      });
    };

    const walk = (inner: unknown, place: Place): Json | undefined => {
      switch (typeof inner) {
        case 'string':
          return kind === 'names' ? inner : text(inner, place);
        case 'boolean':
          return inner;
        case 'number':
          if (kind === 'data' && !place.isMeasure && isTypedNumber(inner)) return REDACTED;
          // JSON has no negative zero.
          return Number.isFinite(inner) ? inner + 0 : String(inner);
        case 'bigint':
          return `${inner}n`;
        case 'symbol':
          return String(inner);
        case 'function':
          return `[Function ${inner.name || 'anonymous'}]`;
        case 'undefined':
          return undefined;
      }
      if (typeof inner !== 'object' || inner === null) return null;
      if (left-- <= 0 || place.depth > limits.depth) return '[…]';
      if (above.has(inner)) return '[Circular]';
      try {
        const revealed = revealOneTimeCode(inner);
        if (revealed !== null) return hideValue(revealed);
        const label = labelOf(inner);
        if (label !== null) return label;
        const held = unboxed(inner);
        if (held !== undefined) return walk(held, place);
        above.add(inner);
        return Array.isArray(inner) || inner instanceof Set
          ? list(firstOf(inner, maxEntries), place)
          : object(inner, place);
      } catch (error) {
        return `[unreadable: ${errorMessage(error)}]`;
      } finally {
        above.delete(inner);
      }
    };

    const text = (inner: string, place: Place): Json => {
      if (!place.isMeasure && isTypedDigits(inner)) return guessed(inner);
      const parsed = place.depth < limits.depth ? jsonOf(inner, MAX_JSON_LENGTH) : null;
      if (!parsed) return inner;
      const plain = JSON.stringify(walk(parsed, { ...place, depth: place.depth + 1 }) ?? null);
      // Escaped as `\u00e4` or `\/`, a secret would not be found in it.
      return plain === JSON.stringify(parsed) && !/\\[u/]/.test(inner) ? inner : plain;
    };

    const list = (items: readonly unknown[], place: Place): Json => {
      const [first, second] = items;
      if (kind === 'data') {
        // `['code', '424242']` is how FormData and Headers spell a property.
        if (items.length === 2 && typeof first === 'string' && isSecretKey(first)) {
          // It may also be a list of two names: those are not looked for elsewhere.
          return [first, isWord(second) ? REDACTED : hideValue(second)];
        }
        if (isBoxes(items)) return guessed(items.join(''));
      }
      const below = { ...place, depth: place.depth + 1 };
      return items.map((item) => walk(item, below) ?? null);
    };

    const object = (inner: object, place: Place): Json => {
      const result: { [key: string]: Json } = {};
      const entries = entriesOf(inner, maxEntries);
      const named = entries.find(
        ([key, item]) => /^(?:name|key|field)$/.test(key) && typeof item === 'string',
      );
      const isNamedSecret = kind === 'data' && named !== undefined && isSecretKey(String(named[1]));
      const below = {
        ...place,
        depth: place.depth + 1,
        inError: place.inError || inner instanceof Error || isErrorCopy(entries),
      };
      for (const [key, item] of entries) {
        const plain =
          isNamedSecret && key === 'value' ? hideValue(item) : property(key, item, below);
        if (plain !== undefined) put(result, key, plain);
      }
      return result;
    };

    const search = (plain: Json): Json => {
      if (typeof plain === 'string') return scrub(plain, kind);
      if (typeof plain === 'number') return memory.isSecretNumber(plain) ? REDACTED : plain;
      if (plain === null || typeof plain === 'boolean') return plain;
      if (Array.isArray(plain)) return spellsSecret(plain) ? REDACTED : plain.map(search);
      const result: { [key: string]: Json } = {};
      for (const [key, inner] of Object.entries(plain))
        put(result, scrub(key, kind), search(inner));
      return result;
    };

    /** A list of single characters, or of bytes, is a text that was taken apart. */
    const spellsSecret = (plain: readonly Json[]): boolean => {
      if (plain.length < BOXES.min || !plain.every(isScalar)) return false;
      const isSpelt = plain.every((item) => String(item).length === 1);
      const spelt = isSpelt ? plain.join('') : textOfBytes([...plain]);
      return spelt !== null && memory.holds(spelt);
    };

    try {
      const copied = walk(value, { depth: 0, inError: false, isMeasure: false }) ?? null;
      const { version } = memory;
      const searched = search(copied);
      // A secret that a text gave away may stand in what was searched before it.
      return memory.version === version ? searched : search(searched);
    } catch (error) {
      return `[unreadable: ${scrub(errorMessage(error), kind)}]`;
    }
  };

  return {
    redact: (value) => copy(value, 'data'),
    structure: (value) => copy(value, 'names'),
    text: (text) => scrub(text, 'data'),
    learn,
  };
}

/**
 * Makes one redacted copy. What is secret in it is hidden in all of it; for secrets that are echoed
 * in later values keep a redactor.
 * @see {@link createRedactor}
 */
export function redact(value: unknown, options?: RedactOptions): Json {
  return createRedactor(options).redact(value);
}

/** One digit a box, and boxes that are still empty. */
function isBoxes(items: readonly unknown[]): boolean {
  return (
    items.length >= BOXES.min &&
    items.length <= BOXES.max &&
    items.every((item) => item == null || (typeof item === 'string' && /^\p{Nd}?$/u.test(item))) &&
    items.some((item) => item != null && item !== '')
  );
}

/** Whether an object is what is left of an error in a copy: its code stays there too. */
function isErrorCopy(entries: readonly [string, unknown][]): boolean {
  return ['name', 'message'].every((name) =>
    entries.some(([key, item]) => key === name && typeof item === 'string'),
  );
}

function isWord(value: unknown): boolean {
  return typeof value === 'string' && /^[a-z]+(?:_[a-z]+)*$/i.test(value);
}

function isScalar(value: Json): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

/** Sets a property under a name that is free, and never the prototype. */
function put(target: { [key: string]: Json }, key: string, value: Json): void {
  let name = key === '__proto__' ? '[__proto__]' : key;
  for (let copy = 2; Object.hasOwn(target, name); copy += 1) name = `${key} (${copy})`;
  target[name] = value;
}
