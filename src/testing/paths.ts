import type { SecondFactorInput } from '../../machines/second-factor.types.ts';
import type { SecondFactor } from '../sign-in.ts';
import { abstractState, canOccur, secondFactorAlphabet } from './alphabet.ts';
import {
  firstSnapshot,
  isFinal,
  type MachineEvent,
  nextSnapshot,
  type SecondFactorSnapshot,
  stateName,
} from './step.ts';

/** One step of a path. */
export interface PathStep {
  /** The event in words: `PREPARE phone_code/idn_1`, `attemptSecondFactor ✗ code_incorrect`. */
  readonly name: string;
  readonly event: MachineEvent;
  /** The snapshot that the step leads to. */
  readonly snapshot: SecondFactorSnapshot;
}

/** A way from the start of a flow. */
export interface SecondFactorPath {
  /** What the path is for: a state, `prepared`, or a transition, `prepared × CANCEL → halted`. */
  readonly name: string;
  readonly start: SecondFactorSnapshot;
  readonly steps: readonly PathStep[];
}

/** What {@link secondFactorPaths} may be given. */
export interface PathOptions {
  /** `@defaultValue` an authenticator and a phone */
  readonly factors?: readonly SecondFactor[] | undefined;
  /** Paths to every state of the chart, or to every transition of it. `@defaultValue` `'states'` */
  readonly to?: 'states' | 'transitions' | undefined;
}

const FACTORS: readonly SecondFactor[] = [
  { strategy: 'totp' },
  { strategy: 'phone_code', phoneNumberId: 'idn_1', default: true },
];

/**
 * The shortest paths to every state of the chart, or to every transition (state × event × state), to
 * make a test of each: replay the steps against your page, and compare with `snapshot`.
 */
export function secondFactorPaths(options: PathOptions = {}): SecondFactorPath[] {
  const factors = options.factors ?? FACTORS;
  const input: SecondFactorInput = {
    at: 0,
    signIn: {
      id: 'sia_1',
      status: 'needs_second_factor',
      supportedSecondFactors: factors,
      secondFactorVerification: null,
      createdSessionId: null,
    },
  };
  const alphabet = secondFactorAlphabet({ factors });
  const found = new Map<string, SecondFactorPath>();
  const keep = (path: SecondFactorPath) => {
    if (!found.has(path.name)) found.set(path.name, path);
  };
  const start = firstSnapshot(input);
  const states = new Map([
    [abstractState(start), { state: start, steps: [] as readonly PathStep[] }],
  ]);
  for (const { state, steps } of states.values()) {
    if (options.to !== 'transitions') keep({ name: stateName(state), start, steps });
    if (isFinal(state)) continue;
    for (const letter of alphabet) {
      if (!canOccur(letter, state)) continue;
      const event = letter.event(state);
      const next = nextSnapshot(state, event);
      if (next === state) continue;
      const walked = [...steps, { name: letter.name, event, snapshot: next }];
      if (options.to === 'transitions') {
        keep({
          name: `${stateName(state)} × ${letter.name} → ${stateName(next)}`,
          start,
          steps: walked,
        });
      }
      const key = abstractState(next);
      if (!states.has(key)) states.set(key, { state: next, steps: walked });
    }
  }
  return [...found.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1));
}
