import type { secondFactorMachine } from '../../../machines/second-factor.machine.ts';

/** A box of the diagram, in units of its view box. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** An arrow of the diagram. `path` is SVG path data, `label` stands with its left end at `at`. */
export interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly path: string;
  readonly label?: string;
  readonly at?: readonly [x: number, y: number];
}

/** Width and height of the diagram. */
export const CHART_SIZE = { width: 440, height: 464 } as const;

const box = (x: number, y: number, width: number, height: number): Box => ({ x, y, width, height });

/** Where each state of the machine is drawn, by its path. Laid out by hand, top to bottom as a user meets them. */
export const BOXES: Readonly<Record<string, Box>> = {
  needs_second_factor: box(32, 24, 160, 40),
  preparing: box(32, 116, 160, 40),
  prepared: box(32, 208, 160, 40),
  attempting: box(272, 24, 152, 136),
  'attempting.sending': box(284, 54, 128, 34),
  'attempting.reconciling': box(284, 114, 128, 34),
  complete: box(272, 208, 72, 40),
  halted: box(352, 208, 72, 40),
  failed: box(32, 304, 392, 152),
  'failed.code_rejected': box(44, 336, 180, 30),
  'failed.code_spent': box(232, 336, 180, 30),
  'failed.not_sent': box(44, 374, 180, 30),
  'failed.throttled': box(232, 374, 180, 30),
  'failed.outcome_unknown': box(44, 412, 180, 30),
};

/** What is drawn between them. An arrow to a state with children stands for those to its children. */
export const ARROWS: readonly Arrow[] = [
  {
    from: 'needs_second_factor',
    to: 'preparing',
    path: 'M62 64V116',
    label: 'PREPARE',
    at: [68, 94],
  },
  {
    from: 'preparing',
    to: 'needs_second_factor',
    path: 'M134 116V64',
    label: 'SELECT',
    at: [140, 94],
  },
  { from: 'preparing', to: 'prepared', path: 'M62 156V208', label: 'sent', at: [68, 186] },
  { from: 'prepared', to: 'preparing', path: 'M134 208V156', label: 'PREPARE', at: [140, 186] },
  { from: 'prepared', to: 'needs_second_factor', path: 'M192 220H204V54H192' },
  {
    from: 'needs_second_factor',
    to: 'attempting',
    path: 'M192 38H272',
    label: 'ATTEMPT',
    at: [206, 32],
  },
  {
    from: 'prepared',
    to: 'attempting',
    path: 'M192 234H220V100H272',
    label: 'ATTEMPT',
    at: [196, 250],
  },
  {
    from: 'attempting.sending',
    to: 'attempting.reconciling',
    path: 'M320 88V114',
    label: 'no answer',
    at: [326, 105],
  },
  { from: 'attempting', to: 'complete', path: 'M290 160V208', label: 'verified', at: [296, 188] },
  { from: 'attempting', to: 'halted', path: 'M370 160V208', label: 'locked', at: [376, 188] },
  { from: 'attempting', to: 'failed', path: 'M272 140H256V304' },
  { from: 'preparing', to: 'failed', path: 'M32 146H20V334H32' },
  { from: 'failed', to: 'preparing', path: 'M32 400H8V128H32' },
  { from: 'failed', to: 'needs_second_factor', path: 'M32 400H8V44H32' },
  { from: 'failed', to: 'attempting', path: 'M424 334H434V60H424' },
];

/** What is left out, so that the picture stays readable. Every other way through the machine is drawn. */
const NOT_DRAWN: readonly (readonly [from: string, to: string])[] = [
  // To the ends, by news of the sign-in, by CANCEL or at the start.
  ['needs_second_factor', 'complete'],
  ['needs_second_factor', 'halted'],
  ['preparing', 'complete'],
  ['preparing', 'halted'],
  // A resumed flow goes on where it was left.
  ['needs_second_factor', 'prepared'],
  ['needs_second_factor', 'failed'],
  // Rare answers.
  ['preparing', 'attempting'],
  ['failed', 'halted'],
];

type Machine = typeof secondFactorMachine;
type StateNode = Machine['root'];

/** The path of every state of a machine, parents first. */
function statesOf(machine: Pick<Machine, 'root'>): string[] {
  const below = (node: StateNode): StateNode[] =>
    Object.values(node.states).flatMap((child) => [child, ...below(child)]);
  return below(machine.root).map(pathOf);
}

/** Every pair of states that a transition of the machine leads between, by path. */
function waysOf(machine: Pick<Machine, 'root'>): (readonly [from: string, to: string])[] {
  const ways = new Map<string, readonly [string, string]>();
  const visit = (node: StateNode) => {
    for (const transition of [...[...node.transitions.values()].flat(), ...(node.always ?? [])]) {
      for (const target of transition.target ?? []) {
        const way = [pathOf(node), pathOf(target as StateNode)] as const;
        ways.set(way.join(' → '), way);
      }
    }
    for (const child of Object.values(node.states)) visit(child);
  };
  for (const child of Object.values(machine.root.states)) visit(child);
  return [...ways.values()];
}

/**
 * Holds the picture against the machine.
 *
 * @throws Error that names every state and every way that one of the two has and the other has not
 */
export function assertDrawn(machine: Pick<Machine, 'root'>): void {
  const states = statesOf(machine);
  const ways = waysOf(machine);
  const shown = [...ARROWS.map(({ from, to }) => [from, to] as const), ...NOT_DRAWN];
  const problems = [
    ...states.filter((state) => !BOXES[state]).map((state) => `${state} has no box`),
    ...Object.keys(BOXES)
      .filter((state) => !states.includes(state))
      .map((state) => `${state} is no state of the machine`),
    ...ways
      .filter(
        ([from, to]) => topOf(from) !== topOf(to) && !shown.some((way) => covers(way, from, to)),
      )
      .map(([from, to]) => `${from} → ${to} is not drawn`),
    ...shown
      .filter((way) => !ways.some(([from, to]) => covers(way, from, to)))
      .map(([from, to]) => `${from} → ${to} is no way of the machine`),
  ];
  if (problems.length > 0) throw new Error(`The diagram has drifted: ${problems.join('; ')}.`);
}

/** The arrow for a step from one state to another, if it is drawn. */
export function arrowFor(from: string, to: string): Arrow | undefined {
  return ARROWS.find((arrow) => covers([arrow.from, arrow.to], from, to));
}

function covers(way: readonly [string, string], from: string, to: string): boolean {
  return isWithin(from, way[0]) && isWithin(to, way[1]);
}

function isWithin(path: string, ancestor: string): boolean {
  return path === ancestor || path.startsWith(`${ancestor}.`);
}

function topOf(path: string): string {
  return path.split('.')[0] ?? path;
}

function pathOf(node: StateNode): string {
  return node.path.join('.');
}
