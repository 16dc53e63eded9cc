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
  began() {
    playback.startOver(); // it tells everything from the start
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

let frame = 0;

function schedule(): void {
  cancelAnimationFrame(frame);
  frame = requestAnimationFrame(render);
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

const back = (): void => move(() => playback.step(-1));
const forth = (): void => move(() => playback.step(1));
const follow = (): void => move(() => playback.follow());

async function open(file: File | undefined): Promise<void> {
  if (file) await playback.open(file);
  schedule();
}

function download(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  el('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

const stamp = (): string => new Date().toISOString().slice(0, 19).replaceAll(':', '-');

/** Frames of other origins may not copy: there it becomes a file. */
async function copyAsTest(): Promise<void> {
  try {
    const text = sessionTest(playback.recording.toSession());
    const write = navigator.clipboard.writeText(text);
    const isCopied = await write.then(() => true).catch(() => false);
    if (isCopied) playback.problem = 'The test is copied. Paste it into a file that vitest runs.';
    else download(text, `second-factor-${stamp()}.test.ts`);
  } catch (error) {
    playback.problem = error instanceof Error ? error.message : 'It can’t be copied.';
  }
  schedule();
}

const file = byId('file') as HTMLInputElement;
const cursor = byId('cursor') as HTMLInputElement;
const clicks: Readonly<Record<string, () => void>> = {
  back,
  forth,
  live: follow,
  save: () =>
    download(JSON.stringify(playback.recording.toSession(), null, 1), `session-${stamp()}.json`),
  test: () => void copyAsTest(),
  open: () => file.click(),
  clear: () => {
    follow();
    playback.startOver();
  },
};
for (const [id, act] of Object.entries(clicks)) byId(id).addEventListener('click', act);
cursor.addEventListener('input', () => move(() => playback.goTo(Number(cursor.value))));
file.addEventListener('change', async () => {
  await open(file.files?.[0]);
  file.value = '';
});
const keys: Readonly<Record<string, () => void>> = {
  ArrowLeft: back,
  ArrowRight: forth,
  End: follow,
};
addEventListener('keydown', (pressed) => {
  const isTyping = pressed.target instanceof Element && pressed.target.matches('input, textarea');
  const act = keys[pressed.key];
  if (!act || isTyping || pressed.altKey || pressed.ctrlKey || pressed.metaKey) return;
  act();
  pressed.preventDefault();
});
addEventListener('dragover', (dragged) => dragged.preventDefault());
addEventListener('drop', (dropped) => {
  dropped.preventDefault();
  void open(dropped.dataTransfer?.files[0]);
});

render();
