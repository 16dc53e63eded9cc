import type { Chart } from '../chart.ts';
import { type Part, partOf } from '../json.ts';
import type { InspectorMessage } from '../messages.ts';
import type { Json } from '../show.ts';

/** The messages that a host sends, or a file holds. Those of `@xstate/inspect` have ours inside. */
export function readMessages(message: unknown): InspectorMessage[] {
  const given = partOf(message as Json);
  const inside = (text: Json | undefined) => partOf(parse(text)).v5;
  const own =
    given.type === 'service.register'
      ? [inside(given.machine), inside(given.state)]
      : [given.type === 'service.state' ? inside(given.state) : given];
  // SAFETY: every field that is read without a check was checked.
  return own.filter((one) => isMessage(partOf(one))) as unknown as InspectorMessage[];
}

function isMessage({
  type,
  sessionId,
  name,
  chart,
  event,
  snapshot,
  trace,
  offers,
}: Part): boolean {
  if (typeof sessionId !== 'string') return false;
  const isEvent = typeof partOf(event).type === 'string';
  switch (type) {
    case '@xstate.actor':
      return typeof name === 'string' && (chart === undefined || isChart(chart));
    case '@xstate.event':
      return isEvent;
    case '@xstate.snapshot': {
      const hasStatus = typeof partOf(snapshot).status === 'string';
      return isEvent && hasStatus && isListOf(trace) && isListOf(offers, 'type', 'label', 'now');
    }
    default:
      return false;
  }
}

/** The ids of the states that a state value says are active. */
export function activeIds({ nodes }: Chart, value: Json | undefined): Set<string> {
  const active = new Set<string>();
  const enter = (id: string, inner: Json | undefined): void => {
    active.add(id);
    if (inner === undefined || inner === null) return;
    const keys = typeof inner === 'string' ? [inner] : Object.keys(partOf(inner));
    for (const key of keys) {
      const child = nodes.find((node) => node.parent === id && node.key === key);
      if (child) enter(child.id, partOf(inner)[key]);
    }
  };
  if (nodes[0] && value !== undefined) enter(nodes[0].id, value);
  return active;
}

/** A chart that is not one is worse than none: everything drawn depends on these fields. */
function isChart(chart: Json): boolean {
  const { id, nodes, transitions } = partOf(chart);
  return (
    typeof id === 'string' &&
    isListOf(nodes, 'id', 'key', 'type', ['tags', 'invoke', 'entry', 'exit']) &&
    isListOf(transitions, 'id', 'source', 'event', 'label', ['targets', 'actions'])
  );
}

/** @param fields - texts that each entry has, and names of lists */
function isListOf(list: Json | undefined, ...fields: (string | string[])[]): boolean {
  const has = (entry: Json, field: string | string[]): boolean =>
    typeof field === 'string'
      ? typeof partOf(entry)[field] === 'string'
      : field.every((name) => Array.isArray(partOf(entry)[name]));
  return Array.isArray(list) && list.every((entry) => fields.every((field) => has(entry, field)));
}

function parse(text: Json | undefined): Json {
  try {
    return JSON.parse(String(text)) as Json;
  } catch {
    return null;
  }
}
