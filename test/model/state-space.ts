import type { SecondFactorInput } from '../../machines/second-factor.types.ts';
import {
  abstractState,
  canOccur,
  type Letter,
  secondFactorAlphabet,
} from '../../src/testing/alphabet.ts';
import {
  checkSnapshot,
  checkTransition,
  INVARIANTS,
  type Invariant,
  sameEventSameSnapshot,
  snapshotText,
  type Violation,
} from '../../src/testing/invariants.ts';
import {
  firstSnapshot,
  isFinal,
  nextSnapshot,
  type PureSteps,
  type SecondFactorSnapshot,
  stateName,
} from '../../src/testing/step.ts';

/** The result of a search through a whole state space. */
export interface StateSpace {
  readonly letters: number;
  /** The first snapshot of each abstract state. */
  readonly states: readonly SecondFactorSnapshot[];
  /** State × event, for every event that can occur in the state. */
  readonly cells: number;
  readonly accepted: number;
  /** How many state × event were refused: the same reference came back. */
  readonly refused: number;
  /** By state name, how many abstract states there are. */
  readonly byName: Readonly<Record<string, number>>;
  /** Names of letters that no state accepts. */
  readonly deadLetters: readonly string[];
  /** States from which no final state can be reached. */
  readonly stuck: readonly string[];
  readonly violations: readonly string[];
  /** By abstract state, the accepted letters and the abstract states that they lead to. */
  readonly graph: Graph;
  /** Whether the search ended early, at a difference from the reference. */
  readonly isDifferent: boolean;
  /** Pairs of snapshots with the same abstract state whose successors differ. */
  readonly incongruent: readonly string[];
}

export type Graph = ReadonlyMap<string, ReadonlyMap<string, string>>;

export interface SearchOptions {
  readonly input: SecondFactorInput;
  readonly letters?: readonly Letter[];
  /** Also searches one snapshot for each error code that an abstract state can have. */
  readonly checkAbstraction?: boolean;
  /** The machine to search; a faulty one, to see that the search finds its faults. */
  readonly machine?: PureSteps;
  /** The graph of the real machine. The search ends at the first difference from it. */
  readonly reference?: Graph;
}

// This one compares the pure function with itself in every cell, which only costs time.
const IN_CELLS = INVARIANTS.filter((one) => one !== sameEventSameSnapshot);
/** More violations tell the same story. */
const MOST_VIOLATIONS = 5;

