import type { ErrorEffect, RequestKind } from '../src/errors.ts';
import * as facts from './second-factor.facts.ts';
import type { SecondFactorContext, SecondFactorEvent } from './second-factor.types.ts';

type Known = { readonly context: SecondFactorContext };
type Asked = Known & { readonly event: SecondFactorEvent };
type Replied = { readonly reply: unknown };
type Rejected = { readonly rejection: unknown };
type FailedAs = Rejected & { readonly request: RequestKind; readonly effect: ErrorEffect };

// what the user asks for
export const canSelect = ({ context, event }: Asked): boolean =>
  event.type === 'SELECT' && facts.canSelect(context, event);
export const canSelectAnother = ({ context, event }: Asked): boolean =>
  event.type === 'SELECT' && facts.canSelect(context, event) && facts.isOtherFactor(context, event);
export const canPrepare = ({ context, event }: Asked): boolean =>
  event.type === 'PREPARE' && facts.canPrepare(context, event);
export const canPrepareAnother = ({ context, event }: Asked): boolean =>
  event.type === 'PREPARE' &&
  facts.canPrepare(context, event) &&
  facts.isOtherFactor(context, event);
export const canAttempt = ({ context, event }: Asked): boolean =>
  event.type === 'ATTEMPT' && facts.canAttempt(context, event);

// what the host learnt
export const changeVerifies = ({ context, event }: Asked): boolean =>
  event.type === 'SIGN_IN.CHANGED' &&
  facts.isNews(context, event) &&
  facts.isVerified(context, event);
export const changeBlocks = ({ context, event }: Asked): boolean =>
  event.type === 'SIGN_IN.CHANGED' &&
  facts.isNews(context, event) &&
  facts.isBlocked(context, event);
export const changeIsUnverified = ({ context, event }: Asked): boolean =>
  event.type === 'SIGN_IN.CHANGED' &&
  facts.isNews(context, event) &&
  facts.isUnverified(context, event);
export const isInForce = ({ context, event }: Asked): boolean =>
  event.type === 'DEADLINE.PASSED' && facts.deadlineOf(context, event.name) !== undefined;

// what is so
export const isAlreadyVerified = ({ context }: Known): boolean => facts.isAlreadyVerified(context);
export const isOver = ({ context }: Known): boolean => facts.isOver(context);
export const isAttemptLost = ({ context }: Known): boolean => facts.isLost(context, 'attempt');
export const isPrepareLost = ({ context }: Known): boolean => facts.isLost(context, 'prepare');
export const isDelivered = ({ context }: Known): boolean => facts.isDelivered(context);
export const isSpent = ({ context }: Known): boolean => facts.isSpent(context);
export const endedAs = ({ context }: Known, { effect }: { effect: ErrorEffect }): boolean =>
  facts.endedAs(context, effect);
export const isTimeLimited = ({ context }: Known): boolean =>
  context.options.requestTimeoutMs !== null;

// what the backend said
export const isVerified = ({ context }: Known, { reply }: Replied): boolean =>
  facts.isVerified(context, reply);
export const isBlocked = ({ context }: Known, { reply }: Replied): boolean =>
  facts.isBlocked(context, reply);
export const confirmsDelivery = ({ context }: Known, { reply }: Replied): boolean =>
  facts.confirmsDelivery(context, reply);
export const failedAs = ({ context }: Known, failed: FailedAs): boolean =>
  facts.failedAs(context, failed);
export const isStuck = ({ context }: Known, { rejection }: Rejected): boolean =>
  facts.isStuck(context, rejection);
export const isInDoubt = ({ context }: Known, { rejection }: Rejected): boolean =>
  facts.isInDoubt(context, rejection);
