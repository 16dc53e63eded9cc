import type { Chart } from '../chart.ts';
import type { InspectorMessage, Offer, ShownEvent, ShownSnapshot } from '../messages.ts';
import type { Json } from '../show.ts';
import { chartFromConfig, xstate5Name } from './chart-config.ts';

type Data = { readonly [key: string]: Json };

/**
 * Reads messages of either protocol, ours or anybody's, into one form. It is told of every message
 * in order: what a foreign inspector leaves out is worked out from the one before.
 */
export function createReader(): (message: unknown) => InspectorMessage[] {
  const charts = new Map<string, Chart | null>();
  const values = new Map<string, Json | undefined>();
  const ended = new Set<string>();

  const snapshotMessage = (
    data: Data,
    event: ShownEvent,
    snapshot: ShownSnapshot,
    more: Data,
  ): InspectorMessage => {
    const sessionId = textOf(data.sessionId);
    const chart = charts.get(sessionId) ?? null;
    const before = values.get(sessionId);
    values.set(sessionId, snapshot.value);
    if (snapshot.status !== 'active') ended.add(sessionId);
    const { trace, offers } = more;
    return {
      type: '@xstate.snapshot',
      ...envelope(data),
      event,
      snapshot,
      trace: Array.isArray(trace)
        ? trace.map(textOf)
        : guessTrace(chart, before, snapshot.value, event),
      offers: Array.isArray(offers) ? offers.flatMap(readOffer) : guessOffers(chart, snapshot),
    };
  };

  return (message) => {
    const data = dataOf(message as Json);
    switch (data.type) {
      case '@xstate.actor': {
        const chart = readChart(data.chart) ?? chartFromConfig(parse(data.definition));
        charts.set(textOf(data.sessionId), chart);
        return [
          {
            type: '@xstate.actor',
            ...envelope(data),
            name: textOf(data.name) || textOf(data.sessionId),
            parentId: textOf(data.parentId) || undefined,
            definition: undefined,
            chart: chart ?? undefined,
            snapshot: readSnapshot(data.snapshot),
          },
        ];
      }
      case '@xstate.event':
        return [
          {
            type: '@xstate.event',
            ...envelope(data),
            sourceId: textOf(data.sourceId) || undefined,
            event: readEvent(data.event),
          },
        ];
      case '@xstate.snapshot':
        return [snapshotMessage(data, readEvent(data.event), readSnapshot(data.snapshot), data)];

      case 'service.register': {
        const machine = dataOf(parse(data.machine));
        const chart = readChart(machine.chart) ?? chartFromConfig(machine);
        const isLife = isLifeOfXState4(machine);
        charts.set(textOf(data.sessionId), isLife ? null : chart);
        const state = dataOf(parse(data.state));
        return [
          {
            type: '@xstate.actor',
            ...envelope(data),
            name: textOf(data.id) || textOf(machine.id) || textOf(data.sessionId),
            parentId: textOf(data.parent) || undefined,
            definition: undefined,
            chart: isLife ? undefined : (chart ?? undefined),
            snapshot: { status: 'active' },
          },
          stateMessage(state, data),
        ];
      }
      case 'service.event':
        return [
          {
            type: '@xstate.event',
            ...envelope(data),
            sourceId: undefined,
            event: readEvent(dataOf(parse(data.event)).data ?? null),
          },
        ];
      case 'service.state':
        return [stateMessage(dataOf(parse(data.state)), data)];
      case 'service.stop': {
        // Ours say how it ended before; of others this is the end.
        if (ended.has(textOf(data.sessionId))) return [];
        const snapshot: ShownSnapshot = { status: 'stopped' };
        return [
          {
            type: '@xstate.snapshot',
            ...envelope(data),
            event: { type: 'xstate.stop' },
            snapshot,
            trace: [],
            offers: [],
          },
        ];
      }
      default:
        return [];
    }
  };

  function stateMessage(state: Data, data: Data): InspectorMessage {
    const v5 = dataOf(state.v5 ?? null);
    const snapshot: ShownSnapshot =
      state.v5 !== undefined
        ? readSnapshot(v5.snapshot)
        : {
            status: state.done === true ? 'done' : 'active',
            value: state.value ?? null,
            ...(state.context !== undefined && { context: state.context }),
            ...(Array.isArray(state.tags) && { tags: state.tags.map(textOf) }),
          };
    return snapshotMessage({ ...v5, ...data }, readEvent(state.event), snapshot, v5);
  }
}

