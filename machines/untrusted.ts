/** Longer texts are no ids, statuses or masks, and count as absent. */
const LONGEST_TEXT = 4_096;
/** Error codes of backends are words: `form_code_incorrect`, `auth/code-expired`, `CodeMismatchException`. */
const WORD = /^([a-z]+(_[a-z]+)+|[A-Z]+(_[A-Z]+)+|[a-z]+\/[a-z]+(-[a-z]+)*|([A-Z][a-z]+){2,})$/;
const LONGEST_WORD = 64;

/** A text of a bearable length, or `null`. */
export function readText(value: unknown, longest = LONGEST_TEXT): string | null {
  return typeof value === 'string' && value.length <= longest ? value : null;
}

/** A finite number, or `null`. */
export function readNumber(value: unknown): number | null {
  return Number.isFinite(value) ? (value as number) : null;
}

/** A count of tries, or `null`. A number of more than three digits may be a code. */
export function readCount(value: unknown): number | null {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) < 1_000
    ? (value as number)
    : null;
}

/**
 * An error code that consists of words, or `null`. A code that somebody typed has digits or is one word, so it
 * never passes for an error code.
 */
export function readWord(value: unknown): string | null {
  return typeof value === 'string' && value.length <= LONGEST_WORD && WORD.test(value)
    ? value
    : null;
}

/** The first entries of an array; none of any other value. It calls no method of the array. */
export function readList(value: unknown, most: number): unknown[] {
  if (!Array.isArray(value)) return [];
  return Array.from({ length: Math.min(value.length, most) }, (_, index) => value[index]);
}
