import type { Chart, ChartNode } from '../chart.ts';
import type { Offer } from '../messages.ts';
import { el, svg } from './dom.ts';
import { linesOf, type Wire, wiresOf } from './layout.ts';

/** What of a chart stands out: active states, the transitions that led here, what would be accepted. */
export interface Highlight {
  readonly active: ReadonlySet<string>;
  readonly trace: ReadonlySet<string>;
  readonly offers: ReadonlyMap<string, Offer['now']>;
}

/** A chart on the page: nested lists, which read well by themselves, and arrows beside them. */
export interface Drawing {
  readonly element: HTMLElement;
  /** Draws the arrows, once the element is on the page and as large as it is. */
  connect(): void;
  highlight(highlight: Highlight): void;
  /** The innermost active state. */
  focus(active: ReadonlySet<string>): Element | undefined;
}

/** Room before the first lane, between lanes, and after the last, in px. */
const LANE_PX = 9;

/** @param choose - is called with the event type of a line that was clicked */
export function draw(chart: Chart, choose: (type: string) => void): Drawing {
  const states = new Map<string, HTMLElement>();
  const heads = new Map<string, HTMLElement>();
  const rows = new Map<string, HTMLElement>();
  const initial = new Set(chart.nodes.map((node) => node.initial));
  const wires = wiresOf(chart);
  const lanes = new Map<string, number>();
  for (const { home, lane } of wires) lanes.set(home, Math.max(lanes.get(home) ?? 0, lane + 1));

  const rowsOf = (node: ChartNode): HTMLElement[] =>
    linesOf(chart, node).map(({ label, detail, goes, transition }) => {
      const { id, kind = 'action', actions = [], description } = transition ?? {};
      const told = [description ?? '', actions.length > 0 ? `actions: ${actions.join(', ')}` : ''];
      const row = el(
        'div',
        { class: `row ${kind}`, 'data-transition': id, title: told.filter(Boolean).join('\n') },
        el('span', { class: 'label' }, label),
        el('span', { class: 'detail' }, detail),
        el('span', { class: 'goes' }, goes),
      );
      if (!transition) return row;
      rows.set(transition.id, row);
      // A short way for a mouse; the list of events has a button for each.
      row.addEventListener('click', () => {
        if (/accepted|needs_data|unknown/.test(row.dataset.now ?? '')) choose(transition.event);
      });
      return row;
    });

  const stateOf = (node: ChartNode): HTMLElement => {
    const inner = chart.nodes.filter(({ parent }) => parent === node.id);
    const start = initial.has(node.id) ? ' initial' : '';
    const deep = node.type === 'history' ? ` (${node.history} history)` : '';
    const head = el('span', { class: 'key' }, `${node.key}${deep}`);
    const title = el('div', { title: node.description ?? '' }, head, ` ${node.tags.join(' ')}`);
    const kind = `state ${node.type}${inner.length > 0 ? ' parent' : ''}${start}`;
    const lines = el('div', { class: 'rows' }, ...rowsOf(node));
    const state = el('li', { class: kind, 'data-id': node.id }, title, lines);
    if (inner.length > 0) state.append(el('ul', {}, ...inner.map(stateOf)));
    const count = lanes.get(node.id) ?? 0;
    if (count > 0) state.style.paddingRight = `${(count + 2) * LANE_PX}px`;
    states.set(node.id, state);
    heads.set(node.id, head);
    return state;
  };
  const tree = el('ul', { 'aria-label': `Statechart of ${chart.id}` });
  tree.append(...chart.nodes.slice(0, 1).map(stateOf));
  const layer = svg('svg', { class: 'arrows', 'aria-hidden': 'true' });
  const element = el('div', { class: 'chart' }, tree, layer);
  const arrow = { class: 'arrow', 'marker-end': 'url(#head)' };
  const arrows = wires.map((wire) => ({ wire, path: svg('path', arrow) }));
  layer.append(arrowHead(), ...arrows.map(({ path }) => path));
  let lit: readonly Element[] = [];

  return {
    element,
    connect() {
      const { left, top } = element.getBoundingClientRect();
      const middleOf = (one: Element | undefined) => {
        const { top: from = 0, bottom = 0 } = one?.getBoundingClientRect() ?? {};
        return (from + bottom) / 2 - top;
      };
      const rightOf = (id: string) => (states.get(id)?.getBoundingClientRect().right ?? 0) - left;
      const way = ({ transition, source, target, home, lane }: Wire): string => {
        const [from, to] = [middleOf(rows.get(transition)), middleOf(heads.get(target))];
        const x = rightOf(home) - ((lanes.get(home) ?? 0) + 1 - lane) * LANE_PX;
        const turn = Math.sign(to - from) * 5;
        return `M${rightOf(source)},${from}H${x - 5}q5,0 5,${turn}V${to - turn}q0,${turn} -5,${turn}H${rightOf(target)}`;
      };
      // All is measured before anything is written.
      const ways = arrows.map(({ wire }) => way(wire));
      for (const [index, { path }] of arrows.entries()) path.setAttribute('d', ways[index] ?? '');
    },
    highlight({ active, trace, offers }) {
      for (const [id, state] of states) {
        const isActive = state.classList.toggle('active', active.has(id));
        heads.get(id)?.toggleAttribute('aria-current', isActive);
      }
      for (const one of lit) one.classList.remove('open', 'traced');
      const open = arrows.filter(({ wire }) => active.has(wire.source));
      const traced = arrows.filter(({ wire }) => trace.has(wire.transition));
      for (const { path } of open) path.classList.add('open');
      for (const { path } of traced) path.classList.add('traced');
      lit = [...open, ...traced].map(({ path }) => path);
      layer.append(...lit); // painted last: arrows share parts of their way
      for (const { id, source, kind, event } of chart.transitions) {
        const row = rows.get(id);
        const offer = active.has(source) && kind === 'event' ? offers.get(event) : undefined;
        row?.classList.toggle('traced', trace.has(id));
        if (row && row.dataset.now !== (offer ?? '')) row.dataset.now = offer ?? '';
      }
    },
    focus: (active) => states.get(chart.nodes.filter(({ id }) => active.has(id)).at(-1)?.id ?? ''),
  };
}

function arrowHead(): SVGElement {
  const size = { refX: 7, refY: 4, markerWidth: 8, markerHeight: 8, markerUnits: 'userSpaceOnUse' };
  const shape = svg('path', { d: 'M0,0.5L8,4L0,7.5z', fill: 'context-stroke' });
  return svg('marker', { id: 'head', viewBox: '0 0 8 8', orient: 'auto', ...size }, shape);
}
