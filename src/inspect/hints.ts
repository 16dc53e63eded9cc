import type { AnyMachineSnapshot, EventObject } from 'xstate';
import type { Offer, Refusal } from './messages.ts';
import { secondFactorHints } from './second-factor-hints.ts';
import type { Shower } from './shapes.ts';
import type { Json } from './show.ts';
import { whyRefused } from './why.ts';

/** An event that makes sense now. */
export interface Suggestion {
  /** What is sent; where `probe` is given, what somebody fills in first. */
  readonly event: EventObject;
  /** The same event with a payload of the right form, to ask whether it would be accepted. */
  readonly probe?: EventObject;
  /** @defaultValue the type of the event */
  readonly label?: string;
}

/** What an inspector can't know about a machine's events by itself. */
export interface EventHints {
  /** The events that make sense in a snapshot, those that are refused included. */
  suggest(snapshot: AnyMachineSnapshot): readonly Suggestion[];
  /** Makes a real event of what was written in a viewer: plain JSON has no instances. */
  revive?(event: EventObject): EventObject;
  /** Which fact makes a guard refuse an event, and until when, in ms since the epoch. */
  explain?(snapshot: AnyMachineSnapshot, event: EventObject): Omit<Refusal, 'guards'>;
}

/** An offer, and the event that it stands for. */
export interface PendingOffer {
  readonly offer: Offer;
  readonly event: EventObject;
}

const BUILT_IN: Readonly<Record<string, EventHints>> = { secondFactor: secondFactorHints };

/** The events that a snapshot's machine offers now. */
export function offersFor(
  snapshot: AnyMachineSnapshot,
  own: EventHints | undefined,
  shower: Shower,
): readonly PendingOffer[] {
  return suggestionsFor(snapshot, own).map(({ event, probe, label }, index) => {
    const asked = probe ?? event;
    // A bare event may be refused for want of a payload alone.
    const isBare = probe === undefined && Object.keys(event).length === 1;
    const no = isBare && !own ? 'unknown' : 'refused';
    const now = !can(snapshot, asked) ? no : probe ? 'needs_data' : 'accepted';
    return {
      event,
      offer: {
        id: String(index),
        type: event.type,
        label: label ?? event.type,
        now,
        template: shower.event(event) as Json,
        ...(now === 'refused' && { refusal: whyRefused(snapshot, asked, own) }),
      },
    };
  });
}

/** Makes a real event of plain data, or `null` when it is none. */
export function reviveEvent(data: unknown, hints: EventHints | undefined): EventObject | null {
  const { type } = Object(data) as { type?: unknown };
  if (typeof type !== 'string' || type === '') return null;
  const event: EventObject = { ...Object(data), type };
  return hints?.revive?.(event) ?? event;
}

function suggestionsFor(
  snapshot: AnyMachineSnapshot,
  hints: EventHints | undefined,
): readonly Suggestion[] {
  const suggested = hints?.suggest(snapshot) ?? [];
  const known = suggested.map(({ event }) => event.type);
  const types = new Set(snapshot._nodes.flatMap((node) => node.ownEvents as string[]));
  const own = [...types].filter((type) => !known.includes(type) && !/^xstate\.|^$|\*/.test(type));
  return [...suggested, ...own.map((type) => ({ event: { type } }))];
}

/** What is known of a machine's events. */
export function hintsOf(
  machineId: string | undefined,
  hints: Readonly<Record<string, EventHints>> | undefined,
): EventHints | undefined {
  if (machineId === undefined) return undefined;
  for (const table of [hints, BUILT_IN]) {
    if (table && Object.hasOwn(table, machineId)) return table[machineId];
  }
  return undefined;
}

/** A guard that reads a payload which is not there throws; that counts as refused. */
function can(snapshot: AnyMachineSnapshot, event: EventObject): boolean {
  try {
    return snapshot.can(event);
  } catch {
    return false;
  }
}
