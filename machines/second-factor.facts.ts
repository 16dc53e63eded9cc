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

/** The key of a factor; empty where none can be used, and such a flow has halted. */
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

/** The factors that can be chosen: those of a known strategy. The chosen one stays, also when a reply no longer lists it. */
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
 * The sign-in's own factor that somebody names. Without an id it means the chosen one of that
 * strategy, else the default one.
 *
 * @param isAttempt - of several, one that a code was sent to comes before the default one
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

/** The sign-in's own factor that an event names, the chosen one where it names none. */
export function factorIn(context: Context, event: IncomingEvent): Factor {
  const { factor } = readEvent(context, event);
  if (factor === undefined) return context.factor;
  return factor && findFactor(context, factor, event.type === 'ATTEMPT');
}

/** Whether the factor has to be prepared before it is attempted. */
export function needsPreparation(context: Context, factor: Factor = context.factor): boolean {
  return strategyOf(context, factor)?.needsPreparation === true;
}

/** Whether it is a factor, and not the chosen one. */
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
 * Whether the factor has a delivery that is confirmed and, as far as is known, in force.
 *
 * @param at - a time at which deadlines may be due that the machine does not know of yet, in ms since
 * the epoch
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

/** Until when the factor is not prepared again, if it is cooling down. In ms since the epoch. */
export function cooldownOf(context: Context, factor: Factor = context.factor): number | undefined {
  return deadlineOf(context, `resend:${keyOf(context, factor)}`);
}

/** The names of the deadlines that have passed at a time, in ms since the epoch. */
export function dueDeadlines({ deadlines }: Context, at: number): string[] {
  return Object.keys(deadlines).filter((name) => Number(deadlines[name]) <= at);
}

/** Whether a deadline of the name that an event tells is in force. */
export function isInForce(context: Context, event: IncomingEvent): boolean {
  return deadlineOf(context, readEvent(context, event).name) !== undefined;
}

// ── what the user asks for ─────────────────────────────────────────────────────────────────────

/** Why a prepare would be refused; `null` where it is accepted or there is nothing to send. */
export function prepareRefusal(context: Context, factor: Factor): SecondFactorErrorCode | null {
  if (!factor) return 'no_factor';
  if (!needsPreparation(context, factor)) return null;
  if (isSentForGood(context, factor)) return 'not_accepted';
  return cooldownOf(context, factor) === undefined ? null : 'resend_cooldown';
}

/** Whether a code was sent to a factor whose backend sends none again. */
export function isSentForGood(context: Context, factor: Factor = context.factor): boolean {
  if (strategyOf(context, factor)?.resends !== false) return false;
  return !hasNoDelivery(context, factor) || context.unavailable.includes(keyOf(context, factor));
}

/** Whether an event names a factor that can be chosen. */
export function canSelect(context: Context, event: IncomingEvent): boolean {
  return readEvent(context, event).factor !== undefined && factorIn(context, event) !== null;
}

/** Whether a `PREPARE` is accepted where the state allows one. */
export function canPrepare(context: Context, factor: Factor): boolean {
  return needsPreparation(context, factor) && prepareRefusal(context, factor) === null;
}

/** Why an attempt would be refused; `null` where it is accepted. */
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

/** Whether nothing is out for the factor. A passed expiry is not that: the clock may be wrong. */
export function hasNoDelivery(context: Context, factor: Factor = context.factor): boolean {
  return deliveryOf(context, factor) === undefined;
}

/** Whether the sign-in that the flow started with is past its second factor. */
export function isAlreadyVerified(context: Context): boolean {
  return standingOf(context, context.signIn) === 'verified';
}

/** Whether the last error leads there by the error table. */
export function lastErrorIs({ error }: Context, effect: ErrorEffect): boolean {
  return error !== null && effectOf(error.code) === effect;
}

/** Whether an attempt was in flight when the resumed flow was left. */
export function isAttemptLost(context: Context): boolean {
  return lastErrorIs(context, 'lost') && context.unanswered > 0;
}

// ── what the backend said ──────────────────────────────────────────────────────────────────────

/** Whether the backend says that the second factor is verified. */
export function isVerified(context: Context, event: IncomingEvent): boolean {
  return standingIn(context, event) === 'verified';
}

/** Whether the backend says that it still has to be. */
export function isUnverified(context: Context, event: IncomingEvent): boolean {
  return standingIn(context, event) === 'unverified';
}

/** Whether the backend says something that makes it impossible in this flow. */
export function isBlocked(context: Context, event: IncomingEvent): boolean {
  return ![null, 'verified', 'unverified'].includes(standingIn(context, event));
}

/** Whether a reply names the strategy of the chosen factor as the one whose proof is awaited. */
export function confirmsDelivery(context: Context, event: IncomingEvent): boolean {
  const verification = readReply(context, event)?.signIn.secondFactorVerification;
  if (!verification || !isUnverified(context, event)) return false;
  const { strategy, status } = verification;
  return strategy === context.factor?.strategy && status !== 'expired' && status !== 'failed';
}

// ── what went wrong ────────────────────────────────────────────────────────────────────────────

/**
 * Whether a prepare was refused because the second factor is, or may be, verified already: the reply
 * to an attempt was lost, and what ends the flow may be the echo of its success.
 */
export function mayBeVerified(context: Context, event: IncomingEvent): boolean {
  const effect = effectIn(context, event);
  const isEnd = effect === 'halted' || effect === 'factor_gone';
  return effect === 'already_verified' || (isEnd && context.unanswered > 0);
}

/**
 * Whether the failure of an attempt leaves its outcome open. A refusal may be the echo of a success:
 * the reply to an earlier attempt was lost, and backends answer a retry of what is verified with a
 * wrong code or a sign-in that is gone.
 */
export function leavesOutcomeOpen(context: Context, event: IncomingEvent): boolean {
  const effect = effectIn(context, event);
  const isRefusal = ['halted', 'code_rejected', 'code_spent', 'factor_gone'].includes(effect);
  return isRefusal
    ? context.unanswered > 1
    : !['throttled', 'not_provided', 'dismissed'].includes(effect);
}

/** Whether the backend says that it is verified, and nobody can look whether that is so. */
export function isVerifiedUnseen(context: Context, event: IncomingEvent): boolean {
  return lastErrorIs(context, 'already_verified') && effectIn(context, event) === 'not_provided';
}

/** A record's own entry: names come from outside, and `constructor` is one. */
function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
