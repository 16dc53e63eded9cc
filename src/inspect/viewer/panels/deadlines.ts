import { partOf } from '../../json.ts';
import { byId, el } from '../dom.ts';
import type { Playback } from '../playback.ts';

/** The deadlines in force, counted down; in the past from then. */
export function createDeadlinesPanel(playback: Playback): { render(): void } {
  let shown: { name: string; until: number; output: HTMLOutputElement }[] = [];

  const tick = (): void => {
    for (const { until, output } of shown) {
      const left = until - playback.now;
      output.textContent = left > 0 ? duration(left) : 'passed';
      output.classList.toggle('passed', left <= 0);
    }
  };
  setInterval(tick, 250);

  return {
    render() {
      const { deadlines } = partOf(playback.actor()?.now?.snapshot.context);
      shown = Object.entries(partOf(deadlines)).flatMap(([name, until]) => {
        const output = el('output', { 'aria-live': 'off' });
        return typeof until === 'number' ? { name, until, output } : [];
      });
      byId('deadline-section').hidden = shown.length === 0;
      byId('deadlines').replaceChildren(
        ...shown.map(({ name, output }) => el('li', {}, name, output)),
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
