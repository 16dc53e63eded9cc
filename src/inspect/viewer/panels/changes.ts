import { isPart, type Part, partOf } from '../../json.ts';
import type { SnapshotMessage } from '../../messages.ts';
import type { Json } from '../../show.ts';
import { stateText, tellStep } from '../../why.ts';
import { byId, clock, el } from '../dom.ts';
import type { Playback } from '../playback.ts';
import type { ActorView } from '../session.ts';
import { createTree } from '../tree.ts';

/** More changes than anybody reads. */
const MOST_CHANGES = 60;

/** What happened at this moment, what it changed since another, and all of the data. */
export function createChangesPanel(playback: Playback): { render(): void } {
  const tree = createTree();
  const pin = byId('pin');
  let pinned: SnapshotMessage | undefined;

  const render = (): void => {
    const actor = playback.actor();
    const base = pinned?.sessionId === actor?.id ? pinned : undefined;
    const [now, before] = [dataOf(actor?.now), dataOf(base ?? actor?.before)];
    const hasBefore = base !== undefined || actor?.before !== undefined;
    const changes = hasBefore ? diff(before, now).slice(0, MOST_CHANGES) : [];
    byId('told').textContent = tell(actor);
    pin.setAttribute('aria-pressed', String(base !== undefined));
    pin.textContent = base ? `Compared with ${clock(Number(base.createdAt))}` : 'Compare from here';
    byId('changes').replaceChildren(
      ...changes.map(([path, from, to]) =>
        el(
          'li',
          {},
          el('b', {}, path),
          ' ',
          el('del', {}, told(from)),
          ' ',
          el('ins', {}, told(to)),
        ),
      ),
    );
    const event = actor?.now?.event as Json | undefined;
    byId('data').replaceChildren(...tree({ ...(event !== undefined && { event }), ...now }));
  };
  pin.addEventListener('click', () => {
    const { now } = playback.actor() ?? {};
    pinned = pin.getAttribute('aria-pressed') === 'true' ? undefined : now;
    render();
  });
  return { render };
}

function tell(actor: ActorView | undefined): string {
  if (!actor?.now) return '';
  const { value } = actor.before?.snapshot ?? {};
  const before =
    actor.before && (value === undefined ? actor.before.snapshot.status : stateText(value));
  return tellStep(actor.now, actor.chart, before, clock);
}

function dataOf(message: SnapshotMessage | undefined): Part {
  const { value, context, input, output, error } = message?.snapshot ?? {};
  const parts = Object.entries({ state: value, context, input, output, error });
  return Object.fromEntries(parts.filter((part): part is [string, Json] => part[1] !== undefined));
}

/** The innermost values that differ, by their path. */
function diff(
  before: Part,
  after: Part,
  path = '',
): [string, Json | undefined, Json | undefined][] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name) => {
    const [from, to] = [before[name], after[name]];
    const here = path === '' ? name : `${path}.${name}`;
    if (JSON.stringify(from) === JSON.stringify(to)) return [];
    if (isPart(from ?? to) && isPart(to ?? from)) return diff(partOf(from), partOf(to), here);
    return told(from) === told(to) ? [] : [[here, from, to]];
  });
}

/** A value as text, a moment as the time of the day. */
function told(value: Json | undefined): string {
  if (value === undefined || value === null) return '–';
  if (typeof value === 'number' && value > 1e12) return clock(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}
