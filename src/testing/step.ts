import { type AnyActorScope, createActor, type SnapshotFrom } from 'xstate';
import { secondFactorMachine } from '../../machines/second-factor.machine.ts';
import type { SecondFactorEvent, SecondFactorInput } from '../../machines/second-factor.types.ts';

/** A snapshot of the machine. */
export type SecondFactorSnapshot = SnapshotFrom<typeof secondFactorMachine>;

/**
 * An event that the machine can be given: one of a user or a host, or one that XState makes of an
 * actor that is done, of an actor that failed, or of a request that took too long.
 */
export type MachineEvent =
  | SecondFactorEvent
  | { readonly type: `xstate.done.actor.${string}`; readonly output: unknown }
  | { readonly type: `xstate.error.actor.${string}`; readonly error: unknown }
  | { readonly type: `xstate.after.${string}` };

/** The machine as a pure function: nothing is run. */
export interface PureSteps {
  /** The first snapshot of a flow. */
  first(input: SecondFactorInput): SecondFactorSnapshot;
  /** The snapshot that follows; the same reference where the event is refused. */
  next(snapshot: SecondFactorSnapshot, event: MachineEvent): SecondFactorSnapshot;
}

/**
 * Makes a pure function of a machine. It gives the same answers as XState's `transition()`, several
 * times faster, so that a state space can be searched with it: `transition()` makes a new inert actor
 * for each step, and this keeps one.
 */
export function pureSteps(machine: typeof secondFactorMachine): PureSteps {
  const self = createActor(machine, { input: { signIn: {}, at: 0 } });
  const scope: AnyActorScope = {
    self,
    id: '',
    sessionId: '',
    system: self.system,
    logger: () => {},
    defer: () => {},
    emit: () => {},
    stopChild: () => {},
    actionExecutor: () => {},
  };
  return {
    // SAFETY: the scope's own actor is one of this machine; nothing else of the scope is read.
    first: (input) => machine.getInitialSnapshot(scope as never, input),
    // SAFETY: XState sends its own `xstate.*` events through the same function.
    next: (snapshot, event) =>
      machine.transition(snapshot, event as SecondFactorEvent, scope as never),
  };
}

let shared: PureSteps | undefined;

function steps(): PureSteps {
  shared ??= pureSteps(secondFactorMachine);
  return shared;
}

/** The first snapshot of a flow, computed: nothing is run. */
export function firstSnapshot(input: SecondFactorInput): SecondFactorSnapshot {
  return steps().first(input);
}

/** The snapshot that follows, computed: nothing is run. */
export function nextSnapshot(
  snapshot: SecondFactorSnapshot,
  event: MachineEvent,
): SecondFactorSnapshot {
  return steps().next(snapshot, event);
}

export { stateName } from '../../machines/second-factor.facts.ts';

/** Whether the flow has ended, and not merely been stopped. */
export function isFinal({ status }: { readonly status: string }): boolean {
  return status === 'done';
}
