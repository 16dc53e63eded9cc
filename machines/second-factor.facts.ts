import {
  type ErrorEffect,
  effectOf,
  isSecondFactorError,
  SecondFactorError,
  type SecondFactorErrorCode,
} from '../src/errors.ts';
import { OneTimeCode } from '../src/one-time-code.ts';
import { type ParsedSignIn, parseSignIn, type SecondFactor } from '../src/sign-in.ts';
import {
  factorKey,
  normalizeCode,
  ownValue,
  type Strategy,
  strategyOf,
} from '../src/strategies.ts';
import type {
  Delivery,
  Failure,
  IncomingEvent,
  Reply,
  SecondFactorContext,
} from './second-factor.types.ts';

type Facts = SecondFactorContext;
/** What an event asks for. */
type Asked = Pick<IncomingEvent, 'factor' | 'code'>;

// ── factors ────────────────────────────────────────────────────────────────────────────────────

/** The key of a factor under the strategies that this flow knows. */
export function keyOf(facts: Facts, factor: SecondFactor): string {
  return factorKey(factor, facts.options.strategies);
}

/** The factors that can be chosen. The chosen one stays, also when a reply no longer lists it. */
export function usableFactors(facts: Facts): SecondFactor[] {
  const { factor, signIn, unavailable } = facts;
  const listed = signIn.supportedSecondFactors;
  const keys = listed.map((one) => keyOf(facts, one));
  const known = factor && !keys.includes(keyOf(facts, factor)) ? [...listed, factor] : listed;
  return known.filter(
    (one) =>
      strategyOf(facts.options.strategies, one.strategy)?.proof === 'code' &&
      !unavailable.includes(keyOf(facts, one)),
  );
}

/** The sign-in's own factor that an event names, the chosen one where it names none. */
export function resolveFactor(facts: Facts, asked: unknown): SecondFactor | null {
  if (asked === undefined) return facts.factor;
  try {
    const key = keyOf(facts, asked as SecondFactor);
    return usableFactors(facts).find((factor) => keyOf(facts, factor) === key) ?? null;
  } catch {
    return null; // no object, or a getter or a proxy threw: a throwing guard would kill the actor
  }
}

/** The key of the chosen factor; empty only where none can be used, and such a flow has halted. */
export function chosenKey(facts: Facts): string {
  return facts.factor ? keyOf(facts, facts.factor) : '';
}

/** The strategy of a factor that was resolved. */
export function strategyFor(facts: Facts, factor: SecondFactor | null): Strategy | undefined {
  return factor ? strategyOf(facts.options.strategies, factor.strategy) : undefined;
}

/** Whether the factor has to be prepared before it is attempted. */
export function needsPreparation(facts: Facts, asked: Asked): boolean {
  return strategyFor(facts, resolveFactor(facts, asked.factor))?.needsPreparation === true;
}

/** Whether an event names a factor other than the chosen one. */
export function isOtherFactor(facts: Facts, asked: Asked): boolean {
  const factor = resolveFactor(facts, asked.factor);
  return factor !== null && keyOf(facts, factor) !== chosenKey(facts);
}

/** What was sent to the factor, if anything. */
export function deliveryOf(facts: Facts, factor: SecondFactor | null): Delivery | undefined {
  return factor ? ownValue(facts.deliveries, keyOf(facts, factor)) : undefined;
}

/** The deadline of that name, if it is in force. In ms since the epoch. */
export function deadlineOf(facts: Facts, name: string): number | undefined {
  return ownValue(facts.deadlines, name);
}

// ── what the user asks for ─────────────────────────────────────────────────────────────────────

/** Whether a `SELECT` is accepted where the state allows one. */
export function canSelect(facts: Facts, asked: Asked): boolean {
  return asked.factor !== undefined && resolveFactor(facts, asked.factor) !== null;
}

/** Why a prepare would be refused; `null` where it is accepted or there is nothing to send. */
export function prepareRefusal(facts: Facts, asked: Asked): SecondFactorErrorCode | null {
  const factor = resolveFactor(facts, asked.factor);
  if (!factor) return 'no_factor';
  const isCooling = deadlineOf(facts, `resend:${keyOf(facts, factor)}`) !== undefined;
  return isCooling && needsPreparation(facts, asked) ? 'resend_cooldown' : null;
}

