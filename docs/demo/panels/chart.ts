import { ARROWS, BOXES, CHART_SIZE } from './chart-layout.ts';

const SVG = 'http://www.w3.org/2000/svg';
/** Where the text of a state with children stands, from its top. */
const TITLE_Y = 21;

/** The diagram, and what lights it up. */
export interface Chart {
  readonly svg: SVGSVGElement;
  /**
   * Lights a state with its parents, and the arrow that led there.
   *
   * @param state - its path; `null` where nothing runs
   * @param arrow - the path data of the arrow; `null` for none
   */
  light(state: string | null, arrow: string | null): void;
}

/** Draws the machine. */
export function drawChart(): Chart {
  const svg = make('svg', {
    class: 'chart',
    viewBox: `0 0 ${CHART_SIZE.width} ${CHART_SIZE.height}`,
    role: 'img',
    'aria-label': 'State diagram of the machine',
  });
  const head = make('marker', {
    id: 'arrow-head',
    viewBox: '0 0 8 8',
    refX: '7',
    refY: '4',
    markerWidth: '7',
    markerHeight: '7',
    orient: 'auto-start-reverse',
  });
  head.append(make('path', { d: 'M0 0.8 7 4 0 7.2Z', fill: 'context-stroke' }));
  const defs = make('defs', {});
  defs.append(head);

  // Parents first, so that their children are drawn on top of them.
  const states = Object.entries(BOXES).map(([path, { x, y, width, height }]) => {
    const isParent = Object.keys(BOXES).some((other) => other.startsWith(`${path}.`));
    const isFinal = path === 'complete' || path === 'halted';
    const group = make('g', { class: 'state', 'data-state': path });
    group.toggleAttribute('data-parent', isParent);
    group.append(make('rect', rect(x, y, width, height)));
    if (isFinal) {
      group.append(make('rect', { ...rect(x + 3, y + 3, width - 6, height - 6), class: 'inner' }));
    }
    const name = path.split('.').at(-1) ?? path;
    const baseline = isParent ? y + TITLE_Y : y + height / 2 + 4;
    group.append(text(name, x + width / 2, baseline, 'name'));
    return { path, group };
  });
  const arrows = ARROWS.map(({ path, label, at }) => {
    const group = make('g', { class: 'way' });
    group.append(make('path', { d: path, 'marker-end': 'url(#arrow-head)' }));
    if (label && at) group.append(text(label, at[0], at[1], 'label'));
    return { path, group };
  });
  const start = make('g', { class: 'way' });
  start.append(
    make('circle', { cx: '62', cy: '7', r: '4' }),
    make('path', { d: 'M62 7V24', 'marker-end': 'url(#arrow-head)' }),
  );
  svg.append(
    defs,
    start,
    ...states.map(({ group }) => group),
    ...arrows.map(({ group }) => group),
    text('CANCEL: from anywhere', 424, 264, 'note'),
  );

  return {
    svg,
    light(state, lit) {
      for (const { path, group } of states) {
        const isActive = state !== null && (path === state || state.startsWith(`${path}.`));
        group.toggleAttribute('data-active', isActive);
      }
      for (const { path, group } of arrows) group.toggleAttribute('data-lit', path === lit);
      svg.setAttribute(
        'aria-label',
        `State diagram of the machine; active: ${state?.replace('.', ', in it ') ?? 'nothing yet'}`,
      );
      // The last drawn is on top: a lit arrow must not run under a dim one.
      const top = arrows.find(({ path }) => path === lit);
      if (top) svg.append(top.group);
    },
  };
}

function rect(x: number, y: number, width: number, height: number): Record<string, string> {
  return { x: `${x}`, y: `${y}`, width: `${width}`, height: `${height}`, rx: '8' };
}

function text(content: string, x: number, y: number, kind: string): SVGElement {
  const made = make('text', { x: `${x}`, y: `${y}`, class: kind });
  made.textContent = content;
  return made;
}

function make<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>>,
): SVGElementTagNameMap[Tag] {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
