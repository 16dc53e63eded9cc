import { REDACTED } from './marks.ts';

const SECRET_KEY =
  /(?:code|codes|otp|otps|totp|password|passphrase|passcode|passwd|pwd|token|tokens|jwt|secret|secrets|ticket|authorization|cookie|cookies|credential|credentials|apikey|privatekey|signature|nonce)(?:value|text|input|digits?|chars|raw|typed|entered|confirm|confirmation|answer|again|key)?\d{0,2}$|^(?:pin|userpin|bearer|captcha|otpauth|totpuri)$/;
const NOT_SECRET_KEY =
  /^(?:status|error|country|post|postal|zip|language|lang|currency|exit|key|char|area|dial|http|response|close|reason)codes?$/;
const CONTACT_KEY =
  /(?:phone|phones|phonenumber|phonenumbers|mobile|msisdn|telephone|email|emails|emailaddress|emailaddresses|mail|identifier|username)$|^tel$/;
/** Factor keys name deliveries and deadlines: `deliveries: { phone_code: { … } }` is no secret. */
const STRATEGY_KEY = /^(?:totp|passkey|[a-z]+(?:_[a-z]+)*_(?:code|link))$/;
/** What stands under these names says what kind of secret it is, and is none itself. */
const KIND_KEY = /^(?:type|kind|status|strategy|scope|format|alg)$/;
/** Long numbers under a name that ends in such a word count, measure or refer to something. */
const MEASURE_WORD =
  /^(?:ms|at|time|times|date|seconds|minutes|bytes|size|length|count|total|amount|price|timestamp|ttl|timeout|delay|duration|expires|expiry|expiration|until|age|width|height|offset|index|version|port|deadlines?|exp|iat|nbf|year|ids?)$/i;
const MASKED = /[*•·●]{2,}/u;
/** `code_incorrect`, `ECONNREFUSED`: what a program tells a program, never what a person types. */
const ERROR_CODE = /^(?:[a-z]+(?:_[a-z]+)+|[A-Z]+(?:_[A-Z]+)+|E[A-Z]{3,})$/;
/** Our codes of one word; `cancelled` is one, `hunter` is not. */
const ONE_WORD_CODES = new Set(['network', 'timeout', 'locked', 'superseded', 'cancelled']);

const SECRET_WORD =
  '(?:code|otp|passcode|password|passphrase|passwd|pwd|pin|token|jwt|secret|ticket|authorization|cookie|credential|(?:api|private)[-_]?key|signature|nonce|captcha)s?(?:[-_]?(?:value|text|input|digits?|raw|typed|entered|confirm|confirmation|answer|again))?\\d{0,2}';
const BARE = `[^"'\\\\\\s,;&}\\])]{1,4000}`;
/** What people write between the parts of a number: also dashes of every kind, and what is invisible. */
const BETWEEN = '\\s\\p{Pd}\\p{Cf}';

