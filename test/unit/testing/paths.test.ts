import { describe, expect, it } from 'vitest';
import { secondFactorMachine } from '../../../machines/second-factor.machine.ts';
import {
  abstractState,
  canOccur,
  nextSnapshot,
  type SecondFactorPath,
  type SecondFactorSnapshot,
  secondFactorAlphabet,
  secondFactorPaths,
  stateName,
} from '../../../src/testing/index.ts';

const toStates = withoutStacks(() => secondFactorPaths());
const toTransitions = withoutStacks(() => secondFactorPaths({ to: 'transitions' }));
const start = startOf(toStates);

function startOf([path]: readonly SecondFactorPath[]): SecondFactorSnapshot {
  if (!path) throw new Error('there are no paths');
  return path.start;
}

/** The search makes thousands of errors, and nobody reads their stacks. */
function withoutStacks<Result>(run: () => Result): Result {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return run();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

type StateNode = typeof secondFactorMachine.root;

/** The states of the chart without children. */
function leafStates({ states, path }: StateNode = secondFactorMachine.root): string[] {
  const inner = Object.values(states);
  return inner.length === 0 ? [path.join('.')] : inner.flatMap((state) => leafStates(state)).sort();
}

/**
 * Every transition that a start can reach, by name, and how many steps the shortest way through it takes.
 */
function searchTransitions(from: SecondFactorSnapshot): Map<string, number> {
  const letters = secondFactorAlphabet({ factors: from.context.signIn.supportedSecondFactors });
  const states = new Map([[abstractState(from), { snapshot: from, depth: 0 }]]);
  const found = new Map<string, number>();
  for (const { snapshot, depth } of states.values()) {
    if (snapshot.status === 'done') continue;
    for (const letter of letters) {
      if (!canOccur(letter, snapshot)) continue;
      const next = nextSnapshot(snapshot, letter.event(snapshot));
      if (next === snapshot) continue;
      const name = `${stateName(snapshot)} × ${letter.name} → ${stateName(next)}`;
      if (!found.has(name)) found.set(name, depth + 1);
      const key = abstractState(next);
      // The loop comes to the added state in its turn.
      if (!states.has(key)) states.set(key, { snapshot: next, depth: depth + 1 });
    }
  }
  return found;
}

/** The steps of a path that lead elsewhere when they are replayed; none if the path replays. */
function brokenSteps({ name, start, steps }: SecondFactorPath): string[] {
  let before = start;
  return steps.flatMap((step) => {
    const again = nextSnapshot(before, step.event);
    const isSame = again !== before && looks(again) === looks(step.snapshot);
    before = step.snapshot;
    return isSame ? [] : [`${name}: ${step.name}`];
  });
}

function looks({ status, value, context }: SecondFactorSnapshot): string {
  return JSON.stringify({ status, value, context });
}

describe('the paths to the states', () => {
  it('reach every state of the chart, one path each', () => {
    expect(toStates.map(({ name }) => name)).toEqual(leafStates());
    expect(toStates).toHaveLength(12);
  });

  it('end in the state that they are named by', () => {
    const ends = toStates.map(({ start, steps }) => stateName(steps.at(-1)?.snapshot ?? start));
    expect(ends).toEqual(toStates.map(({ name }) => name));
  });

  it('replay, step by step', () => {
    expect(toStates.flatMap(brokenSteps)).toEqual([]);
  });
});

describe('the paths of a strategy of the host', () => {
  const factors = [{ strategy: 'pager', pagerId: 'p1' }];
  const strategies = {
    pager: { needsPreparation: true, proof: 'code', length: 4, idField: 'pagerId' },
  } as const;
  const steps = (options: object) =>
    secondFactorPaths({ factors, strategies, ...options }).map((path) => [
      path.name,
      path.steps.map(({ name }) => name),
    ]);

  it('reach every state with a code of its length', () => {
    const paths = Object.fromEntries(steps({ code: '4242' }));
    expect(Object.keys(paths)).toEqual(leafStates());
    expect(paths.prepared).toEqual(['PREPARE pager/p1', 'prepareSecondFactor → pager live']);
  });

  it('attempt nothing with another', () => {
    expect(steps({}).map(([name]) => name)).not.toContain('failed.code_rejected');
  });
});

describe('the paths to the transitions', () => {
  const names = toTransitions.map(({ name }) => name);
  const searched = withoutStacks(() => searchTransitions(start));

  it('have the pinned number, and none is there twice', () => {
    expect(names).toHaveLength(587);
    expect(new Set(names).size).toBe(names.length);
  });

  it('cover every transition that a search finds, and no other', () => {
    expect(names).toEqual([...searched.keys()].sort());
  });

  it('are the shortest', () => {
    const lengths = toTransitions.map(({ name, steps }) => [name, steps.length]);
    expect(Object.fromEntries(lengths)).toEqual(Object.fromEntries(searched));
  });

  it('end with the transition that they are named by', () => {
    const ends = toTransitions.map(({ start, steps }) => {
      const last = steps.at(-1);
      const from = steps.at(-2)?.snapshot ?? start;
      return last && `${stateName(from)} × ${last.name} → ${stateName(last.snapshot)}`;
    });
    expect(ends).toEqual(names);
  });

  it('replay, step by step', () => {
    expect(toTransitions.flatMap(brokenSteps)).toEqual([]);
  });
});
