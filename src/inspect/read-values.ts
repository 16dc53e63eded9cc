// Reading values that may be anything, and may throw when they are touched.
import { OneTimeCode } from '../../machines/one-time-code.ts';
import { REDACTED } from './marks.ts';

/** What a `OneTimeCode` holds, or `null` for any other object. */
export function revealOneTimeCode(value: object): string | null {
  try {
    if (OneTimeCode.is(value)) return value.reveal();
    // One of another copy of this package: its private field is out of reach, its methods are not.
    const { reveal, toJSON } = value as { reveal?: unknown; toJSON?: unknown };
    if (typeof reveal !== 'function' || typeof toJSON !== 'function') return null;
    if (toJSON.call(value) !== REDACTED) return null;
    const text: unknown = reveal.call(value);
    return typeof text === 'string' ? text : '';
  } catch {
    return null;
  }
}

/** Whether a value is an object with properties of its own: no list, map or code, and nothing built in. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  try {
    if (value instanceof Map || value instanceof Set || revealOneTimeCode(value) !== null)
      return false;
    return kindOf(value) === null && unboxed(value) === undefined;
  } catch {
    return false;
  }
}

/** A short name for what has no useful content of its own, or whose content is nobody's business. */
export function labelOf(value: object): string | null {
  const kind = kindOf(value);
  if (kind !== null) return kind;
  const { then, getSnapshot, sessionId, id } = value as Record<string, unknown>;
  if (typeof then === 'function') return '[Promise]';
  if (typeof getSnapshot === 'function' && typeof sessionId === 'string') {
    return `[Actor ${String(id)} ${sessionId}]`;
  }
  return null;
}

/** What the runtime has made and knows by itself: none of its properties is read. */
function kindOf(value: object): string | null {
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  }
  if (value instanceof RegExp || value instanceof URL) return String(value);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    return `[${value.constructor.name} ${value.byteLength} bytes]`;
  }
  if (value instanceof WeakMap || value instanceof WeakSet || value instanceof WeakRef)
    return '[Weak]';
  if (typeof AbortSignal !== 'undefined' && value instanceof AbortSignal) {
    return `[AbortSignal ${value.aborted ? 'aborted' : 'active'}]`;
  }
  if (typeof Node !== 'undefined' && value instanceof Node) return `[${value.nodeName}]`;
  if (typeof Blob !== 'undefined' && value instanceof Blob) return `[Blob ${value.size} bytes]`;
  return value instanceof Promise ? '[Promise]' : null;
}

/** `new String('x')` is an object that holds a text; its properties are the letters. */
export function unboxed(value: object): string | number | bigint | symbol | undefined {
  if (value instanceof String) return String.prototype.valueOf.call(value);
  if (value instanceof Number) return Number.prototype.valueOf.call(value);
  if (value instanceof BigInt) return BigInt.prototype.valueOf.call(value);
  if (value instanceof Symbol) return Symbol.prototype.valueOf.call(value);
  return undefined;
}

/** The first items of a list, a set or a map; one may have millions. */
export function firstOf<Item>(value: Iterable<Item>, max: number): Item[] {
  const items: Item[] = [];
  for (const item of value) {
    if (items.length >= max) break;
    items.push(item);
  }
  return items;
}

/** The properties of an object; those of an Error with the ones that are not enumerable. */
export function entriesOf(value: object, max: number): [string, unknown][] {
  if (Array.isArray(value) || value instanceof Set) {
    return firstOf(value, max).map((item, index) => [String(index), item]);
  }
  if (value instanceof Map || isEntryList(value)) {
    return firstOf(value, max).map(([key, item]) => [keyText(key), item]);
  }
  const keys = new Set<string>();
  // The stack repeats the message and adds paths of somebody's machine.
  if (value instanceof Error)
    for (const key of ['name', 'message', 'cause', 'errors']) keys.add(key);
  for (const key of Object.keys(value)) {
    if (keys.size >= max) break;
    keys.add(key);
  }
  return [...keys].filter((key) => key in value).map((key) => [key, read(value, key)]);
}

/** The text that bytes spell, of a view or of a list of numbers; `null` where they spell none. */
export function textOfBytes(value: object): string | null {
  try {
    const bytes = ArrayBuffer.isView(value)
      ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
      : value instanceof ArrayBuffer
        ? new Uint8Array(value)
        : Array.isArray(value) && value.every((item) => Number.isInteger(item) && item > 31)
          ? Uint8Array.from(value as number[])
          : null;
    if (!bytes || bytes.length < 4 || bytes.length > 4096) return null;
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** The object that a text of JSON stands for. */
export function jsonOf(text: string, maxLength: number): object | null {
  if (text.length > maxLength || !/^\s*(?:\{[\s\S]*\}|\[[\s\S]*\])\s*$/.test(text)) return null;
  try {
    return JSON.parse(text) as object;
  } catch {
    return null;
  }
}

/** What an error says, whatever it is. */
export function errorMessage(error: unknown): string {
  try {
    return error instanceof Error ? String(error.message) : typeof error;
  } catch {
    return 'unknown';
  }
}

function isEntryList(value: object): value is Iterable<[unknown, unknown]> {
  return (
    (typeof Headers !== 'undefined' && value instanceof Headers) ||
    (typeof FormData !== 'undefined' && value instanceof FormData) ||
    (typeof URLSearchParams !== 'undefined' && value instanceof URLSearchParams)
  );
}

function keyText(key: unknown): string {
  if (typeof key === 'string' || typeof key === 'number') return String(key);
  return `[${typeof key} key]`;
}

function read(value: object, key: string): unknown {
  try {
    return (value as Record<string, unknown>)[key];
  } catch (error) {
    return `[getter threw: ${errorMessage(error)}]`;
  }
}
