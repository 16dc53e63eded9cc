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

  /** An inspector must neither break the flow nor flood the console: what fails is said once. */
  const guard = (run: () => void): void => {
    try {
      run();
    } catch (error) {
      // What an error says may hold what it was given.
      if (!warned) console.warn(`The inspector failed and the flow goes on: ${errorKind(error)}.`);
      warned = true;
    }
  };

  const emit = (message: InspectorMessage): void => {
    backlog.push(message);
    for (const listener of listeners) guard(() => listener(message));
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
      ...{ ref, isMachine: machineOf(ref) !== undefined, status: 'active', last: undefined },
      ...{ lastEvent: { type: 'xstate.init' }, trace: [], offers: [] },
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
    const { ref, trace, last, isMachine } = recorded;
    const shower = showerOf(ref, options);
    const shown = shower.snapshot(snapshot);
    const isActive = shown.status === 'active';
    const machine = isMachine ? (snapshot as AnyMachineSnapshot) : null;
    const isRefused =
      machine && snapshot === last && trace.length === 0 && !isOwnOfXState(event.type);
    const hints = hintsOf(machine?.machine.id, options.hints);
    recorded.status = shown.status;
    recorded.offers = machine && isActive ? offersFor(machine, hints, shower) : [];
    recorded.last = snapshot;
    recorded.trace = [];
    emit({
      type: '@xstate.snapshot',
      ...envelope(ref, rootId),
      event: shower.event(event),
      snapshot: shown,
      trace,
      offers: recorded.offers.map(({ offer }) => offer),
      ...(isRefused && { refusal: whyRefused(machine, event, hints) }),
    });
    if (!isActive) active.delete(sessionOf(ref));
  };

  /** XState takes no snapshot when an action, a guard or an initial context throws. */
  const lookAgain = (recorded: Recorded, rootId: string): void => {
    const look = () => {
      const snapshot: unknown = (recorded.ref as AnyActorRef).getSnapshot();
      if (recorded.status !== 'active' || statusOf(snapshot) !== 'error') return;
      snapshotTaken(recorded, rootId, snapshot, recorded.lastEvent);
    };
    queueMicrotask(() => guard(look));
  };

  const take = (event: InspectionEvent): void => {
    const { actorRef, rootId } = event;
    if (typeof rootId !== 'string') return;
    const recorded = register(actorRef, rootId);
    // A parent that is done stops its children after they reported; once is enough.
    if (recorded.status !== 'active') return;
    if (event.type === '@xstate.actor') lookAgain(recorded, rootId);
    else if (event.type === '@xstate.snapshot') {
      snapshotTaken(recorded, rootId, event.snapshot, event.event);
    } else if (event.type === '@xstate.microstep') {
      const machine = machineOf(actorRef);
      const { idOf } = machine ? chartOf(machine) : { idOf: () => undefined };
      recorded.trace.push(...event._transitions.flatMap((taken) => idOf(taken) ?? []));
    } else if (event.type === '@xstate.event') {
      recorded.trace = [];
      recorded.lastEvent = event.event;
      emit({
        type: '@xstate.event',
        ...envelope(actorRef, rootId),
        sourceId: event.sourceRef && sessionOf(event.sourceRef),
        event: showerOf(actorRef, options).event(event.event),
      });
      lookAgain(recorded, rootId);
    }
  };

  const send = (sessionId: string, event: unknown): void => {
    const recorded = active.get(sessionId);
    if (!recorded) return;
    const { $offer, ...data } = Object(event) as Record<string, unknown>;
    const offered = recorded.offers.find(({ offer }) => offer.id === $offer);
    const isAsOffered = offered && Object.keys(data).every((name) => name === 'type');
    const filled = () => fillIn(data, offered?.offer.template, offered?.event);
    const hints = hintsOf(machineOf(recorded.ref)?.id, options.hints);
    const revived = isAsOffered ? offered.event : reviveEvent(filled(), hints);
    if (revived && !isOwnOfXState(revived.type)) (recorded.ref as AnyActorRef).send(revived);
  };

  return {
    backlog: backlog.messages,
    inspect: (event) => guard(() => take(event)),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    send: (sessionId, event) => guard(() => send(sessionId, event)),
  };
}

function sessionOf(ref: ActorRefLike): string {
  return String(ref.sessionId);
}

/** Events that XState makes, in its own spelling and in that of version 4; nobody sends them. */
function isOwnOfXState(type: string): boolean {
  return /^(?:xstate\.|done\.invoke\.|done\.state\.|error\.platform\.)/.test(type);
}
