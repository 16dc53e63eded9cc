import { type ErrorEffect, effectOf, type SecondFactorErrorCode } from './errors.ts';
import { defaultFactor, factorKey, type SecondFactor } from './factors.ts';
import { OneTimeCode } from './one-time-code.ts';
import { effectIn, readEvent, readReply, standingIn, standingOf } from './second-factor.replies.ts';
import type { Delivery, IncomingEvent, SecondFactorContext } from './second-factor.types.ts';
import { findStrategy, type Strategy } from './strategies.ts';

type Context = SecondFactorContext;
type Factor = SecondFactor | null;

/** The name of a state with its parents, dotted: `attempting.sending`. */
export function stateName({ value }: { readonly value: unknown }): string {
  if (typeof value === 'string') return value;
  return Object.entries(Object(value))
    .map(([parent, child]) => `${parent}.${stateName({ value: child })}`)
    .join();
}

// ── factors: without an argument, facts are about the chosen one ─────────────────────────────────

/** The key of a factor; empty if there is no factor, and then the flow has halted. */
export function keyOf(context: Context, factor: Factor = context.factor): string {
  return factor ? factorKey(factor, context.options.strategies) : '';
}

/** What the strategy of a factor needs. */
export function strategyOf(
  context: Context,
  factor: Factor = context.factor,
): Strategy | undefined {
  return factor ? findStrategy(context.options.strategies, factor.strategy) : undefined;
}

/** The factors that can be chosen. The chosen one stays, although a reply no longer lists it. */
export function usableFactors(context: Context): SecondFactor[] {
  const { factor, signIn, unavailable } = context;
  const listed = signIn.supportedSecondFactors;
  const keys = listed.map((one) => keyOf(context, one));
  const known = factor && !keys.includes(keyOf(context, factor)) ? [...listed, factor] : listed;
  return known.filter(
    (one) => strategyOf(context, one) && !unavailable.includes(keyOf(context, one)),
  );
}

/**
 * Finds the factor of the sign-in that somebody names. A name without an id means the chosen factor of that
 * strategy, else the default one.
 *
 * @param isAttempt - prefers a factor that a code was sent to over the default one
 */
export function findFactor(context: Context, named: SecondFactor, isAttempt = false): Factor {
  const key = keyOf(context, named);
  const usable = usableFactors(context);
  const exact = usable.find((one) => keyOf(context, one) === key);
  if (exact || key !== factorKey({ strategy: named.strategy }, context.options.strategies)) {
    return exact ?? null;
  }
  const fitting = usable.filter(({ strategy }) => strategy === named.strategy);
  return (
    fitting.find((one) => keyOf(context, one) === keyOf(context)) ??
    fitting.find((one) => isAttempt && deliveryOf(context, one)) ??
    defaultFactor(fitting)
  );
}

/** The factor of the sign-in that an event names; the chosen one if it names none. */
export function factorIn(context: Context, event: IncomingEvent): Factor {
  const { factor } = readEvent(context, event);
  if (factor === undefined) return context.factor;
  return factor && findFactor(context, factor, event.type === 'ATTEMPT');
}

/** Whether the factor must be prepared before it is attempted. */
export function needsPreparation(context: Context, factor: Factor = context.factor): boolean {
  return strategyOf(context, factor)?.needsPreparation === true;
}

/** Whether it is a factor other than the chosen one. */
export function isOtherFactor(context: Context, factor: Factor): boolean {
  return factor !== null && keyOf(context, factor) !== keyOf(context);
}

/** What was sent to the factor, if anything. */
export function deliveryOf(
  context: Context,
  factor: Factor = context.factor,
): Delivery | undefined {
  return own(context.deliveries, keyOf(context, factor));
}

/**
 * Whether the backend confirmed a delivery to the factor, and the delivery has not expired.
 *
 * @param at - the time, in ms since the epoch: the machine may not know yet which deadlines are due
 */
export function isDelivered(
  context: Context,
  factor: Factor = context.factor,
  at = Number.NEGATIVE_INFINITY,
): boolean {
  const delivery = deliveryOf(context, factor);
  if (!delivery?.confirmed) return false;
  const until = deadlineOf(context, `expiry:${keyOf(context, factor)}`);
  return delivery.expiresAt === undefined || (until !== undefined && until > at);
}

// ── deadlines ──────────────────────────────────────────────────────────────────────────────────

/** The deadline of that name, if it is in force. In ms since the epoch. */
export function deadlineOf(context: Context, name: string): number | undefined {
  return own(context.deadlines, name);
}

/** When the cooldown of the factor ends, if one is in force. In ms since the epoch. */
export function cooldownOf(context: Context, factor: Factor = context.factor): number | undefined {
  return deadlineOf(context, `resend:${keyOf(context, factor)}`);
}

/** The names of the deadlines that have passed at a time, in ms since the epoch. */
export function dueDeadlines({ deadlines }: Context, at: number): string[] {
  return Object.keys(deadlines).filter((name) => Number(deadlines[name]) <= at);
}

/** Whether the deadline that an event names is in force. */
export function isInForce(context: Context, event: IncomingEvent): boolean {
  return deadlineOf(context, readEvent(context, event).name) !== undefined;
}

// ── what the user asks for ─────────────────────────────────────────────────────────────────────

