import { adjacencyMapToArray, getAdjacencyMap } from 'xstate/graph';
import type { SecondFactor } from '../../machines/factors.ts';
import { secondFactorMachine } from '../../machines/second-factor.machine.ts';
import type { SecondFactorEvent, SecondFactorInput } from '../../machines/second-factor.types.ts';
import type { Strategies } from '../../machines/strategies.ts';
import { abstractState, canOccur, secondFactorAlphabet } from './alphabet.ts';
import {
  firstSnapshot,
  isFinal,
  type MachineEvent,
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
  /** What the host has registered beside the strategies that are built in. */
  readonly strategies?: Strategies | undefined;
  /** A code that is well formed for all of the factors. `@defaultValue` `'424242'` */
  readonly code?: string | undefined;
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
  const { factors = FACTORS, strategies, code } = options;
  const start = firstSnapshot({ ...firstInput(factors), options: { strategies } });
  const letters = secondFactorAlphabet({ factors, strategies, code });
  const names = new Map<MachineEvent, string>();
  const graph = getAdjacencyMap(secondFactorMachine, {
    fromState: start,
    serializeState: abstractState,
    serializeEvent: (event) => String(names.get(event)),
    stopWhen: isFinal,
    events: (state) =>
      letters.flatMap((letter) => {
        if (!canOccur(letter, state)) return [];
        const event = letter.event(state);
        names.set(event, letter.name);
        // SAFETY: XState sends its own `xstate.*` events through the same function.
        return event as SecondFactorEvent;
      }),
  });
  const found = new Map<string, SecondFactorPath>();
  const keep = (name: string, steps: readonly PathStep[]) => {
    if (!found.has(name)) found.set(name, { name, start, steps });
  };
  if (options.to !== 'transitions') keep(stateName(start), []);
  // XState's own getShortestPaths() mixes snapshots of different ways that look alike, and such a path
  // does not replay. Its graph was searched breadth first, and so were its edges listed: the first
  // way to anything is a shortest one.
  const ways = new Map<SecondFactorSnapshot, readonly PathStep[]>([[start, []]]);
  for (const { state, event, nextState } of adjacencyMapToArray(graph)) {
    if (nextState === state) continue;
    const step = { name: String(names.get(event)), event, snapshot: nextState };
    const steps = [...(ways.get(state) ?? []), step];
    ways.set(nextState, steps);
    const end = stateName(nextState);
    keep(options.to === 'transitions' ? `${stateName(state)} × ${step.name} → ${end}` : end, steps);
  }
  return [...found.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

function firstInput(supportedSecondFactors: readonly SecondFactor[]): SecondFactorInput {
  return {
    at: 0,
    signIn: {
      id: 'sia_1',
      status: 'needs_second_factor',
      supportedSecondFactors,
      secondFactorVerification: null,
      createdSessionId: null,
    },
  };
}
