import type { Chart, ChartNode, ChartTransition } from '../chart.ts';
import type { Offer } from '../messages.ts';
import { svg } from './dom.ts';
import {
  type Box,
  columnsOf,
  type Layout,
  LINE_PX,
  linesOf,
  type Point,
  TEXT_PX,
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

const CHARACTER_PX = TEXT_PX * 0.602;

/**
 * Draws a chart.
 * @param choose is called with the event type of a line that was clicked
 */
export function draw(chart: Chart, layout: Layout, choose: (type: string) => void): Drawing {
  const states = new Map<string, SVGGElement>();
  const rows = new Map<string, { element: SVGGElement; transition: ChartTransition }>();
  const sourceOf = new Map(chart.transitions.map((t) => [t.id, t.source]));

  const arrows = layout.edges.map(({ transitions, points }) => ({
    transitions,
    sources: new Set(transitions.map((id) => sourceOf.get(id) ?? '')),
    element: svg('path', { class: 'arrow', d: path(points), 'marker-end': 'url(#head)' }),
  }));
  const arrowLayer = svg('g', {}, ...arrows.map(({ element }) => element));
  const boxes = svg('g');
  const texts = svg('g');

  for (const node of chart.nodes) {
    const box = layout.nodes[node.id];
    if (!box) continue;
    const isParent = chart.nodes.some(({ parent }) => parent === node.id);
    const { body, text } = drawState(chart, node, box, isParent, rows);
    states.set(node.id, body);
    boxes.append(body);
    texts.append(text);
  }
  for (const { initial } of chart.nodes) {
    const box = initial === undefined ? undefined : layout.nodes[initial];
    if (!box) continue;
    const [x, y] = [box[0], box[1] + 15];
    texts.append(
      svg('circle', { class: 'start', cx: x - 13, cy: y, r: 3.5 }),
      svg('path', {
        class: 'start-arrow',
        d: `M${x - 10},${y}H${x - 1}`,
        'marker-end': 'url(#head)',
      }),
    );
  }
  for (const { element, transition } of rows.values()) {
    if (transition.kind !== 'event') continue;
    const act = () => {
      if (element.hasAttribute('tabindex')) choose(transition.event);
    };
    element.addEventListener('click', act);
    element.addEventListener('keydown', ({ key }) => {
      if (key === 'Enter' || key === ' ') act();
    });
  }

  const width = layout.width + 8;
  const height = layout.height + 8;
  const element = svg(
    'svg',
    {
      class: 'chart',
      viewBox: `-4 -4 ${width} ${height}`,
      role: 'group',
      'aria-label': `Statechart of ${chart.id}`,
    },
    svg(
      'defs',
      {},
      svg(
        'marker',
        {
          id: 'head',
          viewBox: '0 0 8 8',
          refX: 7,
          refY: 4,
          markerUnits: 'userSpaceOnUse',
          markerWidth: 9,
          markerHeight: 9,
          orient: 'auto',
        },
        svg('path', { d: 'M0,0.5L8,4L0,7.5z', fill: 'context-stroke' }),
      ),
    ),
    boxes,
    arrowLayer,
    texts,
  );

  return {
    element,
    width,
    height,
    highlight({ active, trace, offers }) {
      for (const [id, state] of states) state.classList.toggle('active', active.has(id));
      const now: SVGPathElement[] = [];
      for (const arrow of arrows) {
        const isTraced = arrow.transitions.some((id) => trace.has(id));
        const isOpen = [...arrow.sources].some((source) => active.has(source));
        arrow.element.classList.toggle('open', isOpen);
        arrow.element.classList.toggle('traced', isTraced);
        if (isTraced) now.push(arrow.element);
        else if (isOpen) now.unshift(arrow.element);
      }
      // What is lit is painted last: arrows share parts of their way.
      arrowLayer.append(...now);
      for (const { element: row, transition } of rows.values()) {
        const isOpen = active.has(transition.source);
        const offer =
          isOpen && transition.kind === 'event' ? offers.get(transition.event) : undefined;
        row.classList.toggle('open', isOpen);
        row.classList.toggle('traced', trace.has(transition.id));
        row.setAttribute('data-now', offer ?? '');
        const canBeClicked = offer !== undefined && offer !== 'refused';
        if (canBeClicked) row.setAttribute('tabindex', '0');
        else row.removeAttribute('tabindex');
        if (canBeClicked) row.setAttribute('role', 'button');
        else row.removeAttribute('role');
      }
    },
    focus(active) {
      const innermost = chart.nodes.filter(({ id }) => active.has(id)).at(-1);
      return (innermost && layout.nodes[innermost.id]) ?? null;
    },
  };
}

function drawState(
  chart: Chart,
  node: ChartNode,
  [x, y, width, height]: Box,
  isParent: boolean,
  rows: Map<string, { element: SVGGElement; transition: ChartTransition }>,
): { body: SVGGElement; text: SVGGElement } {
  const kind = `state ${node.type}${isParent ? ' parent' : ''}`;
  if (node.type === 'history') {
    const deep = node.history === 'deep' ? 'H*' : 'H';
    return {
      body: svg(
        'g',
        { class: kind, 'data-id': node.id },
        svg('circle', { cx: x + 15, cy: y + 15, r: 14 }),
      ),
      text: svg(
        'g',
        {},
        svg('text', { class: 'key', x: x + 15, y: y + 19, 'text-anchor': 'middle' }, deep),
      ),
    };
  }
  const body = svg(
    'g',
    { class: kind, 'data-id': node.id },
    svg('rect', { class: 'box', x, y, width, height, rx: 9 }),
  );
  if (node.type === 'final') {
    body.append(
      svg('rect', {
        class: 'inner',
        x: x + 3,
        y: y + 3,
        width: width - 6,
        height: height - 6,
        rx: 6.5,
      }),
    );
  }
  if (node.description) body.append(svg('title', {}, node.description));
  const text = svg(
    'g',
    { class: isParent ? 'crossed' : '' },
    svg('text', { class: 'key', x: x + 12, y: y + 20 }, node.key),
  );
  if (node.tags.length > 0) {
    text.append(
      svg(
        'text',
        { class: 'tag', x: x + width - 12, y: y + 20, 'text-anchor': 'end' },
        node.tags.join(' '),
      ),
    );
  }
  const lines = linesOf(chart, node);
  const columns = columnsOf(lines);
  for (const [index, line] of lines.entries()) {
    const baseline = y + 42 + index * LINE_PX;
    const row = svg(
      'g',
      { class: `row ${line.kind} ${line.transition?.kind ?? ''}` },
      svg('rect', {
        class: 'hit',
        x: x + 5,
        y: baseline - 12,
        width: isParent ? Math.min(width - 10, 420) : width - 10,
        height: LINE_PX,
        rx: 4,
      }),
      svg('text', { class: 'label', x: x + 12, y: baseline }, line.label),
      svg(
        'text',
        { class: 'detail', x: x + 12 + columns.detail * CHARACTER_PX, y: baseline },
        line.detail,
      ),
      svg(
        'text',
        { class: 'goes', x: x + 12 + columns.goes * CHARACTER_PX, y: baseline },
        line.goes,
      ),
    );
    if (line.transition) {
      const { id, actions, description } = line.transition;
      row.setAttribute('data-transition', id);
      rows.set(id, { element: row, transition: line.transition });
      const told = [description, actions.length > 0 ? `actions: ${actions.join(', ')}` : ''];
      const title = told.filter(Boolean).join('\n');
      if (title) row.append(svg('title', {}, title));
    }
    text.append(row);
  }
  return { body, text };
}

/** A line with rounded corners. */
function path(points: readonly Point[], radius = 6): string {
  const [first, ...rest] = points;
  if (!first) return '';
  const parts = [`M${first.join()}`];
  for (const [index, corner] of rest.entries()) {
    const before = points[index];
    const after = rest[index + 1];
    if (!before || !after) {
      parts.push(`L${corner.join()}`);
      continue;
    }
    const enter = toward(corner, before, radius);
    const leave = toward(corner, after, radius);
    parts.push(`L${enter.join()}Q${corner.join()},${leave.join()}`);
  }
  return parts.join('');
}

function toward([x, y]: Point, [tx, ty]: Point, distance: number): Point {
  const length = Math.hypot(tx - x, ty - y);
  if (length === 0) return [x, y];
  const part = Math.min(distance, length / 2) / length;
  return [x + (tx - x) * part, y + (ty - y) * part];
}
