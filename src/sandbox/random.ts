/** A source of random numbers in `[0, 1)`, like `Math.random`. */
export type RandomSource = () => number;

/** Draws from the Web Crypto generator, 32 bits at a time. */
export const cryptoRandom: RandomSource = () => {
  const [word = 0] = crypto.getRandomValues(new Uint32Array(1));
  return word / 2 ** 32;
};

/**
 * Makes a source that repeats itself for the same seed (mulberry32), so that a failing property
 * test can be replayed with the same codes. Not for anything that has to be secret.
 *
 * @param seed - any number; its lower 32 bits count
 */
export function seededRandom(seed: number): RandomSource {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Draws a whole number in `[0, bound)`, whatever the source returns. */
export function randomInteger(random: RandomSource, bound: number): number {
  const drawn = Math.floor(random() * bound);
  return Number.isFinite(drawn) ? Math.min(Math.max(drawn, 0), bound - 1) : 0;
}

/** Draws `length` characters of an alphabet. */
export function randomText(random: RandomSource, alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet.charAt(randomInteger(random, alphabet.length))).join(
    '',
  );
}

/** Draws `length` bytes. */
export function randomBytes(random: RandomSource, length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, () => randomInteger(random, 256));
}
