import type { Chart } from './chart.ts';
import type { Json } from './show.ts';

/** What is shown of a snapshot. */
export interface ShownSnapshot {
  readonly status: string;
  /** The state value of a machine; absent for promises, callbacks and the like. */
  readonly value?: Json;
  readonly context?: Json;
  readonly input?: Json;
  readonly output?: Json;
  readonly error?: Json;
  readonly tags?: readonly string[];
}

/** Why an event is not accepted. */
export interface Refusal {
  /** The guards that said no; none where no active state has a transition for the event. */
  readonly guards: readonly string[];
  /** What made it so: `resend:phone_code/idn_1`. */
  readonly fact?: string;
  /** Until when it is so, in ms since the epoch. */
  readonly until?: number;
}

/** An event that may be sent to an actor now. */
export interface Offer {
  /** Refers to the event itself, which stays in the host: not all of it is shown. */
  readonly id: string;
  readonly type: string;
  readonly label: string;
  /**
   * `accepted`: as it is. `needs_data`: with the right payload. `refused`: not now. `unknown`: it is
   * refused without a payload, and nobody said what a payload looks like.
   */
  readonly now: 'accepted' | 'needs_data' | 'refused' | 'unknown';
  /** What somebody fills in; what is told by its kind, the host fills in. */
  readonly template: Json;
  /** Where it is refused. */
  readonly refusal?: Refusal;
}

interface Envelope {
  readonly sessionId: string;
  readonly rootId: string;
  /** Milliseconds since the epoch, as text: `@statelyai/inspect` writes it so. */
  readonly createdAt: string;
  readonly _version: string;
  readonly id: null;
}

/** An actor was created. */
export interface ActorMessage extends Envelope {
  readonly type: '@xstate.actor';
  readonly name: string;
  readonly parentId: string | undefined;
  readonly chart: Chart | undefined;
  readonly snapshot: ShownSnapshot;
}

/** An event was sent to an actor. */
export interface EventMessage extends Envelope {
  readonly type: '@xstate.event';
  readonly sourceId: string | undefined;
  readonly event: ShownEvent;
}

/** An actor has a new snapshot. */
export interface SnapshotMessage extends Envelope {
  readonly type: '@xstate.snapshot';
  readonly event: ShownEvent;
  readonly snapshot: ShownSnapshot;
  /** Ids of the chart's transitions that led here. */
  readonly trace: readonly string[];
  readonly offers: readonly Offer[];
  /** Where the event was refused. */
  readonly refusal?: Refusal;
}

/** What is shown of an event. */
export type ShownEvent = { readonly type: string; readonly [key: string]: Json };

/**
 * What an inspector tells a viewer: the messages of `@statelyai/inspect` with the resolved chart,
 * the transitions taken and the events on offer added.
 */
export type InspectorMessage = ActorMessage | EventMessage | SnapshotMessage;
