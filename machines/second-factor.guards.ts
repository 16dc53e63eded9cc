import type { ErrorEffect, RequestKind } from '../src/errors.ts';
import * as facts from './second-factor.facts.ts';
import type { SecondFactorContext, SecondFactorEvent } from './second-factor.types.ts';

type Known = { readonly context: SecondFactorContext };
type Asked = Known & { readonly event: SecondFactorEvent };
type Replied = { readonly reply: unknown };
type Rejected = { readonly rejection: unknown };
type FailedAs = Rejected & { readonly request: RequestKind; readonly effect: ErrorEffect };

/** Every guard of the machine, each one line over a fact. */
export const guards = {
  // what the user asks for
  canSelect: ({ context, event }: Asked): boolean => facts.canSelect(context, event),
  canSelectAnother: ({ context, event }: Asked): boolean =>
    facts.canSelect(context, event) && facts.isOtherFactor(context, event),
  canPrepare: ({ context, event }: Asked): boolean => facts.canPrepare(context, event),
  canPrepareAnother: ({ context, event }: Asked): boolean =>
    facts.canPrepare(context, event) && facts.isOtherFactor(context, event),
  canAttempt: ({ context, event }: Asked): boolean => facts.canAttempt(context, event),

  // what the host learnt
  changeVerifies: ({ context, event }: Asked): boolean =>
    facts.standingInNews(context, event) === 'verified',
  changeBlocks: ({ context, event }: Asked): boolean =>
    facts.isReasonToHalt(facts.standingInNews(context, event)),
  changeIsUnverified: ({ context, event }: Asked): boolean =>
    facts.standingInNews(context, event) === 'unverified',
  isInForce: ({ context, event }: Asked): boolean =>
    event.type === 'DEADLINE.PASSED' && facts.deadlineOf(context, event.name) !== undefined,

  // what is so
  isAlreadyVerified: ({ context }: Known): boolean => facts.isAlreadyVerified(context),
  isOver: ({ context }: Known): boolean => facts.isOver(context),
  isAttemptLost: ({ context }: Known): boolean => facts.isLost(context, 'attempt'),
  isPrepareLost: ({ context }: Known): boolean => facts.isLost(context, 'prepare'),
  isDelivered: ({ context }: Known): boolean => facts.isDelivered(context),
  isSpent: ({ context }: Known): boolean => facts.isSpent(context),
  endedAs: ({ context }: Known, { effect }: { effect: ErrorEffect }): boolean =>
    facts.endedAs(context, effect),
  isTimeLimited: ({ context }: Known): boolean => context.options.requestTimeoutMs !== null,

  // what the backend said
  isVerified: ({ context }: Known, { reply }: Replied): boolean =>
    facts.standingIn(context, reply) === 'verified',
  isBlocked: ({ context }: Known, { reply }: Replied): boolean =>
    facts.isReasonToHalt(facts.standingIn(context, reply)),
  confirmsDelivery: ({ context }: Known, { reply }: Replied): boolean =>
    facts.confirmsDelivery(context, reply),
  failedAs: ({ context }: Known, failed: FailedAs): boolean => facts.failedAs(context, failed),
  isStuck: ({ context }: Known, { rejection }: Rejected): boolean =>
    facts.isStuck(context, rejection),
  isInDoubt: ({ context }: Known, { rejection }: Rejected): boolean =>
    facts.isInDoubt(context, rejection),
};
