import { byId } from '../dom.ts';
import type { Looking } from '../looking.ts';

type Mode = 'file' | 'past' | 'live' | 'waiting';

/** Shows what is looked at, and where in it. */
export function renderStatus(looking: Looking, isConnected: boolean): void {
  const status = byId('status');
  const mode = modeOf(looking, isConnected);
  status.dataset.mode = looking.problem === null ? mode : 'problem';
  status.textContent = looking.problem ?? tell(looking, mode);
  byId('title').textContent = looking.actor()?.name ?? 'Inspector';
  const cursor = byId('cursor') as HTMLInputElement;
  cursor.max = String(Math.max(looking.newest, 0));
  cursor.value = String(Math.max(looking.index, 0));
  byId('live').textContent = looking.opened ? 'Close' : 'Live';
  byId('live').setAttribute('aria-pressed', String(looking.isLive));
  for (const id of ['back', 'forth', 'cursor', 'save']) {
    (byId(id) as HTMLButtonElement).disabled = looking.newest < 0;
  }
}

function modeOf({ opened, isLive }: Looking, isConnected: boolean): Mode {
  if (opened) return 'file';
  if (!isLive) return 'past';
  return isConnected ? 'live' : 'waiting';
}

function tell({ recording, opened, index, newest }: Looking, mode: Mode): string {
  const total = newest + 1;
  const older = recording.dropped ? `, ${recording.dropped} older ones dropped` : '';
  switch (mode) {
    case 'file':
      return `${opened?.name}: ${index + 1} of ${total}${older}`;
    case 'past':
      return `${index + 1} of ${total}`;
    case 'live':
      return `live, ${total} recorded${older}`;
    case 'waiting':
      return total > 0 ? `connection lost, ${total} recorded` : 'waiting for an actor';
  }
}
