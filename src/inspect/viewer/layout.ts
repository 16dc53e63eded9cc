import type { Chart, ChartNode, ChartTransition } from '../chart.ts';

/** `x, y, width, height` in px. */
export type Box = readonly [x: number, y: number, width: number, height: number];
/** `x, y` in px. */
export type Point = readonly [x: number, y: number];

/** Where everything of a chart is drawn. Plain data, so that it can be made at build time. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly nodes: Readonly<Record<string, Box>>;
  readonly edges: readonly LayoutEdge[];
}

/** One arrow: all transitions from one state to another. Their texts stand in the source's box. */
export interface LayoutEdge {
  readonly transitions: readonly string[];
  readonly points: readonly Point[];
}

/** The part of elkjs that is used. */
export interface Elk {
  layout(graph: ElkGraph): Promise<ElkGraph>;
}

/** A node of a graph as elkjs takes and returns it. */
export interface ElkGraph {
  id: string;
  x?: number;
  y?: number;
  width?: number;
  height?: number;
  layoutOptions?: Record<string, string>;
  children?: ElkGraph[];
  edges?: ElkEdge[];
}

interface ElkEdge {
  id: string;
  sources: string[];
  targets: string[];
  container?: string;
  sections?: { startPoint: ElkPoint; endPoint: ElkPoint; bendPoints?: ElkPoint[] }[];
  layoutOptions?: Record<string, string>;
}

interface ElkPoint {
  x: number;
  y: number;
}

/** Monospaced type has one advance for every glyph, so a build without fonts can measure it. */
const ADVANCE_EM = 0.602;
export const TITLE_PX = 13;
export const TEXT_PX = 11;
export const LINE_PX = 16;
const PAD_PX = 12;
const HEAD_PX = 30;

function textWidth(text: string, px: number): number {
  return Math.ceil([...text].length * px * ADVANCE_EM);
}

/** A line inside of a state. */
export interface Line {
  readonly kind: 'invoke' | 'action' | 'transition';
  /** `PREPARE`; empty where the line above has the same. */
  readonly label: string;
  /** `[canPrepare]`, or the name of an action or an actor. */
  readonly detail: string;
  /** `→ preparing`; empty where no state changes. */
  readonly goes: string;
  readonly transition?: ChartTransition;
}

/**
 * What is written inside of a state, below its name. Transitions stand there, and not at their
 * arrows: so they keep the order in which their guards are asked, and a chart stays compact.
 */
export function linesOf(chart: Chart, node: ChartNode): readonly Line[] {
  const lines: Line[] = [
    ...node.invoke.map(
      ({ src }): Line => ({ kind: 'invoke', label: 'invoke', detail: src, goes: '' }),
    ),
    ...node.entry.map((name): Line => ({ kind: 'action', label: 'entry', detail: name, goes: '' })),
    ...node.exit.map((name): Line => ({ kind: 'action', label: 'exit', detail: name, goes: '' })),
  ];
  let before: string | null = null;
  for (const t of chart.transitions) {
    if (t.source !== node.id) continue;
    const isSame = t.event === before;
    before = t.event;
    lines.push({
      kind: 'transition',
      label: isSame ? '' : t.label,
      detail: t.guard !== undefined ? `[${t.guard}]` : isSame ? 'else' : '',
      goes: goesTo(chart, node, t),
      transition: t,
    });
  }
  return lines;
}

function goesTo(chart: Chart, node: ChartNode, { targets }: ChartTransition): string {
  const byId = new Map(chart.nodes.map((other) => [other.id, other]));
  const names = targets.map((id) => {
    if (id === node.id) return '↺';
    const path: string[] = [];
    // Below what both have in common the name says enough.
    for (let at = byId.get(id); at?.parent && at.id !== node.parent; at = byId.get(at.parent)) {
      if (at.id === node.id) break;
      path.unshift(at.key);
    }
    return `→ ${path.join('.') || id}`;
  });
  return names.join(' ');
}

