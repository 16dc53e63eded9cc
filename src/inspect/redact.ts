import { OneTimeCode } from '../one-time-code.ts';
import { REDACTED } from './marks.ts';

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

/** Shorter secrets are hidden in their own place only: as an echo they would match everywhere. */
const MIN_ECHO_LENGTH = 4;
/** The oldest secrets are forgotten past this number; a flow has a handful. */
const MAX_SECRETS = 400;
/** A structural name is never hidden because a short everyday word was once somebody's secret. */
const MIN_WORD_LENGTH_IN_NAMES = 12;

const SECRET_KEY =
  /(?:code|codes|otp|otps|password|passphrase|passwd|pwd|token|tokens|jwt|secret|secrets|ticket|authorization|cookie|cookies|credential|credentials|apikey|privatekey|signature|nonce)$|^(?:pin|userpin|totp|bearer|captcha|otpauth|totpuri)$/;
const NOT_SECRET_KEY =
  /^(?:status|error|country|post|postal|zip|language|lang|currency|exit|key|char|area|dial|http|response|close|reason)codes?$/;
const CONTACT_KEY =
  /(?:phone|phones|phonenumber|phonenumbers|mobile|msisdn|telephone|email|emails|emailaddress|emailaddresses|mail|identifier|username)$|^tel$/;
/** Factor keys name deliveries and deadlines: `deliveries: { phone_code: { … } }` is no secret. */
const STRATEGY_KEY = /^(?:totp|passkey|[a-z]+(?:_[a-z]+)*_(?:code|link))$/;
const MASKED = /[*•·●]{2,}/u;
/** `code_incorrect`, `ECONNREFUSED`: what a program tells a program, never what a person types. */
const ERROR_CODE = /^(?:[a-z]+(?:_[a-z]+)+|E[A-Z]{3,}|ERR_[A-Z_]+)$/;
/** Our codes of one word; `cancelled` is one, `hunter` is not. */
const ONE_WORD_CODES = new Set(['network', 'timeout', 'locked', 'superseded', 'cancelled']);

const SECRET_WORD =
  'code|otp|passcode|password|passwd|pwd|pin|token|jwt|secret|ticket|authorization|cookie|credential|api[-_]?key|signature';

// Order matters: what is recognised as harmless first is kept and not looked at again.
const PATTERNS = new RegExp(
  [
    // RFC 7519 compact form; with an empty signature too.
    '(?<jwt>\\beyJ[\\w-]{4,}\\.[\\w-]{2,}(?:\\.[\\w-]*)?)',
    '(?<scheme>\\b(?:bearer|basic|digest)\\s+)(?<credential>[\\w.~+/=-]{6,})',
    `(?<name>["']?\\b[\\w-]{0,40}?(?:${SECRET_WORD})["']?\\s{0,3}(?:=|:)\\s{0,3}["']?)(?<value>[^"'\\s,;&}\\])]{1,400})`,
    '(?<vendor>\\b(?:sk|pk|rk|whsec|ghp|gho|ghs|glpat|xox[a-z])[-_][\\w-]{8,}|\\bAKIA[A-Z0-9]{12,})',
    '(?<email>[^\\s@<>"(),;:]{1,64}@[^\\s@<>"\'(),;:]{1,255}\\.[^\\s@<>"\'(),;:.]{2,24})',
    '(?<uuid>\\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\\b)',
    '(?<date>\\b\\d{4}-\\d\\d-\\d\\d(?:[T ]\\d\\d:\\d\\d(?::\\d\\d(?:\\.\\d{1,9})?)?(?:Z|[+-]\\d\\d:?\\d\\d)?)?)',
    '(?<after>xstate\\.after[.(]\\d+)',
    '(?<id>\\b(?!(?:code|otp|pin|token|key|secret|password)_)[a-z]{2,10}_[A-Za-z0-9]{8,40}\\b)',
    // ITU-T E.164 numbers have up to 15 digits; people put spaces, dots, dashes and brackets in.
    '(?<phone>(?:\\+|\\b00)\\(?\\p{Nd}(?:[\\s().-]{0,2}\\p{Nd}){6,16}|\\(?\\p{Nd}{2,5}\\)?(?:[\\s.-]{1,2}\\(?\\p{Nd}{2,5}\\)?){2,5})',
    '(?<digits>\\p{Nd}{3,4}[\\s-]\\p{Nd}{3,4}(?!\\p{Nd})|\\p{Nd}{6,})',
    '(?<opaque>\\b(?=[\\w+/-]*\\d)(?=[\\w+/-]*[a-z])(?=[\\w+/-]*[A-Z])[\\w+/-]{32,}={0,2}|\\b[0-9a-f]{32,}\\b)',
  ].join('|'),
  'giu',
);
const KEPT = ['uuid', 'date', 'after', 'id'] as const;

