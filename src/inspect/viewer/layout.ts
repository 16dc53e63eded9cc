import type { Chart, ChartNode, ChartTransition } from '../chart.ts';

/** `x, y, width, height` in px. */
export type Box = readonly [x: number, y: number, width: number, height: number];
/** `x, y` in px. */
export type Point = readonly [x: number, y: number];

/** Where everything of a chart is drawn. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly boxes: ReadonlyMap<string, Box>;
  /** From a line of the source to the name of the target. */
  readonly arrows: readonly { readonly transition: string; readonly points: readonly Point[] }[];
}

/** A line inside of a state. */
export interface Line {
  /** `PREPARE`; empty where the line above has the same. */
  readonly label: string;
  /** `[canPrepare]`, or the name of an action or an actor. */
  readonly detail: string;
  /** `→ preparing`; empty where no state changes. */
  readonly goes: string;
  /** Absent for actions and actors. */
  readonly transition?: ChartTransition;
}

/** Monospaced type has one advance for every glyph. */
export const CHARACTER_PX = 11 * 0.602;
const TITLE_CHARACTER_PX = 13 * 0.602;
export const LINE_PX = 16;
export const PAD_PX = 12;
const HEAD_PX = 30;
const GAP_PX = 12;
/** Room before inner states, for the arrow to the first of them. */
const INDENT_PX = 26;
const LANE_PX = 9;

/**
 * What is written inside of a state, below its name. Transitions stand there, and not at their
 * arrows: so they keep the order in which their guards are asked, and can always be read.
 */
export function linesOf(chart: Chart, node: ChartNode): readonly Line[] {
  const line = (label: string, detail: string): Line => ({ label, detail, goes: '' });
  const lines: Line[] = [
    ...node.invoke.map(({ src }) => line('invoke', src)),
    ...node.entry.map((name) => line('entry', name)),
    ...node.exit.map((name) => line('exit', name)),
  ];
  let before: string | null = null;
  for (const transition of chart.transitions) {
    const { source, event, label, guard } = transition;
    if (source !== node.id) continue;
    const isSame = event === before;
    before = event;
    lines.push({
      label: isSame ? '' : label,
      detail: guard !== undefined ? `[${guard}]` : isSame ? 'else' : '',
      goes: goesTo(chart, node, transition),
      transition,
    });
  }
  return lines;
}

function goesTo(chart: Chart, node: ChartNode, { targets }: ChartTransition): string {
  const names = targets.map((id) => {
    if (id === node.id) return '↺';
    const path: string[] = [];
    // Below what both have in common the name says enough.
    for (let at = nodeOf(chart, id); at?.parent; at = nodeOf(chart, at.parent)) {
      if (at.id === node.id || at.id === node.parent) break;
      path.unshift(at.key);
    }
    return `→ ${path.join('.') || id}`;
  });
  return names.join(' ');
}

/** The columns of a state's lines, in characters, and where they end. */
export function columnsOf(lines: readonly Line[]) {
  const longest = (part: 'label' | 'detail' | 'goes') =>
    Math.max(0, ...lines.map((line) => [...line[part]].length));
  const detail = longest('label') + 1;
  const goes = detail + longest('detail') + (longest('detail') > 0 ? 1 : 0);
  return { detail, goes, end: goes + longest('goes') };
}

/** Where the text of a line stands, from the top of its state. */
export function baselineOf(line: number): number {
  return 42 + line * LINE_PX;
}

/** The name of a state and its tags. */
export function titleOf({ key, type, history }: ChartNode): string {
  return type === 'history' ? `${key} (${history} history)` : key;
}

/** How wide a name and the tags after it are, in px. */
export function titleWidth(node: ChartNode): number {
  const tags = node.tags.join(' ').length;
  return titleOf(node).length * TITLE_CHARACTER_PX + (tags && 14 + tags * CHARACTER_PX);
}

/**
 * Lays out a chart: inner states below one another inside of the outer one, arrows to the right of
 * them, each target with a lane of its own. So an arrow meets other arrows, and never a text.
 */
