import type { Chart } from '../../chart.ts';
import type { Offer } from '../../messages.ts';
import { byId } from '../dom.ts';
import { type Drawing, draw } from '../draw.ts';
import type { Playback } from '../playback.ts';
import { activeIds } from '../read.ts';

/** Below this scale the lines of a chart can't be read. */
const READABLE = 0.78;

/** The chart of the actor that is looked at, with its active states lit. */
export interface ChartPanel {
  /** @param hint - what to say where there is no actor */
  render(hint: string): void;
}

/** @param choose - told of the type of a line that was clicked */
export function createChartPanel(playback: Playback, choose: (type: string) => void): ChartPanel {
  const area = byId('chart');
  let drawn: { chart: Chart; readonly key: string; readonly drawing: Drawing } | null = null;
  let active: ReadonlySet<string> = new Set();
  /** What people chose; otherwise the width of the pane, as far as that can be read. */
  let chosen: number | null = null;

  const scale = (): number => {
    const width = drawn?.drawing.width ?? 1;
    return chosen ?? Math.max(Math.min(1, (area.clientWidth - 24) / width), READABLE);
  };
  const zoom = (to: number | null): void => {
    chosen = to && Math.min(3, Math.max(0.2, to));
    if (!drawn) return;
    const { element, width, height } = drawn.drawing;
    element.setAttribute('width', String(Math.round(width * scale())));
    element.setAttribute('height', String(Math.round(height * scale())));
  };
  /** Scrolls to the active states where they can't be seen. */
  const bringIntoView = (): void => {
    const box = drawn?.drawing.focus(active);
    if (!drawn || !box) return;
    const shown = drawn.drawing.element.getBoundingClientRect();
    const around = area.getBoundingClientRect();
    const [x, y, width, height] = box.map((length) => length * scale()) as [
      number,
      number,
      number,
      number,
    ];
    const left = shown.left - around.left + area.scrollLeft + x;
    const top = shown.top - around.top + area.scrollTop + y;
    const isSeen = (at: number, size: number, from: number, room: number) =>
      at >= from && at + Math.min(size, room) <= from + room;
    const isAcross = isSeen(left, width, area.scrollLeft, area.clientWidth);
    if (isAcross && isSeen(top, height, area.scrollTop, area.clientHeight)) return;
    area.scrollTo({
      left: isAcross ? area.scrollLeft : left - 20,
      top: top - Math.max((area.clientHeight - height) / 2, 20),
    });
  };
  const fit = (): void => {
    zoom(null);
    bringIntoView();
  };
  byId('in').addEventListener('click', () => zoom(scale() * 1.2));
  byId('out').addEventListener('click', () => zoom(scale() / 1.2));
  byId('fit').addEventListener('click', fit);
  addEventListener('resize', () => zoom(chosen));

  return {
    render(hint) {
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
        drawn = { chart, key, drawing: draw(chart, choose) };
        byId('drawing').replaceChildren(drawn.drawing.element);
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
