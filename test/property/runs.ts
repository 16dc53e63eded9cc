/**
 * How often properties run: 10,000 times in the slow lane (`SLOW=1`), and 500 times in `npm test`, or a share of that
 * if a run is slow. `FC_RUNS` sets another number. A failure prints its seed and path, and `FC_SEED=… FC_PATH=…`
 * replays it. Commands also need the `replayPath` that the failure prints, as `FC_REPLAY=…`.
 *
 * @param share - of the 500
 */
export function runs(share = 1): {
  numRuns: number;
  seed?: number;
  path?: string;
  endOnFailure?: boolean;
} {
  const { FC_RUNS, FC_SEED, FC_PATH, SLOW } = process.env;
  const numRuns = Number(FC_RUNS ?? (SLOW === '1' ? 10_000 : Math.ceil(500 * share)));
  return {
    numRuns,
    ...(FC_SEED !== undefined && { seed: Number(FC_SEED) }),
    ...(FC_PATH !== undefined && { path: FC_PATH, endOnFailure: true }),
  };
}

/** The commands that a run executed: without them a replay of shrunk commands does something else. */
export const REPLAY_PATH = process.env.FC_REPLAY;

/** Room for 10,000 runs on a busy machine, in ms. */
export const LONGEST_MS = 1_800_000;
