/** A place in a text: from `start`, up to and without `end`. */
export type Range = readonly [start: number, end: number];

/**
 * Texts to look for, hundreds of them at once and in any case. One pattern of all would take long to
 * compile, and has to be made anew for each secret that is met.
 */
export interface SecretIndex {
  /** @param isLoose - whether up to three separators may stand between any two characters */
  add(secret: string, isLoose: boolean): void;
  /** Where they stand in a text, in order; those that overlap are one. */
  find(text: string): Range[];
}

/** How many characters of a secret it is found by: none that is looked for has fewer. */
const KEY_LENGTH = 4;
/** `424–242`, `4 2 4 2 4 2`, `424 · 242`. */
const MOST_SEPARATORS = 3;
/** Stands for what no secret goes across. */
const BREAK = '\0';

/** Makes an empty index. */
export function createSecretIndex(): SecretIndex {
  const exact = createTable();
  const loose = createTable();
  return {
    add: (secret, isLoose) => (isLoose ? loose : exact).add(fold(secret)),
    find: (text) => {
      const folded = fold(text);
      const found = exact.find(folded);
      if (!loose.isEmpty()) {
        const { letters, places } = lettersOf(folded);
        for (const [start, end] of loose.find(letters)) {
          found.push([places[start] ?? 0, (places[end - 1] ?? 0) + 1]);
        }
      }
      return found.length > 1 ? joined(found) : found;
    },
  };
}

interface Table {
  add(secret: string): void;
  find(text: string): Range[];
  isEmpty(): boolean;
}

function createTable(): Table {
  const byKey = new Map<string, string[]>();
  // By the first two characters: almost every place in a text is told from a secret by one look.
  const begins = new Uint8Array(0x10000);
  const pairAt = (text: string, at: number) =>
    ((text.charCodeAt(at) & 0xff) << 8) | (text.charCodeAt(at + 1) & 0xff);
  return {
    isEmpty: () => byKey.size === 0,
    add: (secret) => {
      const key = secret.slice(0, KEY_LENGTH);
      byKey.set(key, [...(byKey.get(key) ?? []), secret]);
      begins[pairAt(secret, 0)] = 1;
    },
    find: (text) => {
      const found: Range[] = [];
      for (let at = 0; at + KEY_LENGTH <= text.length; at += 1) {
        if (begins[pairAt(text, at)] === 0) continue;
        for (const secret of byKey.get(text.slice(at, at + KEY_LENGTH)) ?? []) {
          if (text.startsWith(secret, at)) found.push([at, at + secret.length]);
        }
      }
      return found;
    },
  };
}

/** The letters and digits of a text, and where each stands. */
function lettersOf(text: string): { letters: string; places: number[] } {
  let letters = '';
  const places: number[] = [];
  let at = 0;
  let separators = 0;
  for (const character of text) {
    const isLetter = isLetterOrDigit(character);
    separators = isLetter ? 0 : separators + 1;
    const isBreak = !isLetter && (separators > MOST_SEPARATORS || !SEPARATOR.test(character));
    if (isLetter || isBreak) {
      letters += isLetter ? character : BREAK;
      for (let unit = 0; unit < (isLetter ? character.length : 1); unit += 1)
        places.push(at + unit);
    }
    at += character.length;
  }
  return { letters, places };
}

const SEPARATOR = /[\s\p{P}\p{S}\p{Cf}]/u;
const LETTER = /[\p{L}\p{Nd}]/u;

function isLetterOrDigit(character: string): boolean {
  const code = character.charCodeAt(0);
  if (code >= 0x80) return LETTER.test(character);
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39);
}

/** The same for `K` and `k`, and as long as the text: places in it are places in the text. */
function fold(text: string): string {
  if (!/[^\0-\x7f]/.test(text)) return text.toLowerCase();
  // One by one: some have another length in the other case, and some another form at the end of a word.
  let folded = '';
  for (const character of text) {
    const plain = character.toUpperCase().toLowerCase();
    folded += plain.length === character.length ? plain : character;
  }
  return folded;
}

/** Ranges that touch or overlap as one. */
function joined(ranges: readonly Range[]): Range[] {
  const result: [number, number][] = [];
  for (const [start, end] of ranges.toSorted(([one], [other]) => one - other)) {
    const last = result.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else result.push([start, end]);
  }
  return result;
}