// Order matters: what is recognised as harmless first is kept and not looked at again.
const PATTERNS = new RegExp(
  [
    // RFC 7519 compact form, and any other JSON in base64: `{"` is `eyJ`.
    '(?<jwt>\\beyJ[\\w+/=-]{6,}(?:\\.[\\w-]*){0,4})',
    // JSON in JSON has its quotes escaped, once for each level.
    `(?<name>(?:\\\\*["'])?\\b[\\w-]{0,40}?${SECRET_WORD}(?:\\]|\\[\\w{0,10}\\])?(?:\\\\*["'])?\\s{0,8}[=:]{1,2}>?\\s{0,8})(?<value>(?<quote>\\\\*["'])[^]{0,4000}?(?:(?<!\\\\)\\k<quote>|$)|\\[redacted\\]|[[{][^]*|(?:bearer|basic|digest)\\s+${BARE}|${BARE})`,
    '(?<scheme>\\b(?:bearer|basic|digest)\\s+)(?<credential>[\\w.~+/=-]{6,})',
    '(?<user>:\\/\\/)(?<login>[^\\s/@:]{1,200}:[^\\s/@]{1,200}@)',
    '(?<vendor>\\b(?:sk|pk|rk|whsec|ghp|gho|ghs|glpat|xox[a-z])[-_][\\w-]{8,}|\\bAKIA[A-Z0-9]{12,})',
    '(?<email>(?:"[^"\\n]{1,64}"|[^\\s@＠<>"(),;:]{1,64})[@＠][^\\s@<>"\'(),;:]{1,255}\\.[^\\s@<>"\'(),;:.]{2,63})',
    '(?<uuid>\\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\\b)',
    // No other year: `0010-00-00 00/00` is a phone number of somebody in zone 1.
    '(?<date>\\b(?:19|20)\\d\\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\\d|3[01])(?!\\d)(?:[T ]\\d\\d:\\d\\d(?::\\d\\d(?:\\.\\d{1,9})?)?(?:Z|[+-]\\d\\d:?\\d\\d)?)?)',
    '(?<after>xstate\\.after[.(]\\d+)',
    '(?<id>\\b(?!(?:codes?|otps?|pins?|tokens?|keys?|secrets?|password|passwd|passcode|pwd)_)[a-z]{2,10}_(?=\\d*[a-z])[a-z0-9]{8,40}\\b)',
    // ITU-T E.164 numbers have up to 15 digits, and no two people write them alike.
    `(?<phone>(?:[+＋]|\\b00)\\(?\\p{Nd}(?:[${BETWEEN}().\\/_·]{0,3}\\p{Nd}){6,16}|\\(?\\p{Nd}{2,5}\\)?(?:[${BETWEEN}.]{1,2}\\(?\\p{Nd}{2,5}\\)?){2,5})`,
    `(?<digits>\\p{Nd}{3,4}[${BETWEEN}]\\p{Nd}{3,4}(?!\\p{Nd})|\\p{Nd}(?:[${BETWEEN}]?\\p{Nd}){5,})`,
    '(?<opaque>\\b(?=[\\w+/-]*\\d)(?=[\\w+/-]*[a-z])[\\w+/-]{32,}={0,2}|\\b[0-9a-f]{32,}\\b)',
  ].join('|'),
  'giu',
);
const KEPT = ['uuid', 'date', 'after', 'id'] as const;

/** Whether the name of a property says that its value is secret. */
export function isSecretName(plain: string): boolean {
  return SECRET_KEY.test(plain) && !NOT_SECRET_KEY.test(plain);
}

/** Whether the name of a property says that its value is somebody's address. */
export function isContactName(plain: string): boolean {
  return CONTACT_KEY.test(plain);
}

/** Whether the name of a property is that of a factor. */
export function isFactorName(key: string): boolean {
  return STRATEGY_KEY.test(key);
}

/** Whether the name of a property says what kind of thing something is. */
export function isKindName(plain: string): boolean {
  return KIND_KEY.test(plain);
}

/** Whether the name of a property says that its value is a time or a size. */
export function isMeasureName(key: string): boolean {
  // The last word alone: `items`, `message` and `account` end in "ms", "age" and "count" as well.
  const words = key.split(/[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])/).filter(Boolean);
  return MEASURE_WORD.test(words.at(-1) ?? '');
}

/** Whether a contact is one that its owner lets others see. */
export function isMasked(text: string): boolean {
  return MASKED.test(text);
}

/** Whether a text is the code of an error, and nobody's code. */
export function isErrorCode(text: string): boolean {
  return ONE_WORD_CODES.has(text) || ERROR_CODE.test(text);
}

/** The name of a property without case and punctuation. */
export function plainName(key: string): string {
  // A factor key (`resend:totp`, `phone_code/idn_1`) is the name of a factor, not of a value.
  return /[:/]/.test(key) ? '' : key.replace(/[^a-z0-9]/gi, '').toLowerCase();
}

/** Whether somebody may have typed this number: a code or a phone number, and no point in time. */
export function isTypedNumber(value: number): boolean {
  const size = Math.abs(value);
  // Round numbers are limits and durations.
  if (!Number.isInteger(value) || size < 100_000 || size > 1e15 || size % 1_000 === 0) return false;
  const isEpochSeconds = size >= 1e9 && size < 2.5e9;
  const isEpochMs = size >= 1e12 && size < 2.5e12;
  return !isEpochSeconds && !isEpochMs;
}

