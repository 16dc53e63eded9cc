import { sessionTest } from '../session-test.ts';
import { byId, el } from './dom.ts';
import { connect } from './host.ts';
import { renderActors } from './panels/actors.ts';
import { createChangesPanel } from './panels/changes.ts';
import { createChartPanel } from './panels/chart.ts';
import { createDeadlinesPanel } from './panels/deadlines.ts';
import { createLogPanel } from './panels/log.ts';
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
const changes = createChangesPanel(playback);
const log = createLogPanel(playback, (position, message) =>
  move(() => playback.goTo(position, message)),
);

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
  chart.render(host.hint);
  changes.render();
  offers.render();
  deadlines.render();
  renderActors(playback, (id) => {
    playback.select(id);
    schedule();
  });
  log.render();
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

function download(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  el('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

const stamp = (): string => new Date().toISOString().slice(0, 19).replaceAll(':', '-');

function save(): void {
  download(JSON.stringify(playback.recording.toSession(), null, 1), `session-${stamp()}.json`);
}

/** Frames of other origins may not copy: there it becomes a file. */
async function copyAsTest(): Promise<void> {
  try {
    const text = sessionTest(playback.recording.toSession());
    await navigator.clipboard.writeText(text).then(
      () => playback.tell('The test is copied. Paste it into a file that vitest runs.'),
      () => download(text, `second-factor-${stamp()}.test.ts`),
    );
  } catch (error) {
    playback.tell(error instanceof Error ? error.message : 'It can’t be copied.');
  }
  schedule();
}

byId('back').addEventListener('click', () => step(-1));
byId('forth').addEventListener('click', () => step(1));
byId('live').addEventListener('click', follow);
byId('cursor').addEventListener('input', ({ target }) =>
  move(() => playback.goTo(Number((target as HTMLInputElement).value))),
);
byId('save').addEventListener('click', save);
byId('test').addEventListener('click', () => void copyAsTest());
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
