import { partOf } from '../../json.ts';
import { byId, el } from '../dom.ts';
import type { Playback } from '../playback.ts';

/** How often what is left is counted, in ms. */
const TICK_MS = 250;

/** The deadlines in force, counted down; in the past from then. */
export function createDeadlinesPanel(playback: Playback): { render(): void } {
  let shown: { readonly until: number; readonly output: HTMLOutputElement }[] = [];

  const tick = (): void => {
    for (const { until, output } of shown) {
      const left = until - playback.now;
      output.textContent = left > 0 ? duration(left) : 'passed';
      output.classList.toggle('passed', left <= 0);
    }
  };
  setInterval(tick, TICK_MS);

  return {
    render() {
      const { deadlines } = partOf(playback.actor()?.now?.snapshot.context);
      const inForce = Object.entries(partOf(deadlines)).filter(
        (entry): entry is [string, number] => typeof entry[1] === 'number',
      );
      byId('deadline-section').hidden = inForce.length === 0;
      shown = inForce.map(([, until]) => ({ until, output: el('output', { 'aria-live': 'off' }) }));
      byId('deadlines').replaceChildren(
        ...inForce.map(([name], position) => el('li', {}, name, shown[position]?.output ?? '')),
      );
      tick();
    },
  };
}

function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  const rest = String(seconds % 60).padStart(2, '0');
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)}:${rest} min`;
}
