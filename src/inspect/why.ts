import type { AnyMachineSnapshot, EventObject } from 'xstate';
import { type Chart, chartOf } from './chart.ts';
import type { EventHints } from './hints.ts';
import type { Refusal, SnapshotMessage } from './messages.ts';
import { shortType, statePaths } from './names.ts';

/** Why a machine does not accept an event: which guard says no, and which fact makes it so. */
export function whyRefused(
  snapshot: AnyMachineSnapshot,
  event: EventObject,
  hints: EventHints | undefined,
): Refusal {
  const active = new Set(snapshot._nodes.map(({ id }) => id));
  const asked = chartOf(snapshot.machine).chart.transitions.filter(
    (transition) => active.has(transition.source) && transition.event === event.type,
  );
  const guards = [...new Set(asked.flatMap(({ guard }) => guard ?? []))];
  if (guards.length === 0) return { guards, fact: `${stateText(snapshot.value)} does not take it` };
  return { guards, ...hints?.explain?.(snapshot, event) };
}

/** A refusal in words, with a time as the reader has it. */
export function tellRefusal(
  { guards, fact, until }: Refusal,
  time: (at: number) => string,
): string {
  const guard = guards.length > 0 ? `${guards.join(' and ')} said no` : '';
  const because = until === undefined ? fact : `${fact} until ${time(until)}`;
  return [guard, because].filter(Boolean).join(': ');
}

/**
 * What happened at one moment, in a sentence.
 *
 * @param before - the states before, as text; of the first moment nothing
 */
export function tellStep(
  { event, snapshot, trace, refusal }: SnapshotMessage,
  chart: Chart | undefined,
  before: string | undefined,
  time: (at: number) => string,
): string {
  const type = shortType(event.type);
  const after = snapshot.value === undefined ? snapshot.status : stateText(snapshot.value);
  if (refusal) return `${after} refused ${type}. ${tellRefusal(refusal, time)}.`;
  if (before === undefined) return `It started: ${after}.`;
  if (snapshot.status === 'stopped') return `It was stopped in ${after}.`;
  const taken = trace.flatMap((id) => chart?.transitions.find((one) => one.id === id) ?? []);
  const guards = taken.flatMap(({ guard }) => guard ?? []);
  const actions = taken.flatMap((one) => one.actions);
  const way = before === after ? `was taken in ${after}` : `led from ${before} to ${after}`;
  const because = guards.length > 0 ? `, since ${guards.join(' and ')} said yes` : '';
  return `${type} ${way}${because}.${actions.length > 0 ? ` It ran ${actions.join(', ')}.` : ''}`;
}

/** The active states as text. */
export function stateText(value: Parameters<typeof statePaths>[0]): string {
  return statePaths(value).join(' & ');
}
