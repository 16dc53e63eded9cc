import type { InspectorMessage, SnapshotMessage } from '../../messages.ts';
import { shortType } from '../../names.ts';
import { byId, el } from '../dom.ts';
import type { Playback } from '../playback.ts';
import type { ActorView } from '../session.ts';
import { stateText } from './actors.ts';

/** Of more lines the oldest are not shown. */
const MOST_LINES = 400;

interface Line {
  readonly position: number;
  readonly message: SnapshotMessage;
  readonly actor: ActorView;
  /** The states before, as text; of the first one nothing. */
  readonly before: string | undefined;
  readonly after: string;
}

/**
 * Shows what happened, the newest first.
 *
 * @param choose - told of the message that was chosen, and of its place in the recording
 */
export function renderLog(
  playback: Playback,
  choose: (position: number, message: SnapshotMessage) => void,
): void {
  const entries = linesOf(playback).slice(-MOST_LINES).reverse();
  byId('log').replaceChildren(
    ...entries.map((line) => {
      const { position, message } = line;
      const button = el(
        'button',
        {
          type: 'button',
          class: position > playback.index ? 'later' : '',
          'aria-current': position === playback.index ? 'true' : undefined,
        },
        el('time', {}, timeOf(message)),
        el('span', { class: 'what' }, ...tell(line)),
      );
      button.addEventListener('click', () => choose(position, message));
      return el('li', {}, button);
    }),
  );
}

function linesOf({ recording, newest }: Playback): Line[] {
  const actors = recording.at(newest);
  const states = new Map<string, string>();
  return recording.messages.flatMap((message, position) => {
    if (message.type !== '@xstate.snapshot') return [];
    const actor = actors.get(message.sessionId);
    if (!actor) return [];
    const before = states.get(message.sessionId);
    const after = stateText({ now: message });
    states.set(message.sessionId, after);
    // A promise or a callback hears nothing but its own start and end.
    if (message.snapshot.value === undefined && before === after) return [];
    return [{ position, message, actor, before, after }];
  });
}

function tell({ message, actor, before, after }: Line): (Node | string)[] {
  const { status, value } = message.snapshot;
  const isFirst = before === undefined;
  if (value === undefined) {
    const text = isFirst && status === 'active' ? 'started' : status;
    return [`${actor.name} `, el('span', { 'data-status': status }, text)];
  }
  const ended = status === 'active' ? undefined : status;
  const to = el('span', { class: 'to', 'data-status': ended }, after);
  if (isFirst) return [`${actor.name} `, to];
  const type = shortType(message.event.type);
  if (ended !== undefined || before !== after) return [`${type} → `, to];
  const isRefused = message.trace.length === 0;
  return isRefused ? [el('span', { class: 'refused' }, `${type} refused`)] : [`${type} `];
}

function timeOf({ createdAt }: InspectorMessage): string {
  const time = new Date(Number(createdAt));
  return Number.isNaN(time.getTime()) ? '' : time.toTimeString().slice(0, 8);
}
