import type { Chart, ChartNode, ChartTransition } from '../chart.ts';
import type { Offer } from '../messages.ts';
import { svg } from './dom.ts';
import {
  type Box,
  baselineOf,
  CHARACTER_PX,
  columnsOf,
  LINE_PX,
  layOut,
  linesOf,
  PAD_PX,
  type Point,
  titleOf,
} from './layout.ts';

/** What of a chart stands out at one moment. */
export interface Highlight {
  /** Ids of active states. */
  readonly active: ReadonlySet<string>;
  /** Ids of the transitions that led here. */
  readonly trace: ReadonlySet<string>;
  /** By event type: whether it would be accepted. */
  readonly offers: ReadonlyMap<string, Offer['now']>;
}

/** A chart on the page. */
export interface Drawing {
  readonly element: SVGSVGElement;
  readonly width: number;
  readonly height: number;
  highlight(highlight: Highlight): void;
  /** Where the innermost active state is. */
  focus(active: ReadonlySet<string>): Box | null;
}

interface Row {
  readonly element: SVGGElement;
  readonly transition: ChartTransition;
}

/** Room around the outermost state. */
const MARGIN_PX = 6;

/**
 * Draws a chart.
 * @param choose is called with the event type of a line that was clicked
 */
export function draw(chart: Chart, choose: (type: string) => void): Drawing {
  const layout = layOut(chart);
  const states = new Map<string, SVGGElement>();
  const rows: Row[] = [];
  const arrows = layout.arrows.map(({ transition, points }) => {
    const element = svg('path', { class: 'arrow', d: path(points), 'marker-end': 'url(#head)' });
    return { transition, element, source: transition.slice(0, transition.lastIndexOf('>')) };
  });
  const arrowLayer = svg('g', {}, ...arrows.map(({ element }) => element));
  const boxes = svg('g');
  const initial = new Set(chart.nodes.map((node) => node.initial));
  for (const node of chart.nodes) {
    const box = layout.boxes.get(node.id);
    if (!box) continue;
    const isParent = chart.nodes.some(({ parent }) => parent === node.id);
    const state = drawState(chart, node, box, isParent, rows);
    if (initial.has(node.id)) state.append(...startAt(box));
    states.set(node.id, state);
    boxes.append(state);
  }
  for (const { element, transition } of rows) {
    if (transition.kind !== 'event') continue;
    const act = () => {
      if (element.hasAttribute('tabindex')) choose(transition.event);
    };
    element.addEventListener('click', act);
    element.addEventListener('keydown', ({ key }) => {
      if (key === 'Enter' || key === ' ') act();
    });
  }
  const width = layout.width + MARGIN_PX * 2;
  const height = layout.height + MARGIN_PX * 2;
  const element = svg(
    'svg',
    {
      class: 'chart',
      viewBox: `${-MARGIN_PX} ${-MARGIN_PX} ${width} ${height}`,
      role: 'group',
      'aria-label': `Statechart of ${chart.id}`,
    },
    svg('defs', {}, arrowHead()),
    boxes,
    arrowLayer,
  );
  let lit: readonly Element[] = [];

  return {
    element,
    width,
    height,
    highlight({ active, trace, offers }) {
      for (const [id, state] of states) state.classList.toggle('active', active.has(id));
      for (const one of lit) one.classList.remove('open', 'traced');
      const isOpen = arrows.filter(({ source }) => active.has(source));
      const isTraced = arrows.filter(({ transition }) => trace.has(transition));
      for (const { element: arrow } of isOpen) arrow.classList.add('open');
      for (const { element: arrow } of isTraced) arrow.classList.add('traced');
      lit = [...isOpen, ...isTraced].map(({ element: arrow }) => arrow);
      // What is lit is painted last: arrows share parts of their way.
      arrowLayer.append(...lit);
      for (const { element: row, transition } of rows) {
        const isHere = active.has(transition.source);
        const offer =
          isHere && transition.kind === 'event' ? offers.get(transition.event) : undefined;
        const canBeClicked = offer !== undefined && offer !== 'refused';
        row.classList.toggle('traced', trace.has(transition.id));
        set(row, 'data-now', offer);
        set(row, 'tabindex', canBeClicked ? '0' : undefined);
        set(row, 'role', canBeClicked ? 'button' : undefined);
      }
    },
    focus(active) {
      const innermost = chart.nodes.filter(({ id }) => active.has(id)).at(-1);
      return (innermost && layout.boxes.get(innermost.id)) ?? null;
    },
  };
}