/** Why a prepare would be refused; `null` if it is accepted, or there is nothing to send. */
export function prepareRefusal(context: Context, factor: Factor): SecondFactorErrorCode | null {
  if (!factor) return 'no_factor';
  if (!needsPreparation(context, factor)) return null;
  if (isSentForGood(context, factor)) return 'not_accepted';
  return cooldownOf(context, factor) === undefined ? null : 'resend_cooldown';
}

/** Whether a code was sent to a factor, and the backend never sends a second one. */
export function isSentForGood(context: Context, factor: Factor = context.factor): boolean {
  if (strategyOf(context, factor)?.resends !== false) return false;
  return !hasNoDelivery(context, factor) || context.unavailable.includes(keyOf(context, factor));
}

/** Whether an event names a factor that can be chosen. */
export function canSelect(context: Context, event: IncomingEvent): boolean {
  return readEvent(context, event).factor !== undefined && factorIn(context, event) !== null;
}

/** Whether a `PREPARE` is accepted, if the state allows one. */
export function canPrepare(context: Context, factor: Factor): boolean {
  return needsPreparation(context, factor) && prepareRefusal(context, factor) === null;
}

/** Why an attempt would be refused; `null` if it is accepted. */
export function attemptRefusal(
  context: Context,
  factor: Factor,
  code: OneTimeCode | null | undefined,
): SecondFactorErrorCode | null {
  const strategy = strategyOf(context, factor);
  if (!strategy) return 'no_factor';
  if (strategy.proof === 'elsewhere') return 'not_accepted';
  if (strategy.needsPreparation && hasNoDelivery(context, factor)) return 'not_prepared';
  if (!isProof(strategy, code)) return 'code_malformed';
  return deadlineOf(context, 'hold') === undefined ? null : 'rate_limited';
}

function isProof(strategy: Strategy, code: OneTimeCode | null | undefined): boolean {
  if (strategy.proof === 'credential') return code === undefined;
  return Boolean(code && OneTimeCode.normalize(code, strategy) !== null);
}

// ── what is so ─────────────────────────────────────────────────────────────────────────────────

/** Whether the factor has no delivery. An expired one still counts, because the clock may be wrong. */
export function hasNoDelivery(context: Context, factor: Factor = context.factor): boolean {
  return deliveryOf(context, factor) === undefined;
}

/** Whether the sign-in that the flow started with is past its second factor. */
export function isAlreadyVerified(context: Context): boolean {
  return standingOf(context, context.signIn) === 'verified';
}

/** Whether the last error has this effect, by the error table. */
export function lastErrorIs({ error }: Context, effect: ErrorEffect): boolean {
  return error !== null && effectOf(error.code) === effect;
}

/** Whether an attempt was in flight when the flow before this one ended. */
export function isAttemptLost(context: Context): boolean {
  return lastErrorIs(context, 'lost') && context.unanswered > 0;
}

// ── what the backend said ──────────────────────────────────────────────────────────────────────

/** Whether the backend says that the second factor is verified. */
export function isVerified(context: Context, event: IncomingEvent): boolean {
  return standingIn(context, event) === 'verified';
}

/** Whether the backend says that the second factor is still to be verified. */
export function isUnverified(context: Context, event: IncomingEvent): boolean {
  return standingIn(context, event) === 'unverified';
}

/** Whether the backend says that this flow can't verify it. */
export function isBlocked(context: Context, event: IncomingEvent): boolean {
  return ![null, 'verified', 'unverified'].includes(standingIn(context, event));
}

/** Whether a reply says that the backend awaits a proof of the chosen factor's strategy. */
export function confirmsDelivery(context: Context, event: IncomingEvent): boolean {
  const verification = readReply(context, event)?.signIn.secondFactorVerification;
  if (!verification || !isUnverified(context, event)) return false;
  const { strategy, status } = verification;
  return strategy === context.factor?.strategy && status !== 'expired' && status !== 'failed';
}

// ── what went wrong ────────────────────────────────────────────────────────────────────────────

/**
 * Whether the refusal of a prepare may mean that the second factor is verified already. If the reply to an
 * attempt was lost, an error that would end the flow may be the echo of its success.
 */
export function mayBeVerified(context: Context, event: IncomingEvent): boolean {
  const effect = effectIn(context, event);
  const isEnd = effect === 'halted' || effect === 'factor_gone';
  return effect === 'already_verified' || (isEnd && context.unanswered > 0);
}

/**
 * Whether the failure of an attempt leaves its outcome open. If the reply to an earlier attempt was lost, a
 * refusal may be the echo of its success: backends answer a retry with "wrong code" or "sign-in is gone".
 */
export function leavesOutcomeOpen(context: Context, event: IncomingEvent): boolean {
  const effect = effectIn(context, event);
  const isRefusal = ['halted', 'code_rejected', 'code_spent', 'factor_gone'].includes(effect);
  return isRefusal
    ? context.unanswered > 1
    : !['throttled', 'not_provided', 'dismissed'].includes(effect);
}

/** Whether the backend says that it is verified already, and no service can confirm it. */
export function isVerifiedUnseen(context: Context, event: IncomingEvent): boolean {
  return lastErrorIs(context, 'already_verified') && effectIn(context, event) === 'not_provided';
}

/** A record's own entry. Names come from outside, and `constructor` may be one. */
function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
