import { REDACTED } from './marks.ts';
import { createSecretIndex, type Range, type SecretIndex } from './secret-index.ts';
import { decoded, echoesOfSecret, formsOf, hidePatterns } from './secret-patterns.ts';

/** Whether a text is data, or the name of a state, an event or an actor. */
export type TextKind = 'data' | 'names';

/** The secrets that were met, and texts without them. */
export interface SecretMemory {
  /** Remembers a secret, so that it is hidden wherever it is echoed from now on. */
  learn(secret: string): void;
  /** A text without secrets, contacts and tokens. */
  scrub(text: string, kind: TextKind): string;
  /** Whether a text holds a secret that was met. */
  holds(text: string): boolean;
  /** Whether a number is one, whatever sign or fraction it has. */
  isSecretNumber(value: number): boolean;
  /** Grows with each secret. */
  readonly version: number;
}

/** Shorter secrets are hidden in their own place only: as an echo they would match everywhere. */
const MIN_ECHO_LENGTH = 4;
const MAX_ECHO_LENGTH = 4096;
/** The oldest are forgotten past this number of forms; a flow has a handful of secrets, of few forms each. */
const MAX_SECRETS = 400;
/** A structural name is never hidden because a short everyday word was once somebody's secret. */
const MIN_WORD_LENGTH_IN_NAMES = 12;
/** A number loses the zeros that a code starts with; a smaller one would match everywhere. */
const MIN_SECRET_NUMBER = 1_000;

/** Makes an empty memory. */
export function createSecretMemory(maxText: number): SecretMemory {
  const secrets = new Set<string>();
  let version = 0;
  let echoes: { data: SecretIndex; names: SecretIndex; numbers: Set<number> } | null = null;

  const learn = (secret: string): void => {
    if (secret.length > MAX_ECHO_LENGTH || secrets.has(secret)) return;
    for (const form of formsOf(secret)) {
      if (form.length < MIN_ECHO_LENGTH || form === REDACTED || secrets.has(form)) continue;
      secrets.add(form);
      version += 1;
      echoes = null;
    }
    for (const oldest of secrets) {
      if (secrets.size <= MAX_SECRETS) break;
      secrets.delete(oldest);
    }
  };

  const echoesOf = () => {
    if (secrets.size === 0) return null;
    if (echoes === null) {
      const numbers = [...secrets].filter((secret) => /^\d{4,15}$/.test(secret)).map(Number);
      echoes = {
        data: createSecretIndex(),
        names: createSecretIndex(),
        numbers: new Set(numbers.filter((number) => number >= MIN_SECRET_NUMBER)),
      };
      for (const secret of secrets) {
        for (const [form, isLoose] of echoesOfSecret(secret)) {
          echoes.data.add(form, isLoose);
          if (secret.length >= MIN_WORD_LENGTH_IN_NAMES || !/^[a-z_]+$/i.test(secret)) {
            echoes.names.add(form, isLoose);
          }
        }
      }
    }
    return echoes;
  };

  const clean = (text: string, kind: TextKind): string => {
    // What it says under a name may stand in it once more, without one. It goes on from what is hidden
    // already: to begin anew would find again what was forgotten meanwhile, and never end.
    for (let shown = text; ; ) {
      const before = version;
      const echo = echoesOf()?.[kind];
      shown = hidePatterns(echo ? hide(shown, echo.find(shown)) : shown, learn);
      if (version === before) return shown;
    }
  };

  const scrub = (text: string, kind: TextKind): string => {
    // A secret that straddles the cut would leave half of itself, so the cut comes after.
    const longest = [...secrets].reduce((most, one) => Math.max(most, one.length), maxText);
    const isCut = text.length > maxText + longest;
    const bounded = isCut ? text.slice(0, maxText + longest) : text;
    // Decoded first: in `%22424242` the code could not be told from the quote before it.
    const plain = decoded(bounded);
    const cleanPlain = clean(plain, kind);
    const shown = cleanPlain === plain ? clean(bounded, kind) : cleanPlain;
    if (shown.length > maxText) return `${shown.slice(0, maxText)}…`;
    // Much of it was hidden, so that the first cut shows after all.
    return isCut ? `${shown.replace(/\S*$/, '')}…` : shown;
  };

  return {
    learn,
    scrub,
    holds: (text) => {
      const echo = echoesOf()?.data;
      return echo !== undefined && echo.find(text).length > 0;
    },
    isSecretNumber: (value) =>
      secrets.size > 0 &&
      (echoesOf()?.numbers.has(Math.trunc(Math.abs(value))) ||
        (String(value).match(/\d+/g) ?? []).some((digits) => secrets.has(digits))),
    get version() {
      return version;
    },
  };
}

function hide(text: string, ranges: readonly Range[]): string {
  let shown = '';
  let from = 0;
  for (const [start, end] of ranges) {
    shown += text.slice(from, start) + REDACTED;
    from = end;
  }
  return shown + text.slice(from);
}
