import type { SnapshotMessage } from '../../messages.ts';
import { shortType } from '../../names.ts';
import { byId, clock, el } from '../dom.ts';
import type { Playback } from '../playback.ts';
import type { ActorView } from '../session.ts';
import { stateOf } from './actors.ts';

/** Of more lines the oldest are not shown. */
const MOST_LINES = 400;

/** With the states before and after as text; before the first one is nothing. */
interface Line {
  readonly position: number;
  readonly message: SnapshotMessage;
  readonly actor: ActorView;
  readonly before: string | undefined;
  readonly after: string;
}

/**
 * Shows what happened, the newest first, as far as it has the text that people filter by.
 *
 * @param choose - told of the message that was chosen, and of its place in the recording
 */
export function createLogPanel(
  playback: Playback,
  choose: (position: number, message: SnapshotMessage) => void,
): { render(): void } {
  const filter = byId('filter') as HTMLInputElement;
  let shown: { readonly position: number; readonly button: HTMLButtonElement }[] = [];
  let built: readonly unknown[] = [];

  const line = (entry: Line) => {
    const { position, message } = entry;
    const time = el('time', {}, clock(Number(message.createdAt)));
    const what = el('span', { class: 'what' }, ...tell(entry));
    const button = el('button', { type: 'button' }, time, what);
    button.addEventListener('click', () => choose(position, message));
    return { position, button };
  };
  const render = (): void => {
    const { recording, newest, index } = playback;
    const words = filter.value.trim().toLowerCase();
    const wanted = [recording, newest, recording.dropped, words];
    // Going back and forth changes no line.
    if (wanted.some((one, at) => one !== built[at])) {
      built = wanted;
      const isMeant = ({ button }: { button: Element }) =>
        button.textContent?.toLowerCase().includes(words);
      shown = linesOf(playback).map(line).filter(isMeant).slice(-MOST_LINES).reverse();
      byId('log').replaceChildren(...shown.map(({ button }) => el('li', {}, button)));
    }
    for (const { position, button } of shown) {
      button.classList.toggle('later', position > index);
      button.toggleAttribute('aria-current', position === index);
    }
  };
  filter.addEventListener('input', render);
  return { render };
}

function linesOf({ recording, newest }: Playback): Line[] {
  const actors = recording.at(newest);
  const states = new Map<string, string>();
  return recording.messages.flatMap((message, position) => {
    if (message.type !== '@xstate.snapshot') return [];
    const actor = actors.get(message.sessionId);
    if (!actor) return [];
    const before = states.get(message.sessionId);
    const after = stateOf({ now: message });
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
  return message.refusal ? [el('span', { class: 'refused' }, `${type} refused`)] : [`${type} `];
}
