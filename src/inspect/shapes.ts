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
  const isOwnChild = isOwn(parent && machineOf(parent)) && OWN_ACTORS.includes(String(src));
  if (isOwnChild) return shower(ownShape(parent?.getSnapshot()), undefined, true);
  return showerFor(machineOf(ref), () => (ref as AnyActorRef).getSnapshot(), options, [src, id]);
}

/** The same of a snapshot, whose actor is not at hand. */
export function showerOfSnapshot(snapshot: unknown, options: ShowOptions): Shower {
  const { machine } = Object(snapshot) as { machine?: AnyStateMachine };
  return showerFor(machine, () => snapshot, options, []);
}

function showerFor(
  machine: AnyStateMachine | undefined,
  snapshot: () => unknown,
  { shapes = {}, showAll }: ShowOptions,
  names: readonly unknown[],
): Shower {
  if (isOwn(machine)) return shower(ownShape(snapshot()), machine, true);
  const isNamed = (name: unknown) => typeof name === 'string' && Object.hasOwn(shapes, name);
  const name = [machine?.id, ...names].find(isNamed);
  return shower(showAll ? showEverything : shapes[String(name)], machine, false);
}

/** The machine behind an actor, if it is one. */
export function machineOf(ref: ActorRefLike): AnyStateMachine | undefined {
  const { logic } = ref as { logic?: { root?: { transitions?: unknown } } };
  // SAFETY: only state machines have a root state node.
  const machine = logic as unknown as AnyStateMachine;
  return logic?.root?.transitions instanceof Map ? machine : undefined;
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
  return secondFactorShape(context?.options?.strategies);
}

/** What XState tells any actor. */
const EVERY_ACTORS = /^xstate\.(?:init|stop|promise\.(?:resolve|reject))$/;

function shower(
  shape: Shape | undefined,
  machine: AnyStateMachine | undefined,
  isOurs: boolean,
): Shower {
  const named = typeof shape === 'object' && !Array.isArray(shape) ? shape : undefined;
  const { error: ofError } = (named ?? {}) as { readonly error?: Shape };
  return {
    event: (event) => {
      const { type } = event;
      const isKnown = isOurs ? EVERY_ACTORS.test(type) : isName(type);
      const hasIt = isKnown || (machine && chartOf(machine).types.has(type));
      const shown = Object(showFields(event, shape)) as { [field: string]: Json };
      return { ...shown, type: hasIt ? type : '‹event›' };
    },
    snapshot(snapshot) {
      const { value, context, input, output, error, tags } = Object(snapshot);
      return {
        status: statusOf(snapshot),
        // Names of states, as a machine nests them.
        ...(value !== undefined && { value: structuredClone(value) as Json }),
        ...(context !== undefined && { context: showFields(context, shape) }),
        ...(input !== undefined && { input: show(input, shape) }),
        ...(output !== undefined && { output: show(output, shape) }),
        ...(error !== undefined && {
          error: show(error, typeof shape === 'function' ? shape : ofError),
        }),
        ...(tags instanceof Set && { tags: [...tags].map(String) }),
      };
    },
  };
}

/** Whether a text is one that programs name actors and events by, and not an address or the like. */
export function isName(text: unknown): boolean {
  return typeof text === 'string' && /^(?:\d+\.)?[A-Za-z_$][\w$.:/-]{0,99}$/.test(text);
}
