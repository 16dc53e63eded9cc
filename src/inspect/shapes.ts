import type { ActorRefLike, AnyActorRef, AnyStateMachine, EventObject } from 'xstate';
import type { SecondFactorContext } from '../../machines/second-factor.types.ts';
import { chartOf } from './chart.ts';
import type { ShownEvent, ShownSnapshot } from './messages.ts';
import { OWN_ACTORS, OWN_MACHINE, secondFactorShape } from './second-factor-shapes.ts';
import { type Json, type Shape, show, showEverything, showFields } from './show.ts';

/** What is shown of a host's own actors. Of the second-factor machine it is settled. */
export interface ShowOptions {
  /**
   * By the id of a machine, or by the name of another actor: which fields of its context, its events,
   * its input, its output and its `error` are shown. Without one names and kinds are.
   */
  readonly shapes?: Readonly<Record<string, Shape>> | undefined;
  /**
   * Shows everything of every actor but the second-factor machine: codes, tokens, addresses. For
   * development alone, and the console says so. @defaultValue false
   */
  readonly showAll?: boolean | undefined;
}

/** Makes what is shown of one actor, or of a snapshot whose actor is not known. */
export interface Shower {
  event(event: EventObject): ShownEvent;
  snapshot(snapshot: unknown): ShownSnapshot;
}

/** Says loudly that nothing is kept back. */
export function warnOfShowAll({ showAll }: ShowOptions): void {
  if (!showAll) return;
  console.warn(
    'second-factor/inspect shows everything of your own actors (`showAll`): codes, tokens and addresses too. Use it in development alone.',
  );
}

/** What may be shown of an actor. It reads nothing but what a shape names. */
export function showerOf(ref: ActorRefLike, options: ShowOptions): Shower {
  const { _parent: parent, src, id } = ref as AnyActorRef;
  const machine = machineOf(ref);
  const isOwnChild = parent && isOwn(machineOf(parent)) && OWN_ACTORS.includes(String(src));
  if (isOwn(machine)) return shower(ownShape(snapshotOf(ref)), machine, true);
  if (isOwnChild) return shower(ownShape(snapshotOf(parent)), undefined, true);
  return foreignShower(options, [machine?.id, src, id], machine);
}

/** The same of a snapshot, whose actor is not at hand. */
export function showerOfSnapshot(snapshot: unknown, options: ShowOptions): Shower {
  const { machine } = Object(snapshot) as { machine?: AnyStateMachine };
  if (isOwn(machine)) return shower(ownShape(snapshot), machine, true);
  return foreignShower(options, [machine?.id], machine);
}

/** The machine behind an actor, if it is one. */
export function machineOf(ref: ActorRefLike): AnyStateMachine | undefined {
  const { logic } = ref as { logic?: { root?: { transitions?: unknown } } };
  // SAFETY: only state machines have a root state node.
  return logic?.root?.transitions instanceof Map
    ? (logic as unknown as AnyStateMachine)
    : undefined;
}

/** What an actor is: `active` until it says otherwise. */
export function statusOf(snapshot: unknown): string {
  const { status } = Object(snapshot) as { status?: unknown };
  return typeof status === 'string' ? status : 'active';
}

function isOwn(machine: AnyStateMachine | undefined): boolean {
  return machine?.id === OWN_MACHINE;
}

function ownShape(snapshot: unknown): Shape {
  const { context } = Object(snapshot) as { context?: Partial<SecondFactorContext> };
  const strategies = context?.options?.strategies;
  return secondFactorShape(typeof strategies === 'object' ? strategies : undefined);
}

function snapshotOf(ref: ActorRefLike): unknown {
  return (ref as AnyActorRef).getSnapshot();
}

function foreignShower(
  { shapes = {}, showAll }: ShowOptions,
  names: readonly unknown[],
  machine: AnyStateMachine | undefined,
): Shower {
  const name = names.find((one) => typeof one === 'string' && Object.hasOwn(shapes, one));
  const shape = name === undefined ? undefined : shapes[name as string];
  return shower(showAll ? showEverything : shape, machine);
}

function shower(shape: Shape | undefined, machine?: AnyStateMachine, isOurs = false): Shower {
  const field = (name: string): Shape | undefined => {
    if (typeof shape === 'function') return shape;
    return typeof shape === 'object' ? (shape as Readonly<Record<string, Shape>>)[name] : undefined;
  };
  return {
    event: (event) => {
      const shown = showFields(event, shape);
      const isKnown = isOurs ? EVERY_ACTORS.test(event.type) : isName(event.type);
      const type = isKnown || typesOf(machine).has(event.type) ? event.type : '‹event›';
      return { ...(Object(shown) as { [field: string]: Json }), type };
    },
    snapshot(snapshot) {
      const { value, context, input, output, error, tags } = Object(snapshot);
      return {
        status: statusOf(snapshot),
        ...(value !== undefined && { value: stateValue(value) }),
        ...(context !== undefined && { context: showFields(context, shape) }),
        ...(input !== undefined && { input: show(input, shape) }),
        ...(output !== undefined && { output: show(output, shape) }),
        ...(error !== undefined && { error: show(error, field('error')) }),
        ...(tags instanceof Set && { tags: [...tags].map(String) }),
      };
    },
  };
}

/** What XState tells any actor. */
const EVERY_ACTORS = /^xstate\.(?:init|stop|promise\.(?:resolve|reject))$/;

const types = new WeakMap<object, ReadonlySet<string>>();
const NONE: ReadonlySet<string> = new Set();

/** The types of event that a machine has transitions for. */
function typesOf(machine: AnyStateMachine | undefined): ReadonlySet<string> {
  if (!machine) return NONE;
  const { chart } = chartOf(machine);
  const known = types.get(chart) ?? new Set(chart.transitions.map(({ event }) => event));
  types.set(chart, known);
  return known;
}

/** Whether a text is one that programs name actors and events by, and not an address or the like. */
export function isName(text: unknown): boolean {
  return typeof text === 'string' && /^(?:\d+\.)?[A-Za-z_$][\w$.:/-]{0,99}$/.test(text);
}

/** Names of states, as a machine nests them. */
function stateValue(value: unknown): Json {
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, stateValue(inner)]),
  );
}
