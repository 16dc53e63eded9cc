import { stateText } from '../../why.ts';
import { byId, el } from '../dom.ts';
import type { Playback } from '../playback.ts';
import type { ActorView } from '../session.ts';

/** @param choose - is told of the id of the actor that was chosen */
export function renderActors(playback: Playback, choose: (id: string) => void): void {
  const actors = playback.actors();
  const current = playback.actor();
  byId('actors').replaceChildren(
    ...[...actors.values()].map((actor) => {
      const status = actor.now?.snapshot.status ?? 'active';
      const isChild = actor.parentId !== undefined && actors.has(actor.parentId);
      const kind = `${isChild ? 'child' : ''} ${status === 'active' ? '' : 'ended'}`;
      const name = el('span', { class: 'name' }, actor.name);
      const state = el('span', { 'data-status': status }, stateOf(actor));
      const button = el('button', { type: 'button', class: kind, title: actor.id }, name, state);
      if (actor.id === current?.id) button.setAttribute('aria-current', 'true');
      button.addEventListener('click', () => choose(actor.id));
      return el('li', {}, button);
    }),
  );
}

/** The states that an actor is in, or its status where it has none. */
export function stateOf({ now }: Pick<ActorView, 'now'>): string {
  if (!now) return 'starting';
  const { value, status } = now.snapshot;
  return value === undefined ? status : stateText(value);
}
