/** Plain data that survives `JSON.stringify` and `structuredClone` unchanged. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/**
 * What of a value is shown: `true` a text, a number or the like; a record its named fields; a list of
 * one shape each entry of a list or a record; a function what it makes of the value. Whatever no
 * shape names is told by its kind: `‹text›`, `‹list of 3›`.
 */
export type Shape =
  | true
  | { readonly [field: string]: Shape }
  | readonly [each: Shape]
  | ((value: unknown) => Json);

/** Longer texts are cut. */
const LONGEST_TEXT = 2_000;
/** More entries are not shown. */
const MOST_ENTRIES = 200;
/** What `showAll` follows a value down to. */
const DEEPEST = 12;
/** Stands for fields that no shape names. */
export const REST = '…';
/** A field that a program has a name for. Keys of dictionaries are data, and mostly look otherwise. */
const NAME = /^[A-Za-z_$][\w$]{0,39}$/;

/**
 * Copies what a shape names. Everything else is told by its kind. Never throws.
 *
 * @param value - anything; of an object only the fields that the shape names are read
 */
export function show(value: unknown, shape?: Shape): Json {
  try {
    if (value === null || value === undefined) return null;
    if (shape === undefined) return kindOf(value);
    if (shape === true) return scalar(value);
    if (typeof shape === 'function') return shape(value);
    if (typeof value !== 'object') return kindOf(value);
    if (isEach(shape)) return entries(value, shape[0]);
    return fields(value, (name) => ownOf(shape, name) as Shape | undefined, shape, false);
  } catch {
    return '‹unreadable›';
  }
}

/** The same for a context or an event, whose fields are named by a program: each is told of. */
export function showFields(value: unknown, shape: Shape | undefined): Json {
  const named = typeof shape === 'object' && !isEach(shape) ? shape : {};
  const tell = (record: unknown) =>
    fields(record as object, (name) => ownOf(named, name) as Shape | undefined, named, true);
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  return show(value, isRecord && typeof shape !== 'function' ? tell : shape);
}

/** Shows everything, up to a bound: for development, where a host says so. */
export function showEverything(value: unknown): Json {
  const above = new Set<unknown>();
  const every = (inner: unknown): Json => {
    const isLeaf = typeof inner !== 'object' || inner === null || inner instanceof Date;
    if (isLeaf) return show(inner, true);
    if (above.has(inner) || above.size >= DEEPEST) return kindOf(inner);
    above.add(inner);
    const more = inner instanceof Error ? { name: true, message: true, cause: true } : {};
    const plain = inner instanceof Map ? Object.fromEntries(inner) : inner;
    const list = inner instanceof Set ? [...inner] : inner;
    const shown = Array.isArray(list)
      ? entries(list, every)
      : fields(plain, () => every, more, true);
    above.delete(inner);
    return shown;
  };
  return show(value, every);
}

/** What a value is, without what it says. */
export function kindOf(value: unknown): Json {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return '‹text›';
  if (Array.isArray(value)) return `‹list of ${value.length}›`;
  return value instanceof Error ? `‹${errorKind(value)}›` : `‹${typeof value}›`;
}

/** The kind of an error, of those that a language or a browser makes. */
export function errorKind(error: unknown): string {
  const kinds = [TypeError, RangeError, SyntaxError, ReferenceError, URIError, AggregateError];
  return kinds.find((kind) => error instanceof kind)?.name ?? 'error';
}

/** Whether a text tells a kind. It stands for a value, and must never get into a flow. */
export function isKind(value: unknown): boolean {
  return typeof value === 'string' && /^‹.*›$/.test(value);
}

/**
 * Puts what was not shown back into data that somebody has edited.
 *
 * @param data - as it came back
 * @param shown - as it was shown
 * @param original - what it was shown of
 * @throws Error where a kind stands for nothing that is known
 */
export function fillIn(data: unknown, shown: Json | undefined, original: unknown): unknown {
  if (shown !== undefined && JSON.stringify(data) === JSON.stringify(shown)) return original;
  if (isKind(data)) throw new Error('What was not shown can’t be sent from here.');
  if (typeof data !== 'object' || data === null) return data;
  const inner = (name: string, value: unknown) =>
    fillIn(value, ownOf(shown, name) as Json | undefined, ownOf(original, name));
  if (Array.isArray(data)) return data.map((value, index) => inner(String(index), value));
  const { [REST]: rest, ...own } = data as Record<string, unknown>;
  const hidden = Object.entries(rest === undefined ? {} : Object(original)).filter(
    ([name]) => ownOf(shown, name) === undefined,
  );
  const filled = Object.entries(own).map(([name, value]) => [name, inner(name, value)]);
  return Object.fromEntries([...hidden, ...filled]);
}

function ownOf(value: unknown, name: string): unknown {
  return Object.hasOwn(Object(value), name) ? Object(value)[name] : undefined;
}

function isEach(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape);
}

function scalar(value: unknown): Json {
  if (typeof value === 'string') {
    return value.length > LONGEST_TEXT ? `${value.slice(0, LONGEST_TEXT)}…` : value;
  }
  if (typeof value === 'number' && Number.isFinite(value)) return value + 0; // JSON has no -0
  if (typeof value === 'boolean') return value;
  if (value instanceof Date) return value.toJSON();
  return typeof value === 'bigint' ? String(value) : kindOf(value);
}

function entries(value: object, each: Shape): Json {
  if (!Array.isArray(value)) return fields(value, () => each, {}, true);
  return Array.from(value.slice(0, MOST_ENTRIES), (entry) => show(entry, each)); // no holes
}

/**
 * @param named - fields that are looked at also where they are inherited, or not enumerable
 * @param tellsAll - whether fields without a shape are told by name and kind, or only counted
 */
function fields(
  value: object,
  shapeOf: (name: string) => Shape | undefined,
  named: object,
  tellsAll: boolean,
): Json {
  const own = Object.keys(value);
  const told = own.filter((name) => shapeOf(name) !== undefined || (tellsAll && NAME.test(name)));
  const more = Object.keys(named).filter((name) => name in value);
  const names = [...new Set([...told, ...more])].slice(0, MOST_ENTRIES);
  const shown = names.flatMap((name): [string, Json][] => {
    try {
      const inner: unknown = (value as Record<string, unknown>)[name];
      return inner === undefined ? [] : [[name, show(inner, shapeOf(name))]];
    } catch {
      return [[name, '‹unreadable›']]; // a getter threw
    }
  });
  const rest = own.filter((name) => !names.includes(name)).length;
  return Object.fromEntries(rest > 0 ? [...shown, [REST, `${rest} more`]] : shown);
}