/** Whether a `PREPARE` is accepted where the state allows one. */
export function canPrepare(facts: Facts, asked: Asked): boolean {
  return needsPreparation(facts, asked) && prepareRefusal(facts, asked) === null;
}

/** Whether a `SELECT` is accepted while a prepare is under way. */
export function canSelectAnother(facts: Facts, asked: Asked): boolean {
  return canSelect(facts, asked) && isOtherFactor(facts, asked);
}

/** Whether a `PREPARE` is accepted while another is under way. */
export function canPrepareAnother(facts: Facts, asked: Asked): boolean {
  return canPrepare(facts, asked) && isOtherFactor(facts, asked);
}

/** Why an attempt would be refused; `null` where it is accepted. */
export function attemptRefusal(facts: Facts, asked: Asked): SecondFactorErrorCode | null {
  const factor = resolveFactor(facts, asked.factor);
  const strategy = strategyFor(facts, factor);
  if (!strategy) return 'no_factor';
  if (strategy.needsPreparation && !deliveryOf(facts, factor)) return 'not_prepared';
  if (!isWellFormed(strategy, asked.code)) return 'code_malformed';
  return deadlineOf(facts, 'hold') === undefined ? null : 'rate_limited';
}

/** Whether an `ATTEMPT` is accepted where the state allows one. */
export function canAttempt(facts: Facts, asked: Asked): boolean {
  return attemptRefusal(facts, asked) === null;
}

function isWellFormed(strategy: Strategy, code: unknown): boolean {
  return OneTimeCode.is(code) && normalizeCode(strategy, code.reveal()) !== null;
}

// ── what is so ─────────────────────────────────────────────────────────────────────────────────

/** Whether the chosen factor has a delivery that is confirmed and, as far as is known, in force. */
export function isDelivered(facts: Facts): boolean {
  const delivery = deliveryOf(facts, facts.factor);
  const expiry = `expiry:${chosenKey(facts)}`;
  return (
    delivery?.confirmed === true &&
    (delivery.expiresAt === undefined || deadlineOf(facts, expiry) !== undefined)
  );
}

/** Whether the code for the chosen factor is gone. A passed expiry is not: the clock may be wrong. */
export function isSpent(facts: Facts): boolean {
  return deliveryOf(facts, facts.factor) === undefined;
}

/** Whether a deadline of the name that an event tells is in force. */
export function isInForce(facts: Facts, { name }: IncomingEvent): boolean {
  return typeof name === 'string' && deadlineOf(facts, name) !== undefined;
}

/** Whether a request may take only so long. */
export function isTimeLimited(facts: Facts): boolean {
  return facts.options.requestTimeoutMs !== null;
}

/** Whether the sign-in that the flow started with is past its second factor. */
export function isAlreadyVerified(facts: Facts): boolean {
  return standingOf(facts, facts.signIn) === 'verified';
}

/** Whether an attempt was in flight when the resumed flow was left. */
export function isAttemptLost(facts: Facts): boolean {
  return endedAs(facts, 'lost') && facts.unanswered > 0;
}

// ── server truth ───────────────────────────────────────────────────────────────────────────────

/** Where a sign-in stands with its second factor: verified, not yet, or a reason to halt. */
export type Standing =
  | 'verified'
  | 'unverified'
  | 'superseded'
  | 'protect_check_required'
  | 'sign_in_expired'
  | 'unexpected_status';

const STANDINGS: Readonly<Record<string, Standing>> = {
  complete: 'verified',
  needs_second_factor: 'unverified',
  needs_client_trust: 'unverified', // a new device: the same endpoints and factors
  needs_protect_check: 'protect_check_required',
  abandoned: 'sign_in_expired',
};

/** Where a sign-in stands. Fails closed: what is not known is a reason to halt. */
export function standingOf(
  facts: Pick<Facts, 'signIn'>,
  signIn: Omit<ParsedSignIn, 'supportedSecondFactors'>,
): Standing {
  if (signIn.id !== facts.signIn.id) return 'superseded';
  const isPast =
    signIn.status === 'needs_new_password' &&
    signIn.secondFactorVerification?.status === 'verified';
  return isPast ? 'verified' : (ownValue(STANDINGS, signIn.status) ?? 'unexpected_status');
}

