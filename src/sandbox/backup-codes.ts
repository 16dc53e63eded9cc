import { BACKUP_CODE_COUNT } from './limits.ts';
import { type RandomSource, randomText } from './random.ts';

// Without 0, 1, l and o, which people misread. 32 letters give 40 bits for a code of eight.
const ALPHABET = '23456789abcdefghijkmnpqrstuvwxyz';
const BACKUP_CODE_LENGTH = 8;

/** The unused backup codes of a user. */
export interface BackupCodes {
  /** The unused codes, in the order they were given; a fresh array each time. */
  remaining(): string[];
  /** Says whether a code is one of them, and spends it if it is. */
  accept(code: string): boolean;
}

/** Makes a list of backup codes: the given ones, or ten random ones. */
export function createBackupCodes(random: RandomSource, given?: readonly string[]): BackupCodes {
  const unused = new Set(given ?? []);
  while (!given && unused.size < BACKUP_CODE_COUNT) {
    const drawn = randomText(random, ALPHABET, BACKUP_CODE_LENGTH);
    // A source that repeats itself must not loop for ever: the place in the list makes the code
    // unique.
    unused.add(unused.has(drawn) ? `${drawn}-${unused.size}` : drawn);
  }
  return {
    remaining: () => [...unused],
    // NIST SP 800-63B-4 §3.1.2: a look-up secret is used successfully only once.
    accept: (code) => unused.delete(code),
  };
}
