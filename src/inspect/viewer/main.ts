import { byId, el } from './dom.ts';
import { connect } from './host.ts';
import { renderActors } from './panels/actors.ts';
import { createChartPanel } from './panels/chart.ts';
import { createDataPanel } from './panels/data.ts';
import { createDeadlinesPanel } from './panels/deadlines.ts';
import { renderLog } from './panels/log.ts';
import { createOffersPanel } from './panels/offers.ts';
import { renderStatus } from './panels/status.ts';
import { Playback } from './playback.ts';

const playback = new Playback();

const host = connect({
  hear(message) {
    if (playback.live.add(message) && !playback.opened) schedule();
  },
  // Another host, or the same one anew: it tells everything from the start.
  began() {
    playback.startOver();
    if (!playback.opened) schedule();
  },
  changed: schedule,
});

const offers = createOffersPanel(playback, host);
const chart = createChartPanel(playback, offers.choose);
const deadlines = createDeadlinesPanel(playback);
const data = createDataPanel(playback);

// --- drawing -------------------------------------------------------------------------------------

let isScheduled = false;

function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  requestAnimationFrame(() => {
    isScheduled = false;
    render();
  });
}

function render(): void {
  renderStatus(playback, host.isConnected());
  void chart.render(host.hint);
  offers.render();
  deadlines.render();
  data.render();
  renderActors(playback, (id) => {
    playback.select(id);
    schedule();
  });
  renderLog(playback, (position, message) => move(() => playback.goTo(position, message)));
}

// --- time travel and files -----------------------------------------------------------------------

/** Looks at another moment: what is composed was for the one before. */
function move(to: () => void): void {
  to();
  offers.close();
  schedule();
}

const step = (direction: 1 | -1): void => move(() => playback.step(direction));

function follow(): void {
  playback.follow();
  schedule();
}

async function open(file: File | undefined): Promise<void> {
  if (!file) return;
  await playback.open(file);
  schedule();
}

function save(): void {
  const text = JSON.stringify(playback.recording.toSession(), null, 1);
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const stamp = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
  el('a', { href: url, download: `session-${stamp}.json` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

byId('back').addEventListener('click', () => step(-1));
byId('forth').addEventListener('click', () => step(1));
byId('live').addEventListener('click', follow);
byId('cursor').addEventListener('input', ({ target }) =>
  move(() => playback.goTo(Number((target as HTMLInputElement).value))),
);
byId('save').addEventListener('click', save);
byId('open').addEventListener('click', () => byId('file').click());
byId('file').addEventListener('change', ({ target }) => {
  const input = target as HTMLInputElement;
  void open(input.files?.[0]).then(() => {
    input.value = '';
  });
});
byId('clear').addEventListener('click', () => {
  playback.follow();
  playback.startOver();
  schedule();
});
addEventListener('keydown', (pressed) => {
  const isTyping = pressed.target instanceof Element && pressed.target.matches('input, textarea');
  if (isTyping || pressed.altKey || pressed.ctrlKey || pressed.metaKey) return;
  if (pressed.key === 'ArrowLeft') step(-1);
  else if (pressed.key === 'ArrowRight') step(1);
  else if (pressed.key === 'End') follow();
  else return;
  pressed.preventDefault();
});
addEventListener('dragover', (dragged) => dragged.preventDefault());
addEventListener('drop', (dropped) => {
  dropped.preventDefault();
  void open(dropped.dataTransfer?.files[0]);
});

render();
