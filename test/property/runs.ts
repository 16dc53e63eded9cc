/**
 * How often properties run: 500 times in `npm test`, 10,000 times in the slow lane (`SLOW=1`), or as
 * `FC_RUNS` says. A failure prints its seed and path; `FC_SEED=… FC_PATH=…` replays it.
 */
export function runs(share = 1): {
  numRuns: number;
  seed?: number;
  path?: string;
  endOnFailure?: boolean;
} {
  const { FC_RUNS, FC_SEED, FC_PATH, SLOW } = process.env;
  const numRuns = Math.ceil(Number(FC_RUNS ?? (SLOW === '1' ? 10_000 : 500)) * share);
  return {
    numRuns,
    ...(FC_SEED !== undefined && { seed: Number(FC_SEED) }),
    ...(FC_PATH !== undefined && { path: FC_PATH, endOnFailure: true }),
  };
}

/** Room for 10,000 runs on a busy machine, in ms. */
export const LONGEST_MS = 1_800_000;