export function layOut(chart: Chart): Layout {
  const [root] = chart.nodes;
  const boxes = new Map<string, Box>();
  if (!root) return { width: 0, height: 0, boxes, arrows: [] };
  const children = new Map(chart.nodes.map(({ id }) => [id, [] as ChartNode[]]));
  for (const node of chart.nodes) children.get(node.parent ?? '')?.push(node);
  const below = (id: string) => children.get(id) ?? [];
  const lines = new Map(chart.nodes.map((node) => [node.id, linesOf(chart, node)]));
  const tops = new Map<string, number>();
  const heights = new Map<string, number>();
  const widths = new Map<string, number>();

  const stack = (node: ChartNode, top: number): number => {
    const count = lines.get(node.id)?.length ?? 0;
    tops.set(node.id, top);
    let bottom = top + HEAD_PX + (count > 0 ? count * LINE_PX + 8 : 0);
    const inner = below(node.id);
    for (const child of inner) bottom = stack(child, bottom + (child === inner[0] ? 4 : GAP_PX));
    if (inner.length > 0) bottom += GAP_PX;
    heights.set(node.id, bottom - top);
    return bottom;
  };
  stack(root, 0);

  const parents = new Map(chart.nodes.map(({ id, parent }) => [id, parent]));
  const ancestors = (id: string): string[] => {
    const path: string[] = [];
    for (let at = parents.get(id); at; at = parents.get(at)) path.push(at);
    return path;
  };
  const wires = chart.transitions.flatMap(({ id, source, targets }) =>
    targets.flatMap((target) => {
      const around = ancestors(target);
      // An arrow into or out of a state, from itself, says less than the line in its box.
      if (target === source || around.includes(source) || ancestors(source).includes(target)) {
        return [];
      }
      const home = ancestors(source).find((one) => around.includes(one));
      const line = lines.get(source)?.findIndex(({ transition }) => transition?.id === id) ?? 0;
      const from = (tops.get(source) ?? 0) + baselineOf(line) - 4;
      const to = (tops.get(target) ?? 0) + 15;
      return home === undefined ? [] : [{ id, source, target, home, from, to }];
    }),
  );
  const byHome = new Map<string, Map<string, number>>();
  for (const node of chart.nodes) {
    byHome.set(node.id, lanesOf(wires.filter(({ home }) => home === node.id)));
  }
  const gutter = (id: string) => {
    const lanes = byHome.get(id)?.size ? Math.max(...(byHome.get(id)?.values() ?? [])) + 1 : 0;
    return PAD_PX + (lanes > 0 ? lanes * LANE_PX + 4 : 0);
  };
  const measure = (node: ChartNode): number => {
    const { end } = columnsOf(lines.get(node.id) ?? []);
    const inner = Math.max(0, ...below(node.id).map(measure));
    const width = Math.max(
      Math.max(titleWidth(node), end * CHARACTER_PX) + PAD_PX * 2,
      inner > 0 ? INDENT_PX + inner + gutter(node.id) : 0,
    );
    widths.set(node.id, Math.ceil(width));
    return width;
  };
  measure(root);
  const place = (node: ChartNode, x: number, width: number): void => {
    boxes.set(node.id, [x, tops.get(node.id) ?? 0, width, heights.get(node.id) ?? 0]);
    for (const child of below(node.id)) {
      place(child, x + INDENT_PX, width - INDENT_PX - gutter(node.id));
    }
  };
  place(root, 0, widths.get(root.id) ?? 0);

  const rightOf = (id: string): number => {
    const [x, , width] = boxes.get(id) ?? [0, 0, 0];
    return x + width;
  };
  const arrows = wires.map(({ id, source, target, home, from, to }) => {
    const lane = byHome.get(home)?.get(target) ?? 0;
    const x = rightOf(home) - gutter(home) + LANE_PX + lane * LANE_PX;
    const points: Point[] = [
      [rightOf(source), from],
      [x, from],
      [x, to],
      [rightOf(target), to],
    ];
    return { transition: id, points };
  });
  const [, , width, height] = boxes.get(root.id) ?? [0, 0, 0, 0];
  return { width, height, boxes, arrows };
}

/** For each target the first lane, from the inside, that is free along its whole way. */
function lanesOf(wires: readonly { target: string; from: number; to: number }[]) {
  const ways = new Map<string, [top: number, bottom: number]>();
  for (const { target, from, to } of wires) {
    const [top, bottom] = ways.get(target) ?? [to, to];
    ways.set(target, [Math.min(top, from), Math.max(bottom, from)]);
  }
  const taken: (readonly [number, number])[][] = [];
  const lanes = new Map<string, number>();
  const length = ([top, bottom]: readonly [number, number]) => bottom - top;
  for (const [target, way] of [...ways].sort(([, a], [, b]) => length(a) - length(b))) {
    const isFree = (others: readonly (readonly [number, number])[]) =>
      others.every(([top, bottom]) => way[1] < top - 2 || way[0] > bottom + 2);
    const free = taken.findIndex(isFree);
    const lane = free < 0 ? taken.push([]) - 1 : free;
    taken[lane]?.push(way);
    lanes.set(target, lane);
  }
  return lanes;
}

function nodeOf(chart: Chart, id: string): ChartNode | undefined {
  return chart.nodes.find((node) => node.id === id);
}
