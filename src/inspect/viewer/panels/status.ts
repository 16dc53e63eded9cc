import { byId } from '../dom.ts';
import type { Playback } from '../playback.ts';

/** Shows what is looked at, and where in it. */
export function renderStatus(playback: Playback, isConnected: boolean): void {
  const status = byId('status');
  const mode = modeOf(playback, isConnected);
  status.dataset.mode = playback.problem === null ? mode : 'problem';
  status.textContent = playback.problem ?? tell(playback, mode);
  byId('title').textContent = playback.actor()?.name ?? 'Inspector';
  const cursor = byId('cursor') as HTMLInputElement;
  cursor.max = String(Math.max(playback.newest, 0));
  cursor.value = String(Math.max(playback.index, 0));
  byId('live').textContent = playback.opened ? 'Close' : 'Live';
  byId('live').setAttribute('aria-pressed', String(playback.isLive));
  for (const id of ['back', 'forth', 'cursor', 'save', 'test']) {
    (byId(id) as HTMLButtonElement).disabled = playback.newest < 0;
  }
}

function modeOf({ opened, isLive }: Playback, isConnected: boolean) {
  if (opened) return 'file';
  if (!isLive) return 'past';
  return isConnected ? 'live' : 'waiting';
}

function tell(
  { recording, opened, index, newest }: Playback,
  mode: ReturnType<typeof modeOf>,
): string {
  const total = newest + 1;
  const older = recording.dropped ? `, ${recording.dropped} older ones dropped` : '';
  return {
    file: `${opened?.name}: ${index + 1} of ${total}${older}`,
    past: `${index + 1} of ${total}`,
    live: `live, ${total} recorded${older}`,
    waiting: total > 0 ? `connection lost, ${total} recorded` : 'waiting for an actor',
  }[mode];
}
