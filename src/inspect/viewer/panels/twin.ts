import type { Chart, ChartNode } from '../../chart.ts';
import { byId, el } from '../dom.ts';
import { linesOf, titleOf } from '../layout.ts';
import type { Playback } from '../playback.ts';
import { activeIds } from '../read.ts';

/** The chart as nested lists, for whoever reads rather than looks: it is built once it is opened. */
export function createTwinPanel(playback: Playback): { render(): void } {
  const panel = byId('twin') as HTMLDetailsElement;
  let built: Chart | undefined;
  let states = new Map<string, HTMLElement>();

  const outline = (chart: Chart, node: ChartNode): HTMLElement => {
    const name = el('b', {}, titleOf(node));
    states.set(node.id, name);
    const lines = linesOf(chart, node).map(
      ({ label, detail, goes }) => `${label} ${detail} ${goes}`,
    );
    const inner = chart.nodes.filter(({ parent }) => parent === node.id);
    const parts = [
      ...lines.map((line) => el('li', {}, line)),
      ...inner.map((one) => outline(chart, one)),
    ];
    return el('li', {}, name, ` ${node.tags.join(' ')}`, el('ul', {}, ...parts));
  };
  const render = (): void => {
    const { chart, now } = playback.actor() ?? {};
    panel.hidden = !chart;
    if (!chart || !panel.open) return;
    const [root] = chart.nodes;
    if (built !== chart && root) {
      built = chart;
      states = new Map();
      byId('outline').replaceChildren(outline(chart, root));
    }
    const active = activeIds(chart, now?.snapshot.value);
    for (const [id, name] of states) {
      if (active.has(id)) name.setAttribute('aria-current', 'true');
      else name.removeAttribute('aria-current');
    }
  };
  panel.addEventListener('toggle', render);
  return { render };
}
