import type {
  ActorRefLike,
  AnyActorRef,
  AnyMachineSnapshot,
  EventObject,
  InspectionEvent,
} from 'xstate';
import { createBacklog } from './backlog.ts';
import { chartOf } from './chart.ts';
import { type EventHints, hintsOf, offersFor, type PendingOffer, reviveEvent } from './hints.ts';
import type { InspectorMessage } from './messages.ts';
import {
  isName,
  machineOf,
  type ShowOptions,
  showerOf,
  statusOf,
  warnOfShowAll,
} from './shapes.ts';
import { errorKind, fillIn } from './show.ts';
import { whyRefused } from './why.ts';

/** What all inspectors can be told. */
export interface InspectorOptions extends ShowOptions {
  /**
   * By machine id: what events make sense now, and how an event written in a viewer becomes a real
   * one. The second-factor machine's are built in.
   */
  readonly hints?: Readonly<Record<string, EventHints>>;
  /** How many messages are kept for a viewer that comes late. @defaultValue 1000 */
  readonly maxBacklog?: number;
}

/** Turns XState's inspection events into messages that may be shown, and keeps them. */
export interface Recorder {
  /** Hand it to `createActor(machine, { inspect })`. It never throws. */
  readonly inspect: (event: InspectionEvent) => void;
  /** What was recorded so far, oldest first. */
  readonly backlog: readonly InspectorMessage[];
  /** Calls a listener with each new message. What it throws is reported once and goes no further. */
  subscribe(listener: (message: InspectorMessage) => void): () => void;
  /** Sends an event to a recorded actor, as a viewer asked for it. */
  send(sessionId: string, event: unknown): void;
}

interface Recorded {
  readonly ref: ActorRefLike;
  readonly isMachine: boolean;
  status: string;
  lastEvent: EventObject;
  trace: string[];
  offers: readonly PendingOffer[];
  /** To see whether an event changed anything. */
  last: unknown;
}

/** How many messages are kept for a viewer that comes late. */
export const DEFAULT_BACKLOG = 1_000;
// The version of `@statelyai/inspect` whose messages these extend.
const VERSION = '0.7.2';

