import { getShortestPaths } from 'xstate/graph';
import { secondFactorMachine } from '../../machines/second-factor.machine.ts';
import type { SecondFactorInput } from '../../machines/second-factor.types.ts';
import type { SecondFactor } from '../sign-in.ts';
import { abstractState, canOccur, type Letter, secondFactorAlphabet } from './alphabet.ts';
import {
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
  // Redacted codes and errors serialise alike, so that each event goes by the name of its letter.
  const names = new WeakMap<object, string>();
  const make = (letter: Letter, snapshot: SecondFactorSnapshot): MachineEvent => {
    const event = { ...letter.event(snapshot) } as MachineEvent;
    names.set(event, letter.name);
    return event;
  };
  const nameOf = (event: object) => names.get(event) ?? '';
  const shortest = getShortestPaths(secondFactorMachine, {
    input,
    // SAFETY: XState sends the `xstate.*` events of the alphabet through the same function.
    events: (snapshot) =>
      alphabet
        .filter((letter) => canOccur(letter, snapshot))
        .map((letter) => make(letter, snapshot)) as never,
    serializeState: abstractState,
    serializeEvent: nameOf,
    stopWhen: isFinal,
  });
  const found = new Map<string, SecondFactorPath>();
  const keep = (path: SecondFactorPath) => {
    const known = found.get(path.name);
    if (!known || known.steps.length > path.steps.length) found.set(path.name, path);
  };
  for (const { state, steps } of shortest) {
    const [first] = steps;
    // XState's first step is the start itself: its event is `xstate.init`.
    const start = first ? (first.state as SecondFactorSnapshot) : state;
    const walked = steps.slice(1).map(
      ({ event, state: next }): PathStep => ({
        name: nameOf(event),
        event: event as MachineEvent,
        snapshot: next,
      }),
    );
    if (options.to !== 'transitions') {
      keep({ name: stateName(state), start, steps: walked });
      continue;
    }
    if (isFinal(state)) continue;
    for (const letter of alphabet) {
      if (!canOccur(letter, state)) continue;
      const event = make(letter, state);
      const next = nextSnapshot(state, event);
      if (next === state) continue;
      const name = `${stateName(state)} × ${letter.name} → ${stateName(next)}`;
      keep({ name, start, steps: [...walked, { name: letter.name, event, snapshot: next }] });
    }
  }
  return [...found.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1));
}
