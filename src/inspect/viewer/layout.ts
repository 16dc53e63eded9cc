import type { Chart, ChartNode, ChartTransition } from '../chart.ts';

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

/**
 * An arrow from a line to the name of a state. It runs down the right side of its `home`, the innermost
 * state that both ends are in, on one of the lanes there, counted from the inside.
 */
export interface Wire
  extends Readonly<Record<'transition' | 'source' | 'target' | 'home', string>> {
  readonly lane: number;
}

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
    const detail = guard !== undefined ? `[${guard}]` : isSame ? 'else' : '';
    const goes = goesTo(chart, node, transition);
    lines.push({ label: isSame ? '' : label, detail, goes, transition });
  }
  return lines;
}

function goesTo({ nodes }: Chart, node: ChartNode, { targets }: ChartTransition): string {
  const nodeOf = (id: string) => nodes.find((one) => one.id === id);
  const names = targets.map((id) => {
    if (id === node.id) return '↺';
    const path: string[] = [];
    // Below what both have in common the name says enough.
    for (let at = nodeOf(id); at?.parent; at = nodeOf(at.parent)) {
      if (at.id === node.id || at.id === node.parent) break;
      path.unshift(at.key);
    }
    return `→ ${path.join('.') || id}`;
  });
  return names.join(' ');
}

/**
 * The arrows of a chart whose states stand below one another: each runs to the right of them, and each
 * target has a lane of its own. So an arrow meets other arrows, and never a text.
 */
export function wiresOf(chart: Chart): readonly Wire[] {
  const parents = new Map(chart.nodes.map(({ id, parent }) => [id, parent]));
  const around = (id: string): string[] => {
    const path: string[] = [];
    for (let at = parents.get(id); at; at = parents.get(at)) path.push(at);
    return path;
  };
  // Where each name and each line stands, from the top.
  const places = new Map<string, number>();
  for (const { id } of chart.nodes) {
    places.set(id, places.size);
    for (const one of chart.transitions) if (one.source === id) places.set(one.id, places.size);
  }
  const wires = chart.transitions.flatMap(({ id, source, targets }) =>
    targets.flatMap((target) => {
      const home = around(source).find((one) => around(target).includes(one));
      // Into a state from itself, or out of it to itself, the line in its box says all.
      const isInner =
        [source, ...around(source)].includes(target) || around(target).includes(source);
      if (home === undefined || isInner) return [];
      const ends = [places.get(id) ?? 0, places.get(target) ?? 0];
      return [
        { transition: id, source, target, home, top: Math.min(...ends), bottom: Math.max(...ends) },
      ];
    }),
  );
  const lanes = new Map<string, number>();
  for (const { id: home } of chart.nodes) {
    const ways = new Map<string, [top: number, bottom: number]>();
    for (const { target, top, bottom } of wires.filter((wire) => wire.home === home)) {
      const [above, below] = ways.get(target) ?? [top, bottom];
      ways.set(target, [Math.min(above, top), Math.max(below, bottom)]);
    }
    const taken: [number, number][][] = [];
    const shortFirst = [...ways].sort(([, a], [, b]) => a[1] - a[0] - (b[1] - b[0]));
    for (const [target, way] of shortFirst) {
      const isFree = (others: [number, number][]) =>
        others.every(([top, bottom]) => way[1] < top || way[0] > bottom);
      const free = taken.findIndex(isFree);
      const lane = free < 0 ? taken.push([]) - 1 : free;
      taken[lane]?.push(way);
      lanes.set(`${home} ${target}`, lane);
    }
  }
  return wires.map((wire) => ({ ...wire, lane: lanes.get(`${wire.home} ${wire.target}`) ?? 0 }));
}