/** The ids of the states that a state value says are active. */
export function activeIds(chart: Chart, value: Json | undefined): Set<string> {
  const active = new Set<string>();
  const [root] = chart.nodes;
  if (!root || value === undefined) return active;
  const enter = (id: string, inner: Json | undefined): void => {
    active.add(id);
    if (inner === undefined || inner === null) return;
    const keys = typeof inner === 'string' ? [inner] : Object.keys(dataOf(inner));
    for (const key of keys) {
      const child = chart.nodes.find((node) => node.parent === id && node.key === key);
      if (child) enter(child.id, typeof inner === 'string' ? undefined : dataOf(inner)[key]);
    }
  };
  enter(root.id, value);
  return active;
}

function envelope(data: Data) {
  return {
    sessionId: textOf(data.sessionId),
    rootId: textOf(data.rootId),
    createdAt: textOf(data.createdAt) || String(Date.now()),
    _version: textOf(data._version),
    id: null,
  } as const;
}

function readSnapshot(snapshot: Json | undefined): ShownSnapshot {
  const { status, value, context, input, output, error, tags } = dataOf(snapshot ?? null);
  return {
    status: textOf(status) || 'active',
    ...(value !== undefined && { value }),
    ...(context !== undefined && { context }),
    ...(input !== undefined && { input }),
    ...(output !== undefined && { output }),
    ...(error !== undefined && { error }),
    ...(Array.isArray(tags) && { tags: tags.map(textOf) }),
  };
}

function readEvent(event: Json | undefined): ShownEvent {
  const data = dataOf(event ?? null);
  return { ...data, type: xstate5Name(textOf(data.type)) };
}

function readOffer(offer: Json): Offer[] {
  const { id, type, label, now, template } = dataOf(offer);
  if (typeof type !== 'string') return [];
  const isKnown = now === 'accepted' || now === 'needs_data' || now === 'refused';
  return [
    {
      id: textOf(id),
      type,
      label: textOf(label) || type,
      now: isKnown ? now : 'unknown',
      template: template ?? { type },
    },
  ];
}

/** A chart that is not one is worse than none: everything drawn depends on these fields. */
function readChart(chart: Json | undefined): Chart | null {
  const { id, nodes, transitions } = dataOf(chart ?? null);
  const isChart =
    typeof id === 'string' &&
    isListOf(nodes, ['id', 'key', 'type'], ['tags', 'invoke', 'entry', 'exit']) &&
    isListOf(transitions, ['id', 'source', 'event', 'label'], ['targets', 'actions']);
  // SAFETY: every field that is read without a check was checked.
  return isChart ? (chart as unknown as Chart) : null;
}

function isListOf(list: Json | undefined, texts: string[], lists: string[]): boolean {
  return (
    Array.isArray(list) &&
    list.every((item) => {
      const data = dataOf(item);
      return (
        texts.every((key) => typeof data[key] === 'string') &&
        lists.every((key) => Array.isArray(data[key]))
      );
    })
  );
}

function guessTrace(
  chart: Chart | null,
  before: Json | undefined,
  after: Json | undefined,
  event: ShownEvent,
): string[] {
  if (!chart || before === undefined || JSON.stringify(before) === JSON.stringify(after)) return [];
  const from = activeIds(chart, before);
  const to = activeIds(chart, after);
  const taken = chart.transitions.find(
    (t) =>
      t.event === event.type &&
      from.has(t.source) &&
      t.targets.length > 0 &&
      t.targets.every((target) => to.has(target)),
  );
  return taken ? [taken.id] : [];
}

function guessOffers(chart: Chart | null, { status, value }: ShownSnapshot): Offer[] {
  if (!chart || status !== 'active') return [];
  const active = activeIds(chart, value);
  const types = new Set(
    chart.transitions
      .filter((t) => t.kind === 'event' && t.event !== '*' && active.has(t.source))
      .map((t) => t.event),
  );
  return [...types].map((type) => ({
    id: '',
    type,
    label: type,
    now: 'unknown',
    template: { type },
  }));
}

/** A promise or a callback, whose life a bridge shows as a chart of four states. */
function isLifeOfXState4({ states }: Data): boolean {
  return Object.keys(dataOf(states ?? null)).join() === 'active,done,error,stopped';
}

function parse(text: Json | undefined): Json {
  if (typeof text !== 'string') return null;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}

function dataOf(value: Json): Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