/** Writes an attribute where it changes: most of a large chart stays as it is. */
function set(element: Element, name: string, value: string | undefined): void {
  if ((element.getAttribute(name) ?? undefined) === value) return;
  if (value === undefined) element.removeAttribute(name);
  else element.setAttribute(name, value);
}

function drawState(
  chart: Chart,
  node: ChartNode,
  [x, y, width, height]: Box,
  isParent: boolean,
  rows: Row[],
): SVGGElement {
  const rect = (kind: string, inset: number) =>
    svg('rect', {
      class: kind,
      x: x + inset,
      y: y + inset,
      width: width - inset * 2,
      height: height - inset * 2,
      rx: 9 - inset,
    });
  const title = svg('text', { class: 'key', x: x + PAD_PX, y: y + 20 }, titleOf(node));
  if (node.tags.length > 0) {
    title.append(svg('tspan', { class: 'tag', dx: 14 }, node.tags.join(' ')));
  }
  const state = svg(
    'g',
    { class: `state ${node.type}${isParent ? ' parent' : ''}`, 'data-id': node.id },
    rect('box', 0),
    ...(node.type === 'final' ? [rect('inner', 3)] : []),
    ...(node.description ? [svg('title', {}, node.description)] : []),
    title,
  );
  const lines = linesOf(chart, node);
  const columns = columnsOf(lines);
  for (const [index, { label, detail, goes, transition }] of lines.entries()) {
    const baseline = y + baselineOf(index);
    const text = (kind: string, column: number, words: string) =>
      svg('text', { class: kind, x: x + PAD_PX + column * CHARACTER_PX, y: baseline }, words);
    const row = svg(
      'g',
      { class: `row ${transition?.kind ?? 'action'}`, 'data-transition': transition?.id },
      svg('rect', {
        class: 'hit',
        x: x + 5,
        y: baseline - 12,
        width: (columns.end + 1) * CHARACTER_PX + PAD_PX,
        height: LINE_PX,
        rx: 4,
      }),
      text('label', 0, label),
      text('detail', columns.detail, detail),
      text('goes', columns.goes, goes),
    );
    if (transition) {
      rows.push({ element: row, transition });
      const { actions, description } = transition;
      const told = [description, actions.length > 0 ? `actions: ${actions.join(', ')}` : ''];
      if (told.some(Boolean)) row.append(svg('title', {}, told.filter(Boolean).join('\n')));
    }
    state.append(row);
  }
  return state;
}

/** The arrow to the state that is entered first. */
function startAt([x, top]: Box): SVGElement[] {
  const y = top + 15;
  const line = { class: 'start-arrow', d: `M${x - 12},${y}H${x - 1}`, 'marker-end': 'url(#head)' };
  return [svg('circle', { class: 'start', cx: x - 15, cy: y, r: 3.5 }), svg('path', line)];
}

function arrowHead(): SVGElement {
  const size = { refX: 7, refY: 4, markerWidth: 8, markerHeight: 8, markerUnits: 'userSpaceOnUse' };
  const shape = svg('path', { d: 'M0,0.5L8,4L0,7.5z', fill: 'context-stroke' });
  return svg('marker', { id: 'head', viewBox: '0 0 8 8', orient: 'auto', ...size }, shape);
}

/** A line with rounded corners. */
function path(points: readonly Point[], radius = 5): string {
  const [first, ...rest] = points;
  if (!first) return '';
  const parts = [`M${first.join()}`];
  for (const [index, corner] of rest.entries()) {
    const before = points[index];
    const after = rest[index + 1];
    if (!before || !after) parts.push(`L${corner.join()}`);
    else {
      const [enter, leave] = [toward(corner, before, radius), toward(corner, after, radius)];
      parts.push(`L${enter.join()}Q${corner.join()},${leave.join()}`);
    }
  }
  return parts.join('');
}

function toward([x, y]: Point, [tx, ty]: Point, distance: number): Point {
  const length = Math.hypot(tx - x, ty - y);
  if (length === 0) return [x, y];
  const part = Math.min(distance, length / 2) / length;
  return [x + (tx - x) * part, y + (ty - y) * part];
}
