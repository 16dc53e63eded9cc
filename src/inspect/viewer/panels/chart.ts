import type { Chart } from '../../chart.ts';
import type { Offer } from '../../messages.ts';
import { byId } from '../dom.ts';
import { type Drawing, draw } from '../draw.ts';
import type { Playback } from '../playback.ts';
import { activeIds } from '../read.ts';

/** Below this scale the lines of a chart can't be read. */
const READABLE = 0.78;

/**
 * The chart of the actor that is looked at, with its active states lit. Where there is no actor, a hint.
 *
 * @param choose - told of the type of a line that was clicked
 */
export function createChartPanel(playback: Playback, choose: (type: string) => void) {
  const area = byId('chart');
  let drawn: { chart: Chart; key: string; drawing: Drawing; width: number } | null = null;
  let active: ReadonlySet<string> = new Set();
  /** What people chose; otherwise the width of the pane, as far as that can be read. */
  let chosen: number | null = null;

  const scale = (): number => {
    const width = drawn?.width ?? 1;
    return chosen ?? Math.max(Math.min(1, (area.clientWidth - 24) / width), READABLE);
  };
  const zoom = (to: number | null): void => {
    chosen = to && Math.min(3, Math.max(0.2, to));
    drawn?.drawing.element.style.setProperty('zoom', String(scale()));
  };
  /** Scrolls to the innermost active state where it can't be seen. */
  const bringIntoView = (): void => {
    const state = drawn?.drawing.focus(active);
    const [shown, around] = [state?.getBoundingClientRect(), area.getBoundingClientRect()];
    if (!shown || (shown.top >= around.top && shown.bottom <= around.bottom)) return;
    area.scrollTop += shown.top - around.top - Math.max((around.height - shown.height) / 2, 20);
  };
  byId('in').addEventListener('click', () => zoom(scale() * 1.2));
  byId('out').addEventListener('click', () => zoom(scale() / 1.2));
  byId('fit').addEventListener('click', () => {
    zoom(null);
    bringIntoView();
  });
  addEventListener('resize', () => zoom(chosen));

  return {
    render(hint: string): void {
      const actor = playback.actor();
      const { chart, now } = actor ?? {};
      const isBare = `${actor?.name} has no chart. It is ${now?.snapshot.status ?? 'active'}.`;
      byId('note').textContent = chart ? '' : actor ? isBare : hint;
      if (!chart) {
        drawn = null;
        byId('drawing').replaceChildren();
        return;
      }
      // The same chart comes again with every session; its drawing stays.
      const key = drawn?.chart === chart ? drawn.key : JSON.stringify(chart);
      const before = [...active].join();
      active = activeIds(chart, now?.snapshot.value);
      const isNew = drawn?.key !== key;
      if (isNew) {
        const drawing = draw(chart, choose);
        byId('drawing').replaceChildren(drawing.element);
        drawing.connect();
        drawn = { chart, key, drawing, width: drawing.element.offsetWidth };
        zoom(chosen);
      }
      drawn?.drawing.highlight({
        active,
        trace: new Set(now?.trace),
        offers: offersByType(now?.offers ?? []),
      });
      if (isNew || [...active].join() !== before) bringIntoView();
    },
  };
}

/** What a chart's line of that type may do: the best of its offers. */
function offersByType(offers: readonly Offer[]): Map<string, Offer['now']> {
  const best = new Map<string, Offer['now']>();
  const order = ['refused', 'unknown', 'needs_data', 'accepted'];
  for (const { type, now } of offers) {
    if (order.indexOf(now) > order.indexOf(best.get(type) ?? '')) best.set(type, now);
  }
  return best;
}