/** Searches everything that a start can reach, breadth first, and checks it all. */
export function searchStateSpace({
  input,
  letters,
  checkAbstraction,
  machine = { first: firstSnapshot, next: nextSnapshot },
  reference,
}: SearchOptions): StateSpace {
  const { signIn } = input as { signIn: { supportedSecondFactors: [] } };
  const alphabet = letters ?? secondFactorAlphabet({ factors: signIn.supportedSecondFactors });
  // The search makes thousands of errors, and nobody reads their stacks.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return search(machine, machine.first(input), alphabet, checkAbstraction === true, reference);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function search(
  machine: PureSteps,
  start: SecondFactorSnapshot,
  alphabet: readonly Letter[],
  twice: boolean,
  reference?: Graph,
) {
  const states = [start];
  const index = new Map([[abstractState(start), 0]]);
  const cameBy: string[] = ['start'];
  const cameFrom: number[] = [-1];
  const before: number[][] = [[]];
  const successors: Map<string, string>[] = [];
  /** By abstract state and error code: several codes may hide behind one abstract state. */
  const others = new Map<string, { state: number; other: SecondFactorSnapshot }>();
  const violations: string[] = [];
  const used = new Set<string>();
  let cells = 0;
  let accepted = 0;

  const path = (state: number): string =>
    state < 0 ? '' : `${path(cameFrom[state] ?? -1)}${cameBy[state]} → ${stateName(at(state))}\n`;
  const at = (state: number) => states[state] as SecondFactorSnapshot;
  const report = (state: number, found: readonly Violation[]) => {
    for (const { invariant, problem } of found) {
      if (violations.length < MOST_VIOLATIONS) {
        violations.push(`${invariant}: ${problem}\n${path(state)}`);
      }
    }
  };
  report(0, checkSnapshot(start));

  const isUnlike = (state: number): boolean =>
    reference !== undefined && !isSame(successors[state], reference.get(abstractState(at(state))));
  let isDifferent = false;
  for (let state = 0; state < states.length && !isDifferent; state += 1) {
    const snapshot = at(state);
    const leadsTo = new Map<string, string>();
    successors.push(leadsTo);
    if (isFinal(snapshot)) {
      isDifferent = isUnlike(state);
      continue;
    }
    for (const letter of alphabet) {
      if (!canOccur(letter, snapshot)) continue;
      cells += 1;
      const event = letter.event(snapshot);
      const after = machine.next(snapshot, event);
      const cell = { before: snapshot, event, after };
      report(state, checkTransition(cell, IN_CELLS as readonly Invariant[]));
      if (after === snapshot) continue;
      accepted += 1;
      used.add(letter.name);
      const key = abstractState(after);
      leadsTo.set(letter.name, key);
      const known = index.get(key);
      const next = known ?? states.length;
      before[next] ??= [];
      before[next].push(state);
      if (known === undefined) {
        index.set(key, next);
        states.push(after);
        cameBy.push(letter.name);
        cameFrom.push(state);
        report(next, checkSnapshot(after));
        report(state, checkTransition(cell, [sameEventSameSnapshot]));
      } else if (twice) {
        const look = `${known} ${after.context.error?.code}`;
        const isOther = !others.has(look) && snapshotText(at(known)) !== snapshotText(after);
        if (isOther) others.set(look, { state: known, other: after });
      }
    }
    isDifferent = isUnlike(state);
  }

  return {
    letters: alphabet.length,
    states,
    cells,
    accepted,
    refused: cells - accepted,
    byName: countNames(states),
    deadLetters: alphabet.map(({ name }) => name).filter((name) => !used.has(name)),
    stuck: [...reachFinal(states, before).entries()]
      .filter(([, reaches]) => !reaches)
      .map(([state]) => path(state)),
    violations,
    graph: new Map(successors.map((leadsTo, state) => [abstractState(at(state)), leadsTo])),
    isDifferent,
    incongruent: [...others.values()].flatMap(({ state, other }) =>
      differences(machine, other, alphabet, successors[state] ?? new Map()),
    ),
  };
}

function isSame(
  one: ReadonlyMap<string, string> | undefined,
  other: ReadonlyMap<string, string> | undefined,
): boolean {
  if (!one || !other || one.size !== other.size) return false;
  return [...one].every(([name, key]) => other.get(name) === key);
}

function countNames(states: readonly SecondFactorSnapshot[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const state of states) counts[stateName(state)] = (counts[stateName(state)] ?? 0) + 1;
  return counts;
}

/** For each state, whether it can reach a final one. It searches backwards from the final ones. */
function reachFinal(states: readonly SecondFactorSnapshot[], before: readonly number[][]) {
  const reaches = states.map(isFinal);
  const queue = [...reaches.keys()].filter((state) => reaches[state]);
  for (let state = queue.pop(); state !== undefined; state = queue.pop()) {
    for (const earlier of before[state] ?? []) {
      if (reaches[earlier]) continue;
      reaches[earlier] = true;
      queue.push(earlier);
    }
  }
  return reaches;
}

function differences(
  machine: PureSteps,
  snapshot: SecondFactorSnapshot,
  alphabet: readonly Letter[],
  expected: ReadonlyMap<string, string>,
): string[] {
  if (isFinal(snapshot)) return [];
  return alphabet.flatMap((letter) => {
    if (!canOccur(letter, snapshot)) return [];
    const after = machine.next(snapshot, letter.event(snapshot));
    const key = after === snapshot ? undefined : abstractState(after);
    return key === expected.get(letter.name) ? [] : [`${abstractState(snapshot)} × ${letter.name}`];
  });
}
