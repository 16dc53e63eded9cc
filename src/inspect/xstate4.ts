import { xstate4Config } from './chart.ts';
import type { ActorMessage, InspectorMessage, ShownEvent, SnapshotMessage } from './messages.ts';
import type { Json } from './show.ts';

/** What `@xstate/inspect` sends to a viewer. Machines, states and events are JSON text. */
export interface XState4Message {
  readonly type: `service.${'register' | 'state' | 'event' | 'stop'}`;
  readonly sessionId: string;
  readonly [field: string]: string;
}

/**
 * Translates messages into the protocol of `@xstate/inspect`. It keeps what it needs of the
 * messages before, so each stream needs a translator of its own.
 */
export function createXState4Translator(): (message: InspectorMessage) => XState4Message[] {
  interface Service {
    readonly introduction: ActorMessage;
    readonly early: ShownEvent[];
    isRegistered: boolean;
  }
  const services = new Map<string, Service>();

  return (message) => {
    const { sessionId } = message;
    if (message.type === '@xstate.actor') {
      services.set(sessionId, { introduction: message, early: [], isRegistered: false });
      return [];
    }
    const service = services.get(sessionId);
    if (!service) return [];
    if (message.type === '@xstate.event') {
      if (service.isRegistered) return [serviceEvent(sessionId, message.event, message.sourceId)];
      service.early.push(message.event);
      return [];
    }

    // A service of version 4 has a state from the start; of version 5 with its first snapshot.
    const state = JSON.stringify(xstate4State(message));
    const messages: XState4Message[] = [];
    const { introduction } = service;
    if (service.isRegistered) messages.push({ type: 'service.state', sessionId, state });
    else {
      service.isRegistered = true;
      const { name, parentId, chart } = introduction;
      const config = chart ? xstate4Config(chart, xstate4Name) : lifeOf(name);
      messages.push({
        type: 'service.register',
        sessionId,
        id: name,
        ...(parentId !== undefined && { parent: parentId }),
        // An unknown property of a config is ignored, and our viewer needs to guess nothing.
        machine: JSON.stringify({ ...config, context: {}, v5: introduction }),
        state,
      });
      for (const event of service.early) messages.push(serviceEvent(sessionId, event, undefined));
    }
    const { status } = message.snapshot;
    // A root that is done stays, so that its last state can be looked at.
    if (status === 'stopped' || (status !== 'active' && introduction.parentId !== undefined)) {
      messages.push({ type: 'service.stop', sessionId });
    }
    if (status !== 'active') services.delete(sessionId); // a process may invoke things for years
    return messages;
  };
}

/** The event type of version 4 for one of version 5. */
export function xstate4Name(type: string): string {
  if (type.startsWith(':')) return `:${invocation(type.slice(1))}`;
  const [, kind, id = ''] =
    /^xstate\.(done\.actor|error\.actor|done\.state)\.(.+)$/.exec(type) ?? [];
  if (kind === 'done.actor') return `done.invoke.${invocation(id)}`;
  if (kind === 'error.actor') return `error.platform.${invocation(id)}`;
  if (kind === 'done.state') return `done.state.${id}`;
  const [, delay, node] = /^xstate\.after\.([^.]+)\.(.+)$/.exec(type) ?? [];
  return delay === undefined ? type : `xstate.after(${delay})#${node}`;
}

/** Invokes without an id are `0.toy.busy` in version 5 and `toy.busy:invocation[0]` in version 4. */
function invocation(id: string): string {
  const [, index, node] = /^(\d+)\.(.+)$/.exec(id) ?? [];
  return index === undefined ? id : `${node}:invocation[${index}]`;
}

function scxml(event: ShownEvent, sourceId: string | undefined): { [key: string]: Json } {
  const name = xstate4Name(event.type);
  return {
    name,
    data: { ...event, type: name },
    $$type: 'scxml',
    type: /^(?:xstate\.|done\.|error\.)/.test(name) ? 'platform' : 'external',
    ...(sourceId !== undefined && { origin: sourceId }),
  };
}

function serviceEvent(
  sessionId: string,
  event: ShownEvent,
  sourceId: string | undefined,
): XState4Message {
  return { type: 'service.event', sessionId, event: JSON.stringify(scxml(event, sourceId)) };
}

function xstate4State(message: SnapshotMessage): object {
  const { sessionId, event, snapshot } = message;
  const { status, value, context, input, output, error, tags = [] } = snapshot;
  const _event = scxml(event, undefined);
  return {
    value: value ?? status,
    context: context ?? { input, output, error },
    ...{ _event, event: _event.data, _sessionid: sessionId, done: status === 'done', tags },
    ...{ actions: [], activities: {}, events: [], meta: {}, children: {}, transitions: [] },
    changed: true,
    // What version 4 has no word for; our viewer reads it, others don't.
    v5: message,
  };
}

/** Promises and callbacks have no chart; their life is one. */
function lifeOf(id: string): object {
  const on = { 'xstate.promise.resolve': 'done', 'xstate.promise.reject': 'error' };
  const active = { on: { ...on, 'xstate.stop': 'stopped' } };
  const end = { type: 'final' };
  return {
    id,
    key: id,
    initial: 'active',
    states: { active, done: end, error: end, stopped: end },
  };
}