/** Makes a recorder. */
export function createRecorder(options: InspectorOptions = {}): Recorder {
  warnOfShowAll(options);
  const backlog = createBacklog(Math.max(options.maxBacklog ?? DEFAULT_BACKLOG, 1));
  // What has ended is not held: a process may invoke things for years.
  const known = new WeakMap<ActorRefLike, Recorded>();
  const active = new Map<string, Recorded>();
  const listeners = new Set<(message: InspectorMessage) => void>();
  let warned = false;

  const warn = (error: unknown): void => {
    if (warned) return;
    warned = true;
    // Said once: an inspector must neither break the flow nor flood the console.
    // What an error says may hold what it was given.
    console.warn(`The inspector failed and the flow goes on: ${errorKind(error)}.`);
  };

  const emit = (message: InspectorMessage): void => {
    backlog.push(message);
    for (const listener of listeners) {
      try {
        listener(message);
      } catch (error) {
        warn(error);
      }
    }
  };

  const envelope = (ref: ActorRefLike, rootId: string) => ({
    sessionId: sessionOf(ref),
    rootId,
    createdAt: String(Date.now()),
    _version: VERSION,
    id: null,
  });

  const register = (ref: ActorRefLike, rootId: string): Recorded => {
    const before = known.get(ref);
    if (before) return before;
    const recorded: Recorded = {
      ref,
      isMachine: machineOf(ref) !== undefined,
      status: 'active',
      lastEvent: { type: 'xstate.init' },
      trace: [],
      offers: [],
      last: undefined,
    };
    known.set(ref, recorded);
    active.set(sessionOf(ref), recorded);
    const machine = machineOf(ref);
    const { id, _parent } = ref as AnyActorRef;
    emit({
      type: '@xstate.actor',
      ...envelope(ref, rootId),
      name: id === sessionOf(ref) && machine ? machine.id : isName(id) ? id : '‹actor›',
      parentId: _parent && sessionOf(_parent),
      definition: undefined,
      chart: machine && chartOf(machine).chart,
      snapshot: { status: 'active' },
    });
    return recorded;
  };

  const snapshotTaken = (
    recorded: Recorded,
    rootId: string,
    snapshot: unknown,
    event: EventObject,
  ): void => {
    const shower = showerOf(recorded.ref, options);
    const shown = shower.snapshot(snapshot);
    recorded.status = shown.status;
    const machine = recorded.isMachine ? (snapshot as AnyMachineSnapshot) : null;
    const isActive = shown.status === 'active';
    recorded.offers = machine && isActive ? offersFor(machine, options.hints, shower) : [];
    const isRefused =
      machine && snapshot === recorded.last && !recorded.trace.length && !isOwnOfXState(event.type);
    const own = hintsOf(machine?.machine.id, options.hints);
    recorded.last = snapshot;
    const trace = recorded.trace;
    recorded.trace = [];
    emit({
      type: '@xstate.snapshot',
      ...envelope(recorded.ref, rootId),
      event: shower.event(event),
      snapshot: shown,
      trace,
      offers: recorded.offers.map(({ offer }) => offer),
      ...(isRefused && { refusal: whyRefused(machine, event, own) }),
    });
    if (shown.status === 'active') return;
    recorded.offers = [];
    active.delete(sessionOf(recorded.ref));
  };

  /** XState takes no snapshot when an action, a guard or an initial context throws. */
  const lookAgain = (recorded: Recorded, rootId: string): void => {
    queueMicrotask(() => {
      try {
        const { ref } = recorded;
        const snapshot: unknown = (ref as AnyActorRef).getSnapshot();
        if (recorded.status === 'active' && statusOf(snapshot) === 'error') {
          snapshotTaken(recorded, rootId, snapshot, recorded.lastEvent);
        }
      } catch (error) {
        warn(error);
      }
    });
  };

  return {
    backlog: backlog.messages,
    inspect(event) {
      try {
        const { actorRef, rootId } = event;
        if (typeof rootId !== 'string') return;
        switch (event.type) {
          case '@xstate.actor': {
            lookAgain(register(actorRef, rootId), rootId);
            break;
          }
          case '@xstate.event': {
            const recorded = register(actorRef, rootId);
            if (recorded.status !== 'active') break;
            recorded.trace = [];
            recorded.lastEvent = event.event;
            emit({
              type: '@xstate.event',
              ...envelope(actorRef, rootId),
              sourceId: event.sourceRef && sessionOf(event.sourceRef),
              event: showerOf(actorRef, options).event(event.event),
            });
            lookAgain(recorded, rootId);
            break;
          }
          case '@xstate.microstep': {
            const recorded = register(actorRef, rootId);
            const machine = machineOf(actorRef);
            if (!machine) break;
            const { idOf } = chartOf(machine);
            for (const transition of event._transitions) {
              const id = idOf(transition);
              if (id !== undefined) recorded.trace.push(id);
            }
            break;
          }
          case '@xstate.snapshot': {
            const recorded = register(actorRef, rootId);
            // A parent that is done stops its children after they reported; once is enough.
            if (recorded.status !== 'active') break;
            snapshotTaken(recorded, rootId, event.snapshot, event.event);
            break;
          }
        }
      } catch (error) {
        warn(error);
      }
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    send(sessionId, event) {
      try {
        const recorded = active.get(sessionId);
        if (recorded?.status !== 'active') return;
        const { $offer, ...data } = Object(event) as Record<string, unknown>;
        const offered = recorded.offers.find(({ offer }) => offer.id === $offer);
        const isAsOffered = offered && Object.keys(data).every((name) => name === 'type');
        const revived = isAsOffered
          ? offered.event
          : reviveEvent(
              machineOf(recorded.ref)?.id,
              fillIn(data, offered?.offer.template, offered?.event),
              options.hints,
            );
        if (revived === null || isOwnOfXState(revived.type)) return;
        (recorded.ref as AnyActorRef).send(revived);
      } catch (error) {
        warn(error);
      }
    },
  };
}

function sessionOf(ref: ActorRefLike): string {
  return String(ref.sessionId);
}

/** Events that XState makes, in its own spelling and in that of version 4; nobody sends them. */
function isOwnOfXState(type: string): boolean {
  return /^(?:xstate\.|done\.invoke\.|done\.state\.|error\.platform\.)/.test(type);
}