/** The columns of a state's lines, in characters. */
export function columnsOf(lines: readonly Line[]): {
  readonly detail: number;
  readonly goes: number;
} {
  const longest = (texts: readonly string[]) =>
    Math.max(0, ...texts.map((text) => [...text].length));
  const label = longest(lines.map((line) => line.label));
  const detail = longest(lines.map((line) => line.detail));
  return { detail: label + (detail > 0 ? 1 : 0), goes: label + detail + (detail > 0 ? 2 : 1) };
}

/** An arrow from a state to itself or into itself says less than the line in its box. */
function isInner(chart: Chart, source: string, target: string): boolean {
  const parents = new Map(chart.nodes.map(({ id, parent }) => [id, parent]));
  let at: string | null | undefined = target;
  while (at && at !== source) at = parents.get(at);
  return at === source;
}

/** Transitions that share an arrow. */
function arrowsOf(chart: Chart): { source: string; target: string; rows: ChartTransition[] }[] {
  const arrows = new Map<string, { source: string; target: string; rows: ChartTransition[] }>();
  const known = new Set(chart.nodes.map(({ id }) => id));
  for (const t of chart.transitions) {
    for (const target of t.targets) {
      if (!known.has(target) || !known.has(t.source) || isInner(chart, t.source, target)) continue;
      const key = JSON.stringify([t.source, target]);
      const arrow = arrows.get(key) ?? { source: t.source, target, rows: [] };
      arrow.rows.push(t);
      arrows.set(key, arrow);
    }
  }
  return [...arrows.values()];
}

/**
 * What two charts have in common when one's layout fits the other. It covers all that is measured.
 */
export function fingerprint(chart: Chart): string {
  const text = JSON.stringify([
    chart.nodes.map((node) => [
      node.id,
      node.type,
      node.initial ?? '',
      node.tags,
      linesOf(chart, node).map(({ label, detail, goes }) => [label, detail, goes]),
    ]),
    chart.transitions.map(({ source, targets }) => [source, targets]),
  ]);
  // FNV-1a, 32 bits: a checksum, not a security control.
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return hash.toString(36);
}

const OPTIONS: Record<string, string> = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.layered.cycleBreaking.strategy': 'DEPTH_FIRST',
  // Arrows share their way, and the ones that matter now are lit: many thin lines say less.
  'elk.layered.mergeEdges': 'true',
  'elk.layered.spacing.nodeNodeBetweenLayers': '30',
  'elk.layered.spacing.edgeNodeBetweenLayers': '16',
  'elk.spacing.nodeNode': '26',
  'elk.spacing.edgeNode': '16',
  'elk.spacing.edgeEdge': '12',
};

/**
 * Lays out a chart.
 * @throws what elkjs throws for a graph that it can't lay out
 */
export async function layOut(chart: Chart, elk: Elk): Promise<Layout> {
  const [root] = chart.nodes;
  if (!root) return { width: 0, height: 0, nodes: {}, edges: [] };
  const arrows = arrowsOf(chart);
  const graph = await elk.layout({
    id: '',
    layoutOptions: OPTIONS,
    children: [toElk(chart, root)],
    edges: [
      ...arrows.map(({ source, target }, index) => ({
        id: String(index),
        sources: [source],
        targets: [target],
      })),
    ],
  });
  return fromElk(graph, arrows);
}

