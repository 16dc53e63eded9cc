import { type Actor, waitFor } from 'xstate';
import { SecondFactorError, type SecondFactorErrorCode } from '../../machines/errors.ts';
import type { SecondFactor } from '../../machines/factors.ts';
import { oneTimeCode } from '../../machines/one-time-code.ts';
import {
  attemptRefusal,
  dueDeadlines,
  findFactor,
  isOtherFactor,
  needsPreparation,
  prepareRefusal,
} from '../../machines/second-factor.facts.ts';
import type { secondFactorMachine } from '../../machines/second-factor.machine.ts';
import { type SecondFactorSnapshot, stateName } from './step.ts';
import type { SecondFactorDriver } from './world.ts';

type SecondFactorActor = Actor<typeof secondFactorMachine>;

/**
 * What somebody does to a flow, each at once: clicks and typing, where a page is driven. A control
 * that is disabled is not used.
 */
export interface SecondFactorControls {
  /** Chooses a factor, and has a code sent where it needs one. */
  prepare(factor: SecondFactor): void;
  /** Chooses a factor, sends nothing to it, and submits a code as typed. */
  attempt(factor: SecondFactor, code: string): void;
  /** Gives the flow up. */
  cancel(): void;
}

/** What {@link actorDriver} may be given. */
export interface ActorDriverOptions {
  /** The time, in ms since the epoch. `@defaultValue` Date.now */
  readonly now?: (() => number) | undefined;
  /** What acts: the controls of a page over this actor. `@defaultValue` sends the events itself */
  readonly controls?: SecondFactorControls | undefined;
}

/**
 * Drives a running actor of the machine, by events or by the controls of a page. Its promises settle
 * by what the machine then does, as the facade's do, but that a factor is named with its id, and that
 * a refusal carries no `retryAt`: they reject with `not_accepted`, `no_factor`, `resend_cooldown`,
 * `attempt_in_flight`, `not_prepared`, `code_malformed`, `rate_limited`, `cancelled`, or what the
 * backend made of it. Where nothing refuses what was asked for and still no request was made, they
 * reject with a plain Error, which fails a run: a control does not do what it should.
 *
 * @param actor - started, with its services; `flow.actor` is one
 */
export function actorDriver(
  actor: SecondFactorActor,
  { now = Date.now, controls = eventsTo(actor, now) }: ActorDriverOptions = {},
): SecondFactorDriver {
  /** Timers sleep when a laptop does, and deadlines don't. */
  const begin = (params: { readonly strategy: string }) => {
    for (const name of dueDeadlines(actor.getSnapshot().context, now())) {
      actor.send({ type: 'DEADLINE.PASSED', name });
    }
    const before = actor.getSnapshot();
    if (before.status !== 'active') throw new SecondFactorError('not_accepted');
    const factor = findFactor(before.context, { ...params }, 'code' in params);
    if (!factor) throw new SecondFactorError('no_factor');
    return { before, factor };
  };

  /** Settles once the machine has left the request that is under way in `begun`. */
  const settled = async (begun: SecondFactorSnapshot) => {
    const request = begun.children.prepareSecondFactor;
    const isLeft = (snapshot: SecondFactorSnapshot) =>
      !snapshot.matches('attempting') && // also a prepare that is being reconciled
      (!request || snapshot.children.prepareSecondFactor !== request);
    const { context, value } = await waitFor(actor, isLeft).catch(() => {
      throw new SecondFactorError('cancelled'); // stopped
    });
    const isSent = value === 'prepared' && context.factor === begun.context.factor;
    if (value !== 'complete' && !isSent) throw context.error ?? new SecondFactorError('cancelled');
    return context.signIn;
  };

  return {
    async prepareSecondFactor(params) {
      const { factor } = begin(params);
      controls.prepare(factor);
      const after = actor.getSnapshot();
      const { context } = after;
      if (!isOtherFactor(context, factor)) {
        if (after.matches('preparing')) return settled(after); // begun or joined
        if (after.hasTag('ready') && !needsPreparation(context, factor)) return context.signIn;
      }
      throw refusal(after, prepareRefusal(context, factor));
    },

    async attemptSecondFactor(params) {
      const { before, factor } = begin(params);
      controls.attempt(factor, params.code ?? '');
      const after = actor.getSnapshot();
      const request = after.children.attemptSecondFactor;
      if (request && request !== before.children.attemptSecondFactor) return settled(after);
      const code = oneTimeCode(params.code ?? '');
      throw refusal(after, attemptRefusal(after.context, factor, code));
    },

    cancel: () => controls.cancel(),
    state: () => stateName(actor.getSnapshot()),
  };
}

function eventsTo(actor: SecondFactorActor, now: () => number): SecondFactorControls {
  return {
    prepare: (factor) =>
      actor.send(
        needsPreparation(actor.getSnapshot().context, factor)
          ? { type: 'PREPARE', factor, at: now() }
          : { type: 'SELECT', factor },
      ),
    attempt: (factor, text) => {
      const code = oneTimeCode(text);
      const { context, ...snapshot } = actor.getSnapshot();
      // A prepare of another factor that is under way gives way to an attempt that can be made.
      const givesWay = snapshot.value === 'preparing' && !attemptRefusal(context, factor, code);
      if (givesWay) actor.send({ type: 'SELECT', factor });
      actor.send({ type: 'ATTEMPT', factor, code });
    },
    cancel: () => actor.send({ type: 'CANCEL' }),
  };
}

/** Why nothing was sent. */
function refusal(snapshot: SecondFactorSnapshot, code: SecondFactorErrorCode | null): Error {
  if (snapshot.matches('attempting')) return new SecondFactorError('attempt_in_flight');
  if (code) return new SecondFactorError(code);
  return snapshot.hasTag('busy')
    ? new SecondFactorError('not_accepted')
    : new Error('nothing refuses it, and no request was made');
}