/** The reply of an actor, or a host's news, parsed once more: anybody may have provided that actor. */
export function readReply(facts: Facts, event: IncomingEvent): Reply | null {
  try {
    const { signIn, at } = (event.output ?? event) as Reply;
    const parsed = parseSignIn(signIn, facts.options.strategies);
    return parsed && { signIn: parsed, at: readTime(facts, at) };
  } catch {
    return null;
  }
}

/** A time that came with an event, in ms since the epoch; where it has none, the latest known. */
export function readTime(facts: Pick<Facts, 'now'>, at: unknown): number {
  return Number.isFinite(at) ? (at as number) : facts.now;
}

/** Where an event says that the sign-in stands; `null` for one that makes no sense, or is old news. */
export function standingIn(facts: Facts, event: IncomingEvent): Standing | null {
  const reply = readReply(facts, event);
  if (!reply || (event.type === 'SIGN_IN.CHANGED' && reply.at < facts.learntAt)) return null;
  return standingOf(facts, reply.signIn);
}

/** Whether the backend says that the second factor is verified. */
export function isVerified(facts: Facts, event: IncomingEvent): boolean {
  return standingIn(facts, event) === 'verified';
}

/** Whether the backend says that it still has to be. */
export function isUnverified(facts: Facts, event: IncomingEvent): boolean {
  return standingIn(facts, event) === 'unverified';
}

/** Whether the backend says something that makes it impossible in this flow. */
export function isBlocked(facts: Facts, event: IncomingEvent): boolean {
  return ![null, 'verified', 'unverified'].includes(standingIn(facts, event));
}

/** Whether a reply names the strategy of the chosen factor as the one whose proof is awaited. */
export function confirmsDelivery(facts: Facts, event: IncomingEvent): boolean {
  const verification = readReply(facts, event)?.signIn.secondFactorVerification;
  if (!verification || !isUnverified(facts, event)) return false;
  const { strategy, status } = verification;
  return strategy === facts.factor?.strategy && status !== 'expired' && status !== 'failed';
}

// ── failures ───────────────────────────────────────────────────────────────────────────────────

/** The rejection of an actor, as a copy that holds nothing but what is this library's. Never throws. */
export function readFailure(
  facts: Pick<Facts, 'now'>,
  { error: rejection }: IncomingEvent,
): Failure {
  try {
    const { error, at } = (isSecondFactorError(rejection) ? { error: rejection } : rejection) as {
      error: unknown;
      at?: unknown;
    };
    if (isSecondFactorError(error)) {
      return { error: new SecondFactorError(error.code, error), at: readTime(facts, at) };
    }
  } catch {
    // a getter or a proxy threw: a rejection that tells nothing
  }
  return { error: new SecondFactorError('server_error', { cause: rejection }), at: facts.now };
}

function effectIn(facts: Facts, event: IncomingEvent): ErrorEffect {
  return effectOf(readFailure(facts, event).error.code);
}

/** Whether what went wrong leads there by the error table. */
export function endedAs(facts: Facts, effect: ErrorEffect): boolean {
  return facts.error !== null && effectOf(facts.error.code) === effect;
}

/**
 * Whether a prepare was refused because the second factor is, or may be, verified already: the reply
 * to an attempt was lost, and what ends the flow may be the echo of its success.
 */
export function mayBeVerified(facts: Facts, event: IncomingEvent): boolean {
  const effect = effectIn(facts, event);
  const isEnd = effect === 'halted' || effect === 'factor_gone';
  return effect === 'already_verified' || (isEnd && facts.unanswered > 0);
}

/**
 * Whether nobody knows what became of an attempt. A refusal may be the echo of a success: the reply
 * to an earlier attempt was lost, and backends answer a retry of what is verified with a wrong code
 * or a sign-in that is gone.
 */
export function isInDoubt(facts: Facts, event: IncomingEvent): boolean {
  const effect = effectIn(facts, event);
  const isRefusal = ['halted', 'code_rejected', 'code_spent', 'factor_gone'].includes(effect);
  return isRefusal ? facts.unanswered > 1 : effect !== 'throttled' && effect !== 'not_provided';
}

/** Whether nobody can tell more: the backend says verified, and there is no way to ask it again. */
export function isStuck(facts: Facts, event: IncomingEvent): boolean {
  return endedAs(facts, 'already_verified') && effectIn(facts, event) === 'not_provided';
}
