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

/** What was found in a state space that was searched to its end. */
export interface StateSpace {
  readonly letters: number;
  /** Abstract states; the snapshots are the first found for each. */
  readonly states: readonly SecondFactorSnapshot[];
  /** State × event, for every event that can occur in the state. */
  readonly cells: number;
  readonly accepted: number;
  /** State × event that were refused: the same reference came back. */
  readonly refused: number;
  /** By state name, how many abstract states there are. */
  readonly byName: Readonly<Record<string, number>>;
  /** Names of letters that were accepted in no state at all. */
  readonly deadLetters: readonly string[];
  /** States from which no final state can be reached. */
  readonly stuck: readonly string[];
  readonly violations: readonly string[];
  /** By abstract state, the accepted letters and the abstract states that they lead to. */
  readonly graph: Graph;
  /** Whether the search ended early, at something that the reference does not do. */
  readonly isDifferent: boolean;
  /** Pairs of snapshots with the same abstract state whose successors differ. */
  readonly incongruent: readonly string[];
}

export type Graph = ReadonlyMap<string, ReadonlyMap<string, string>>;

export interface SearchOptions {
  readonly input: SecondFactorInput;
  readonly letters?: readonly Letter[];
  /** Also looks at different snapshots of each abstract state, one for each error code. */
  readonly checkAbstraction?: boolean;
  /** The machine to search. @defaultValue the real one; another one shows that its faults are found */
  readonly machine?: PureSteps;
  /** The graph of the real machine. The search ends at the first difference from it. */
  readonly reference?: Graph;
}

// In a cell this compares the pure function with itself, which only costs time.
const IN_CELLS = INVARIANTS.filter((one) => one !== sameEventSameSnapshot);
/** More of them would say the same again. */
const MOST_VIOLATIONS = 5;

/** Searches everything that can be reached from a start, breadth first, and checks it all. */
export function searchStateSpace({
  input,
  letters,
  checkAbstraction,
  machine = { first: firstSnapshot, next: nextSnapshot },
  reference,
}: SearchOptions): StateSpace {
  const { signIn } = input as { signIn: { supportedSecondFactors: [] } };
  const alphabet = letters ?? secondFactorAlphabet({ factors: signIn.supportedSecondFactors });
  // A search makes thousands of errors, and nobody reads their stacks.
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
  /** By abstract state and error code, as it may hide behind the same text. */
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

/** For each state, whether a final one can be reached: searched backwards from those. */
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