/**
 * Makes a redactor: the one function through which everything that leaves for an inspector, a
 * viewer or a log passes.
 *
 * Hidden are values under secret names (`code`, `token`, `password`, …) and contact names
 * (`phoneNumber`, `email`, …), a `OneTimeCode`, JWTs, e-mail addresses, phone numbers and runs of
 * six or more digits in any text, and every echo of a value that was secret once. A masked contact
 * (`+30********90`) stays. It cannot know that a four-digit text under a harmless name is a code:
 * name it in `secretKeys`, or wrap it in a `OneTimeCode`.
 */
export function createRedactor(options: RedactOptions = {}): Redactor {
  const limits = {
    depth: options.maxDepth ?? 12,
    entries: options.maxEntries ?? 200,
    text: options.maxTextLength ?? 2000,
    values: options.maxValues ?? 20_000,
  };
  const ownKeys = new Set((options.secretKeys ?? []).map(plainKey));
  const secrets = new Set<string>();
  let echoes: { data: RegExp; names: RegExp | null } | null = null;

  const remember = (secret: string): void => {
    if (secret.length < MIN_ECHO_LENGTH || secret.length > 4096 || secret === REDACTED) return;
    secrets.delete(secret);
    secrets.add(secret);
    if (secrets.size > MAX_SECRETS) {
      const [oldest] = secrets;
      if (oldest !== undefined) secrets.delete(oldest);
    }
    echoes = null;
  };

  const learn = (secret: string): void => {
    if (secrets.has(secret)) return;
    const typed = secret.trim();
    // A backend echoes the code as it understood it, not as it was typed.
    const bare = asciiDigits(typed.normalize('NFKC')).replace(/[\s\p{Cf}\p{Pd}\u2212]/gu, '');
    for (const form of [typed, bare]) remember(form);
  };

  const echoesOf = (): { data: RegExp; names: RegExp | null } | null => {
    if (secrets.size === 0) return null;
    if (echoes === null) {
      const longestFirst = [...secrets].sort((a, b) => b.length - a.length);
      const names = longestFirst.filter(
        (secret) => secret.length >= MIN_WORD_LENGTH_IN_NAMES || !/^[a-z_]+$/i.test(secret),
      );
      echoes = {
        data: new RegExp(longestFirst.map(echoPattern).join('|'), 'giu'),
        names: names.length > 0 ? new RegExp(names.map(echoPattern).join('|'), 'giu') : null,
      };
    }
    return echoes;
  };

  const hide = (match: string, ...args: unknown[]): string => {
    // SAFETY: the pattern has named groups, so a replacer's last argument is the groups object.
    const groups = args.at(-1) as Record<string, string | undefined>;
    const hidden = hidePattern(match, groups);
    const secret = groups.value ?? groups.credential;
    if (secret !== undefined && hidden !== match && secret.length >= 6) learn(secret);
    return hidden;
  };

  const scrub = (text: string, kind: 'data' | 'names'): string => {
    // A secret that straddles the cut would leave half of itself, so the cut comes after.
    const bounded = text.length > limits.text * 2 ? text.slice(0, limits.text * 2) : text;
    const echo = echoesOf()?.[kind];
    const clean = (echo ? bounded.replace(echo, REDACTED) : bounded).replace(PATTERNS, hide);
    return clean.length > limits.text ? `${clean.slice(0, limits.text)}…` : clean;
  };

  const isSecretKey = (key: string): boolean => {
    const plain = plainKey(key);
    return ownKeys.has(plain) || (SECRET_KEY.test(plain) && !NOT_SECRET_KEY.test(plain));
  };

  /** Copies first, and searches the copy after: an echo may stand before the secret it repeats. */
  const copy = (value: unknown, kind: 'data' | 'names'): Json => {
    // A chart is bounded by what somebody wrote; cutting it would show another machine.
    const wide = kind === 'names' ? 25 : 1;
    const maxEntries = limits.entries * wide;
    let left = limits.values * wide;
    const above = new Set<object>();

    const hideValue = (secret: unknown, depth = 0): Json => {
      if (secret === null || secret === undefined || typeof secret === 'boolean') {
        return secret ?? null;
      }
      if (typeof secret === 'string') learn(secret);
      else if (typeof secret === 'number' || typeof secret === 'bigint') learn(String(secret));
      else if (typeof secret === 'object' && depth < limits.depth && left-- > 0) {
        const revealed = revealOneTimeCode(secret);
        if (revealed !== null) learn(revealed);
        else if (!above.has(secret)) {
          above.add(secret);
          for (const [, inner] of entriesOf(secret, maxEntries)) hideValue(inner, depth + 1);
          above.delete(secret);
        }
      }
      return REDACTED;
    };

    const property = (
      key: string,
      inner: unknown,
      depth: number,
      inError: boolean,
    ): Json | undefined => {
      if (kind === 'names') return walk(inner, depth, inError);
      const isFactorKey = STRATEGY_KEY.test(key) && isPlainObject(inner);
      if (isSecretKey(key) && !isFactorKey && inner !== undefined && typeof inner !== 'function') {
        if (inError && typeof inner === 'string' && isErrorCode(inner)) return inner;
        return hideValue(inner);
      }
      if (CONTACT_KEY.test(plainKey(key)) && inner != null && !isPlainObject(inner)) {
        if (typeof inner === 'string' && MASKED.test(inner)) return inner;
        if (typeof inner !== 'boolean' && typeof inner !== 'function') return hideValue(inner);
      }
      return walk(inner, depth, inError || /^(?:errors?|cause|reason)$/i.test(key));
    };

    const walk = (inner: unknown, depth: number, inError: boolean): Json | undefined => {
      switch (typeof inner) {
        case 'string':
        case 'boolean':
          return inner;
        case 'number':
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
      if (left-- <= 0 || depth > limits.depth) return '[…]';
      if (above.has(inner)) return '[Circular]';
      const revealed = revealOneTimeCode(inner);
      if (revealed !== null) {
        learn(revealed);
        return REDACTED;
      }
      const label = labelOf(inner);
      if (label !== null) return label;
      above.add(inner);
      try {
        if (Array.isArray(inner) || inner instanceof Set) {
          const [first] = inner;
          const items = [...inner].slice(0, maxEntries);
          // `['code', '424242']` is how FormData and Headers spell a property.
          if (
            kind === 'data' &&
            items.length === 2 &&
            typeof first === 'string' &&
            isSecretKey(first)
          ) {
            return [first, hideValue(items[1])];
          }
          return items.map((item) => walk(item, depth + 1, inError) ?? null);
        }
        const isError = inner instanceof Error;
        const result: { [key: string]: Json } = {};
        const entries = entriesOf(inner, maxEntries);
        const named = entries.find(
          ([key, v]) => /^(?:name|key|field)$/.test(key) && typeof v === 'string',
        );
        for (const [key, item] of entries) {
          const isNamedSecret =
            kind === 'data' &&
            key === 'value' &&
            named !== undefined &&
            isSecretKey(String(named[1]));
          const plain = isNamedSecret
            ? hideValue(item)
            : property(key, item, depth + 1, inError || isError);
          if (plain !== undefined) put(result, key, plain);
        }
        return result;
      } finally {
        above.delete(inner);
      }
    };

    const search = (plain: Json): Json => {
      if (typeof plain === 'string') return scrub(plain, kind);
      if (typeof plain === 'number') return secrets.has(String(plain)) ? REDACTED : plain;
      if (plain === null || typeof plain === 'boolean') return plain;
      if (Array.isArray(plain)) return plain.map(search);
      const result: { [key: string]: Json } = {};
      for (const [key, inner] of Object.entries(plain))
        put(result, scrub(key, kind), search(inner));
      return result;
    };

    try {
      return search(walk(value, 0, false) ?? null);
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

function hidePattern(match: string, groups: Record<string, string | undefined>): string {
  for (const kept of KEPT) if (groups[kept] !== undefined) return match;
  if (groups.email !== undefined && MASKED.test(groups.email)) return match;
  if (groups.scheme !== undefined) return `${groups.scheme}${REDACTED}`;
  if (groups.name !== undefined && groups.value !== undefined) {
    // "error code: code_incorrect" tells a developer what happened; it is nobody's code.
    const shown =
      isErrorCode(groups.value) || /^(?:null|undefined|true|false|\[.*)$/.test(groups.value);
    return shown ? match : `${groups.name}${REDACTED}`;
  }
  return REDACTED;
}

function isErrorCode(text: string): boolean {
  return ONE_WORD_CODES.has(text) || ERROR_CODE.test(text);
}

function plainKey(key: string): string {
  // A factor key (`resend:totp`, `phone_code/idn_1`) is the name of a factor, not of a value.
  return /[:/]/.test(key) ? '' : key.replace(/[^a-z0-9]/gi, '').toLowerCase();
}

function echoPattern(secret: string): string {
  // A code may come back in groups: `424 242`, `424-242`.
  if (/^(?:[\p{L}\p{Nd}]{8,16}|(?=.*\p{Nd})[\p{L}\p{Nd}]{4,16})$/u.test(secret)) {
    return [...secret].join('[\\s\\-.]?');
  }
  const forms = new Set([
    secret,
    encodeURIComponent(wellFormed(secret)),
    JSON.stringify(secret).slice(1, -1),
  ]);
  return [...forms]
    .map((form) => wellFormed(form).replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
    .join('|');
}

/** `encodeURIComponent` throws on half a surrogate pair. */
function wellFormed(text: string): string {
  return text.replace(
    /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
    '\ufffd',
  );
}

function asciiDigits(text: string): string {
  return text.replace(/[^\P{Nd}0-9]/gu, (digit) => {
    // Unicode keeps the digits of a script in one run of ten, zero first.
    const point = digit.codePointAt(0) ?? 0;
    let value = 0;
    while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(point - value - 1))) value += 1;
    return String(value);
  });
}

function revealOneTimeCode(value: object): string | null {
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

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  try {
    return revealOneTimeCode(value) === null && !(value instanceof Map) && !(value instanceof Set);
  } catch {
    return false;
  }
}

/** A short name for what has no useful content of its own, or whose content is nobody's business. */
function labelOf(value: object): string | null {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toJSON();
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
  const { then, getSnapshot, sessionId, id } = value as Record<string, unknown>;
  if (typeof then === 'function') return '[Promise]';
  if (typeof getSnapshot === 'function' && typeof sessionId === 'string') {
    return `[Actor ${String(id)} ${sessionId}]`;
  }
  return null;
}

/** The properties of an object; those of an Error with the ones that are not enumerable. */
function entriesOf(value: object, max: number): [string, unknown][] {
  if (Array.isArray(value) || value instanceof Set) {
    return [...value].slice(0, max).map((item, index) => [String(index), item]);
  }
  if (value instanceof Map || isEntryList(value)) {
    return [...value].slice(0, max).map(([key, item]) => [keyText(key), item]);
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

function errorMessage(error: unknown): string {
  try {
    return error instanceof Error ? String(error.message) : typeof error;
  } catch {
    return 'unknown';
  }
}

/** Sets a property under a name that is free, and never the prototype. */
function put(target: { [key: string]: Json }, key: string, value: Json): void {
  let name = key === '__proto__' ? '[__proto__]' : key;
  for (let copy = 2; Object.hasOwn(target, name); copy += 1) name = `${key} (${copy})`;
  target[name] = value;
}
