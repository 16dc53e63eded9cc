import type { Chart } from '../../chart.ts';
import type { Offer } from '../../messages.ts';
import { byId } from '../dom.ts';
import { type Drawing, draw } from '../draw.ts';
import { type Elk, fingerprint, type Layout, layOut } from '../layout.ts';
import type { Playback } from '../playback.ts';
import { activeIds } from '../read.ts';

/** Set by the build: the layout of the second-factor machine. */
declare const OWN_LAYOUT: { readonly fingerprint: string; readonly layout: Layout } | null;

/** Below this, the lines of a chart can't be read. */
const READABLE = 0.78;

/** The chart of the actor that is looked at, with its active states lit. */
export interface ChartPanel {
  /** @param hint - what to say where there is no actor */
  render(hint: string): Promise<void>;
}

/** @param choose - told of the type of a line that was clicked */
export function createChartPanel(playback: Playback, choose: (type: string) => void): ChartPanel {
  const layouts = new Map<string, Promise<Layout>>();
  if (OWN_LAYOUT) layouts.set(OWN_LAYOUT.fingerprint, Promise.resolve(OWN_LAYOUT.layout));
  let drawn: { readonly chart: Chart; readonly drawing: Drawing } | null = null;
  let shownActive = '';
  const zoom = createZoom(() => drawn?.drawing);

  /** The layout of a chart, which is made once. */
  const layoutOf = (key: string, chart: Chart): Promise<Layout> => {
    const layout = layouts.get(key) ?? layOutHere(chart);
    layouts.set(key, layout);
    return layout;
  };

  /** Draws the chart where that is not done yet; says whether it stands there now. */
  const drawChart = async (chart: Chart): Promise<boolean> => {
    if (drawn?.chart === chart) return true;
    const key = fingerprint(chart);
    // The same chart comes again with every session; its drawing stays.
    if (drawn && fingerprint(drawn.chart) === key) {
      drawn = { chart, drawing: drawn.drawing };
      return true;
    }
    if (!layouts.has(key)) byId('note').textContent = 'Laying out…';
    let layout: Layout;
    try {
      layout = await layoutOf(key, chart);
    } catch {
      layouts.delete(key);
      byId('note').textContent = 'This chart could not be laid out.';
      return false;
    }
    // Meanwhile somebody may have looked elsewhere.
    if (playback.actor()?.chart !== chart) return false;
    drawn = { chart, drawing: draw(chart, layout, choose) };
    byId('drawing').replaceChildren(drawn.drawing.element);
    shownActive = '';
    zoom.apply();
    return true;
  };

  return {
    async render(hint) {
      const actor = playback.actor();
      const chart = actor?.chart;
      if (!chart) {
        drawn = null;
        byId('drawing').replaceChildren();
        byId('note').textContent = actor
          ? `${actor.name} has no chart. It is ${actor.now?.snapshot.status ?? 'active'}.`
          : hint;
        return;
      }
      if (!(await drawChart(chart)) || !drawn) return;
      byId('note').textContent = '';
      const now = playback.actors().get(actor.id)?.now;
      const active = activeIds(chart, now?.snapshot.value);
      drawn.drawing.highlight({
        active,
        trace: new Set(now?.trace),
        offers: offersByType(now?.offers ?? []),
      });
      const key = [...active].join();
      if (key === shownActive) return;
      shownActive = key;
      bringIntoView(drawn.drawing, active);
    },
  };
}

async function layOutHere(chart: Chart): Promise<Layout> {
  const file = './elk.js';
  const { default: Engine } = (await import(file)) as { default: new () => Elk };
  return layOut(chart, new Engine());
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

/** Scales the drawing: to the width of the page as far as it stays readable, or as people want it. */
function createZoom(drawing: () => Drawing | undefined) {
  let chosen: number | null = null;

  const widthScale = (): number =>
    Math.min(1, (byId('chart').clientWidth - 24) / (drawing()?.width ?? 1));
  const scale = (): number => chosen ?? Math.max(widthScale(), READABLE);
  const apply = (): void => {
    const { element, width, height } = drawing() ?? {};
    element?.setAttribute('width', String(Math.round(Number(width) * scale())));
    element?.setAttribute('height', String(Math.round(Number(height) * scale())));
  };
  const by = (factor: number) => () => {
    chosen = Math.min(3, Math.max(0.2, scale() * factor));
    apply();
  };

  byId('in').addEventListener('click', by(1.2));
  byId('out').addEventListener('click', by(1 / 1.2));
  byId('fit').addEventListener('click', () => {
    const heightScale = (byId('chart').clientHeight - 60) / (drawing()?.height ?? 1);
    const whole = Math.min(widthScale(), heightScale);
    chosen = chosen === whole ? null : whole;
    apply();
  });
  addEventListener('resize', apply);
  return { apply };
}

/** Scrolls to the active states where they can't be seen. */
function bringIntoView({ element, width, focus }: Drawing, active: ReadonlySet<string>): void {
  const box = focus(active);
  if (!box) return;
  const area = byId('chart');
  const shown = element.getBoundingClientRect();
  const scale = shown.width / width;
  const around = area.getBoundingClientRect();
  const [x, y] = [box[0] + 4, box[1] + 4].map((value) => value * scale) as [number, number];
  const left = shown.left - around.left + area.scrollLeft + x;
  const top = shown.top - around.top + area.scrollTop + y;
  const isSeen = (at: number, size: number, from: number, room: number) =>
    at >= from && at + Math.min(size, room) <= from + room;
  const canSee =
    isSeen(left, box[2] * scale, area.scrollLeft, area.clientWidth) &&
    isSeen(top, box[3] * scale, area.scrollTop, area.clientHeight);
  if (canSee) return;
  area.scrollTo({
    left: left - (area.clientWidth - box[2] * scale) / 2,
    top: top - Math.max((area.clientHeight - box[3] * scale) / 2, 20),
  });
}
