import type { AnyMachineSnapshot, InspectionEvent, Snapshot } from 'xstate';
import { hintsOf, offersFor } from './hints.ts';
import { isPart, partOf } from './json.ts';
import type { InspectorMessage, SnapshotMessage } from './messages.ts';
import { shortType } from './names.ts';
import { createRecorder, type InspectorOptions } from './recorder.ts';
import { showerOfSnapshot, warnOfShowAll } from './shapes.ts';
import type { Json } from './show.ts';
import { stateText, tellRefusal } from './why.ts';

/** How a snapshot is described. */
export interface DescribeOptions extends Omit<InspectorOptions, 'maxBacklog'> {
  /** The time that deadlines are counted from, in ms since the epoch. @defaultValue now */
  readonly now?: number;
}

/**
 * Describes a snapshot in a few lines of text: its state, what can be sent to it now, the deadlines
 * in force, the error and the context, as far as shapes name them. For terminals, logs and bug reports.
 *
 * @param snapshot of any XState actor; a machine's says most
 */
export function describe(snapshot: Snapshot<unknown>, options: DescribeOptions = {}): string {
  warnOfShowAll(options);
  const shower = showerOfSnapshot(snapshot, options);
  const shown = shower.snapshot(snapshot);
  const { machine } = snapshot as { machine?: { id?: string } };
  const now = options.now ?? Date.now();
  const state = shown.value === undefined ? shown.status : stateText(shown.value);
  const ended = shown.value !== undefined && shown.status !== 'active' ? ` (${shown.status})` : '';
  const lines = [`${machine?.id ? `${machine.id}: ` : ''}${state}${ended}`];
  const add = (label: string, text: string) => lines.push(`  ${label.padEnd(10)}${text}`);

  if (shown.tags?.length) add('tags', shown.tags.join(', '));
  if (shown.status === 'active' && shown.value !== undefined) {
    const hints = hintsOf(machine?.id, options.hints);
    const offers = offersFor(snapshot as AnyMachineSnapshot, hints, shower);
    for (const [label, now] of Object.entries(OFFER_WORDS)) {
      const some = offers.filter((offer) => offer.offer.now === now);
      if (some.length > 0) add(label, some.map(({ offer }) => offer.label).join(', '));
    }
    for (const { offer } of offers) {
      if (offer.refusal) add('because', `${offer.label}: ${tellRefusal(offer.refusal, timeText)}`);
    }
  }
  const { error, ...context } = partOf(shown.context);
  const { deadlines } = context;
  for (const [name, at] of Object.entries(partOf(deadlines))) {
    if (typeof at === 'number') add('deadline', `${name} ${countdown(at - now)}`);
  }
  const problem = shown.error ?? error;
  if (problem !== undefined && problem !== null) add('error', errorLine(problem));
  if (shown.output !== undefined) add('output', short(JSON.stringify(shown.output)));
  for (const [name, value] of Object.entries(context)) {
    if (name === 'deadlines' && isPart(value)) continue;
    const text = JSON.stringify(value)?.replace(/"(‹[^"]*›)"/g, '$1');
    if (!/^(?:null|\[\]|\{\})?$/.test(text ?? '')) add('context', `${name} = ${short(text)}`);
  }
  return lines.join('\n');
}

const OFFER_WORDS = {
  ...{ accepts: 'accepted', 'with data': 'needs_data' },
  ...{ maybe: 'unknown', refuses: 'refused' },
};

/** How transitions are logged. */
export interface LogTransitionsOptions extends InspectorOptions {
  /** Takes one line. @defaultValue console.log */
  readonly write?: (line: string) => void;
  /** Whether the life of invoked and spawned actors is logged too. @defaultValue true */
  readonly children?: boolean;
}

/**
 * Makes an inspection function that writes one line for each transition and for each invoked actor
 * that starts or ends:
 *
 * ```text
 * 12:00:01.123 secondFactor  needs_second_factor ── PREPARE ─▶ preparing
 * 12:00:01.124   prepareSecondFactor started
 * ```
 *
 * An event that is refused is written as such.
 */
export function logTransitions(
  options: LogTransitionsOptions = {},
): (event: InspectionEvent) => void {
  const write = options.write ?? ((line: string) => console.log(line));
  const recorder = createRecorder({ maxBacklog: 1, ...options });
  const actors = new Map<string, { name: string; state: string; isChild: boolean }>();

  const toLine = (message: InspectorMessage): string | null => {
    if (message.type === '@xstate.actor') {
      const { name, parentId } = message;
      actors.set(message.sessionId, { name, state: '', isChild: parentId !== undefined });
      return null;
    }
    const actor = actors.get(message.sessionId);
    if (message.type === '@xstate.event' || !actor) return null;
    if (actor.isChild && options.children === false) return null;
    const before = actor.state;
    const { snapshot } = message;
    actor.state = snapshot.value === undefined ? snapshot.status : stateText(snapshot.value);
    if (snapshot.status !== 'active') actors.delete(message.sessionId);
    if (actor.isChild && snapshot.value === undefined) {
      const word = before === '' && snapshot.status === 'active' ? 'started' : snapshot.status;
      // A promise reports its settling under its own status; other events of it change nothing.
      if (word === before) return null;
      return `  ${actor.name} ${word}${snapshot.error ? `: ${errorLine(snapshot.error)}` : ''}`;
    }
    return `${actor.isChild ? '  ' : ''}${actor.name}  ${transitionText(message, before, actor.state)}`;
  };

  recorder.subscribe((message) => {
    const line = toLine(message);
    if (line !== null) write(`${timeText(Number(message.createdAt))} ${line}`);
  });
  return recorder.inspect;
}

function transitionText(message: SnapshotMessage, before: string, after: string): string {
  const { status, error } = message.snapshot;
  const type = shortType(message.event.type);
  if (status === 'error') return `${before} ── ${type} ─▶ failed: ${errorLine(error ?? null)}`;
  if (status === 'stopped') return `${before} stopped`;
  const ended = status === 'done' ? ' (done)' : '';
  if (before === '') return `${after}${ended}`;
  if (message.refusal) {
    return `${before} ── ${type} refused: ${tellRefusal(message.refusal, timeText)}`;
  }
  return `${before} ── ${type} ─▶ ${before === after ? 'same state' : after}${ended}`;
}

function timeText(at: number): string {
  return new Date(at).toISOString().slice(11, 23);
}

function errorLine(error: Json): string {
  if (!isPart(error)) return String(error);
  // What an actor of ours rejects with wraps the error with the time.
  if (isPart(error.error)) return errorLine(error.error);
  const { code, name, message } = error;
  return `${String(code ?? name ?? 'Error')}${message ? `: ${String(message)}` : ''}`;
}

/** A line of a terminal holds about this much; the viewer shows the rest. */
function short(text = ''): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** Hours where there are many: a backend may tell as seconds what was typed. */
function countdown(ms: number): string {
  if (ms <= 0) return 'passed';
  return ms < 3_600_000 ? `in ${Math.ceil(ms / 1_000)} s` : `in ${Math.ceil(ms / 3_600_000)} h`;
}
