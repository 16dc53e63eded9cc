import type { ErrorEffect } from './errors.ts';
import * as facts from './second-factor.facts.ts';
import { readEvent } from './second-factor.replies.ts';
import type { IncomingEvent, SecondFactorContext } from './second-factor.types.ts';

type Context = SecondFactorContext;

/** The option that limits how long a request may take. */
type Limit = 'requestTimeoutMs' | 'reloadTimeoutMs';

/** What a guard looks at. */
interface Moment {
  readonly context: Context;
  readonly event: IncomingEvent;
}

const over =
  (fact: (context: Context, event: IncomingEvent) => boolean) =>
  ({ context, event }: Moment): boolean =>
    fact(context, event);

/** Every guard of the machine. Each is one line over a fact. */
export const guards = {
  // what the user asks for
  canSelect: over(facts.canSelect),
  canSelectAnother: over((now, event) => facts.isOtherFactor(now, facts.factorIn(now, event))),
  canPrepare: over((now, event) => facts.canPrepare(now, facts.factorIn(now, event))),
  canPrepareAnother: over((now, event) => {
    const factor = facts.factorIn(now, event);
    return facts.isOtherFactor(now, factor) && facts.canPrepare(now, factor);
  }),
  canAttempt: over((now, event) => {
    const { code } = readEvent(now, event);
    return facts.attemptRefusal(now, facts.factorIn(now, event), code) === null;
  }),

  // how a flow starts, or is resumed
  startsVerified: over(facts.isAlreadyVerified),
  startsWithLostAttempt: over(facts.isAttemptLost),

  // what is so
  isDelivered: ({ context }: Moment) => facts.isDelivered(context),
  hasNoDelivery: ({ context }: Moment) => facts.hasNoDelivery(context),
  isInForce: over(facts.isInForce),
  isLimited: ({ context }: Moment, { name }: { name: Limit }) => context.options[name] !== null,

  // what the backend said
  isVerified: over(facts.isVerified),
  isUnverified: over(facts.isUnverified),
  isBlocked: over(facts.isBlocked),
  confirmsDelivery: over(facts.confirmsDelivery),

  // what went wrong
  mayBeVerified: over(facts.mayBeVerified),
  leavesOutcomeOpen: over(facts.leavesOutcomeOpen),
  isVerifiedUnseen: over(facts.isVerifiedUnseen),
  lastErrorIs: ({ context }: Moment, { effect }: { effect: ErrorEffect }): boolean =>
    facts.lastErrorIs(context, effect),
};