/** Whether a text is a number that may have been typed, also when half of it is still missing. */
export function isTypedDigits(text: string): boolean {
  return /^[\s\p{Pd}\p{Cf}]*\p{Nd}(?:[\s\p{Pd}\p{Cf}]?\p{Nd}){3,}[\s\p{Pd}\p{Cf}]*$/u.test(text);
}

/**
 * Hides what looks like a secret or a contact in a text.
 * @param found is told of each secret that is recognised by its name
 */
export function hidePatterns(text: string, found: (secret: string) => void): string {
  return text.replace(PATTERNS, (match: string, ...rest: unknown[]) => {
    // SAFETY: the pattern has named groups, so a replacer's last argument is the groups object.
    const groups = rest.at(-1) as Record<string, string | undefined>;
    const { name, value, quote = '', scheme, credential, user, login, email } = groups;
    if (KEPT.some((kept) => groups[kept] !== undefined)) return match;
    if (email !== undefined && isMasked(email)) return match;
    if (scheme !== undefined) {
      if (credential !== undefined) found(credential);
      return `${scheme}${REDACTED}`;
    }
    if (user !== undefined && login !== undefined) return `${user}${REDACTED}@`;
    if (name === undefined || value === undefined) return REDACTED;
    const plain = plainName(name.replace(/[\s=:>]+$/, ''));
    if (NOT_SECRET_KEY.test(plain)) return name + hidePatterns(value, found);
    const isClosed = quote !== '' && value.length > quote.length && value.endsWith(quote);
    const inner = value.slice(quote.length, isClosed ? -quote.length : undefined);
    // "error code: code_incorrect" tells a developer what happened.
    const isKnown = plain.endsWith('code') && isErrorCode(inner);
    if (isKnown || /^(?:null|undefined|true|false|\[redacted\]?|)$/.test(inner)) {
      return match;
    }
    // What was learnt by its name is hidden elsewhere too; a short word would hide half the log.
    if (inner.length >= 6) found(inner);
    return `${name}${quote}${REDACTED}${isClosed ? quote : ''}`;
  });
}

/** The forms in which a secret may come back: as typed, and as a backend understood it. */
export function formsOf(secret: string): readonly string[] {
  const typed = secret.trim();
  const plain = asciiDigits(typed.normalize('NFKC'));
  const bare = plain.replace(/[\s\p{Cf}\p{Pd}\u2212]/gu, '');
  const digits = plain.replace(/[\s\p{P}\p{S}\p{Cf}]/gu, '');
  const credential = typed.replace(/^(?:bearer|basic|digest)\s+/i, '');
  return [
    ...new Set([
      typed,
      decoded(typed),
      bare,
      credential,
      ...(/^\d+$/.test(digits) ? [digits] : []),
    ]),
  ];
}

/** A secret as it is looked for: grouped (`424 242`), or as it is, encoded or not. */
export function echoesOfSecret(secret: string): [form: string, isGrouped: boolean][] {
  if (/^(?:[\p{L}\p{Nd}]{8,40}|(?=.*\p{Nd})[\p{L}\p{Nd}]{4,40})$/u.test(secret)) {
    return [[secret, true]];
  }
  const encoded = encodeURIComponent(wellFormed(secret));
  const forms = new Set([secret, encoded, JSON.stringify(secret).slice(1, -1)]);
  return [...forms].map((form) => [form, false]);
}

/** A query in a query in a query. */
const MAX_ENCODINGS = 3;

/** Reads `%22code%22` as `"code"`; what is not encoded well stays. */
export function decoded(text: string): string {
  let plain = text;
  for (let level = 0; level < MAX_ENCODINGS && /%[0-9a-f]{2}/i.test(plain); level += 1) {
    plain = plain.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
      try {
        return decodeURIComponent(run);
      } catch {
        return run;
      }
    });
  }
  return plain;
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