function toElk(chart: Chart, node: ChartNode): ElkGraph {
  if (node.type === 'history') return { id: node.id, width: 30, height: 30 };
  const lines = linesOf(chart, node);
  const columns = columnsOf(lines);
  const widest = Math.max(
    0,
    ...lines.map(({ label, detail, goes }) => {
      if (goes) return columns.goes + [...goes].length;
      return detail ? columns.detail + [...detail].length : [...label].length;
    }),
  );
  const tags = node.tags.join(' ');
  const width =
    Math.max(
      textWidth(node.key, TITLE_PX) + (tags ? textWidth(tags, TEXT_PX) + 26 : 0),
      Math.ceil(widest * TEXT_PX * ADVANCE_EM),
      40,
    ) +
    PAD_PX * 2;
  const head = HEAD_PX + (lines.length > 0 ? lines.length * LINE_PX + 6 : 0);
  const children = chart.nodes.filter(({ parent }) => parent === node.id);
  if (children.length === 0) return { id: node.id, width, height: head + 2 };
  return {
    id: node.id,
    layoutOptions: {
      ...OPTIONS,
      'elk.padding': `[top=${head + 12},left=22,bottom=16,right=16]`,
      'elk.nodeSize.constraints': 'MINIMUM_SIZE',
      'elk.nodeSize.minimum': `(${width},${head + 20})`,
    },
    children: children.map((child) => toElk(chart, child)),
  };
}

function fromElk(graph: ElkGraph, arrows: { rows: ChartTransition[] }[]): Layout {
  const nodes: Record<string, Box> = {};
  const origins = new Map<string, Point>();
  const edges: LayoutEdge[] = [];
  const round = (value: number | undefined): number => Math.round((value ?? 0) * 2) / 2;

  const place = (node: ElkGraph, x: number, y: number): void => {
    const at: Point = [x + (node.x ?? 0), y + (node.y ?? 0)];
    origins.set(node.id, at);
    if (node.id !== '') {
      nodes[node.id] = [round(at[0]), round(at[1]), round(node.width), round(node.height)];
    }
    for (const child of node.children ?? []) place(child, at[0], at[1]);
  };
  const connect = (node: ElkGraph): void => {
    for (const edge of node.edges ?? []) {
      const [x, y] = origins.get(edge.container ?? node.id) ?? [0, 0];
      const [section] = edge.sections ?? [];
      if (!section) continue;
      const points = [section.startPoint, ...(section.bendPoints ?? []), section.endPoint].map(
        (point): Point => [round(point.x + x), round(point.y + y)],
      );
      edges.push({ transitions: arrows[Number(edge.id)]?.rows.map(({ id }) => id) ?? [], points });
    }
    for (const child of node.children ?? []) connect(child);
  };
  place(graph, 0, 0);
  connect(graph);
  for (const child of graph.children ?? []) closeUp(child, nodes, edges);
  const [root] = graph.children ?? [];
  const [x, y, width, height] = (root && nodes[root.id]) ?? [0, 0, 0, 0];
  return { width: x * 2 + width, height: y * 2 + height, nodes, edges };
}

/** elkjs leaves room below the children of some states; it is taken away from the inside out. */
function closeUp(node: ElkGraph, nodes: Record<string, Box>, edges: LayoutEdge[]): void {
  const box = nodes[node.id];
  if (!box || !node.children?.length) return;
  for (const child of node.children) closeUp(child, nodes, edges);
  const [x, y, width, height] = box;
  const bottom = y + height;
  const isAcross = ([px]: Point) => px >= x && px <= x + width;
  const isInside = (point: Point) => isAcross(point) && point[1] >= y && point[1] < bottom;
  const lowest = Math.max(
    ...node.children.map((child) => {
      const [, top = 0, , tall = 0] = nodes[child.id] ?? [];
      return top + tall;
    }),
    ...edges.flatMap(({ points }) => points.filter(isInside).map(([, py]) => py)),
  );
  const closed = Math.min(bottom, lowest + 16);
  nodes[node.id] = [x, y, width, closed - y];
  for (const [index, edge] of edges.entries()) {
    // Arrows that start or end at the bottom follow it.
    const last = edge.points.length - 1;
    const points = edge.points.map((point, at): Point => {
      const isEnd = (at === 0 || at === last) && point[1] === bottom && isAcross(point);
      return isEnd ? [point[0], closed] : point;
    });
    edges[index] = { ...edge, points };
  }
}
