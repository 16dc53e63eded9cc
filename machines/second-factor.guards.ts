import type { ErrorEffect } from '../src/errors.ts';
import * as facts from './second-factor.facts.ts';
import type { IncomingEvent, SecondFactorContext } from './second-factor.types.ts';

interface Asked {
  readonly context: SecondFactorContext;
  readonly event: IncomingEvent;
}

const over =
  (fact: (context: SecondFactorContext, event: IncomingEvent) => boolean) =>
  ({ context, event }: Asked): boolean =>
    fact(context, event);

/** Every guard of the machine, each one line over a fact. */
export const guards = {
  // what the user asks for
  canSelect: over(facts.canSelect),
  canSelectAnother: over(facts.canSelectAnother),
  canPrepare: over(facts.canPrepare),
  canPrepareAnother: over(facts.canPrepareAnother),
  canAttempt: over(facts.canAttempt),

  // what is so
  isAlreadyVerified: over(facts.isAlreadyVerified),
  isAttemptLost: over(facts.isAttemptLost),
  isDelivered: over(facts.isDelivered),
  isSpent: over(facts.isSpent),
  isInForce: over(facts.isInForce),
  isTimeLimited: over(facts.isTimeLimited),

  // what the backend said
  isVerified: over(facts.isVerified),
  isUnverified: over(facts.isUnverified),
  isBlocked: over(facts.isBlocked),
  confirmsDelivery: over(facts.confirmsDelivery),

  // what went wrong
  mayBeVerified: over(facts.mayBeVerified),
  isInDoubt: over(facts.isInDoubt),
  isStuck: over(facts.isStuck),
  endedAs: ({ context }: Asked, { effect }: { effect: ErrorEffect }): boolean =>
    facts.endedAs(context, effect),
};
