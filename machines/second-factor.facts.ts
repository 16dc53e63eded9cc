import {
  type ErrorEffect,
  effectOf,
  isHalting,
  isSecondFactorError,
  type RequestKind,
  SecondFactorError,
  type SecondFactorErrorCode,
  withoutSecret,
} from '../src/errors.ts';
import { OneTimeCode } from '../src/one-time-code.ts';
import { type ParsedSignIn, parseSignIn, type SecondFactor } from '../src/sign-in.ts';
import { factorKey, normalizeCode, type Strategy, strategyOf } from '../src/strategies.ts';
import type { Delivery, Failure, Reply, SecondFactorContext } from './second-factor.types.ts';

type Facts = SecondFactorContext;
/** What an event asks for; the fields are as untrusted as the event. */
type Asked = { readonly type?: string; readonly factor?: unknown; readonly code?: unknown };

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
  const key = readKey(facts, asked);
  return usableFactors(facts).find((factor) => keyOf(facts, factor) === key) ?? null;
}

function readKey(facts: Facts, asked: unknown): string | null {
  try {
    const factor = asked as SecondFactor | null;
    return typeof factor?.strategy === 'string' ? keyOf(facts, factor) : null;
  } catch {
    return null; // a getter or a proxy threw, and a throwing guard would kill the actor
  }
}

/** The key of the chosen factor; empty only where none can be used, and such a flow has halted. */
export function chosenKey(facts: Facts): string {
  return facts.factor ? keyOf(facts, facts.factor) : '';
}

/** The strategy of a factor that was resolved. */
function strategyFor(facts: Facts, factor: SecondFactor | null): Strategy | undefined {
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

function ownValue<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
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

/** Why an attempt would be refused; `null` where it is accepted. */
export function attemptRefusal(facts: Facts, asked: Asked): SecondFactorErrorCode | null {
  const factor = resolveFactor(facts, asked.factor);
  const strategy = strategyFor(facts, factor);
  if (!factor || !strategy) return 'no_factor';
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

/** Whether the flow ended before it began. */
export function isOver(facts: Facts): boolean {
  return facts.error !== null && isHalting(facts.error.code);
}

/** Whether the sign-in that the flow started with is past its second factor. */
export function isAlreadyVerified(facts: Facts): boolean {
  return facts.error === null && standingOf(facts, facts.signIn) === 'verified';
}

/** Whether a request of this kind was in flight when the resumed flow was left. */
export function isLost(facts: Facts, request: RequestKind): boolean {
  return facts.lost === request;
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

/** Where a sign-in stands. Fails closed: what is not known is a reason to halt. */
export function standingOf(
  facts: Pick<Facts, 'signIn'>,
  signIn: Omit<ParsedSignIn, 'supportedSecondFactors'>,
): Standing {
  if (signIn.id !== facts.signIn.id) return 'superseded';
  switch (signIn.status) {
    case 'complete':
      return 'verified';
    case 'needs_new_password':
      return signIn.secondFactorVerification?.status === 'verified'
        ? 'verified'
        : 'unexpected_status';
    case 'needs_second_factor':
    case 'needs_client_trust': // a new device: the same endpoints and factors
      return 'unverified';
    case 'needs_protect_check':
      return 'protect_check_required';
    case 'abandoned':
      return 'sign_in_expired';
    default:
      return 'unexpected_status';
  }
}

/** A reply of an actor, parsed once more: anybody may have provided that actor. */
export function readReply(facts: Facts, reply: unknown): Reply | null {
  try {
    const { signIn, at } = reply as Reply;
    const parsed = parseSignIn(signIn, facts.options.strategies);
    return parsed && { signIn: parsed, at: readTime(facts, at) };
  } catch {
    return null;
  }
}

/** A time that came with an event, in ms since the epoch; where it has none, the latest known. */
export function readTime(facts: Pick<Facts, 'now'>, at: unknown): number {
  return typeof at === 'number' && Number.isFinite(at) ? at : facts.now;
}

/** Where a reply says that the sign-in stands; `null` for one that makes no sense. */
export function standingIn(facts: Facts, reply: unknown): Standing | null {
  const read = readReply(facts, reply);
  return read && standingOf(facts, read.signIn);
}

/** Where the host says that the sign-in stands; `null` for what is older than the last reply. */
export function standingInNews(
  facts: Facts,
  change: { readonly type: string; readonly at?: unknown },
): Standing | null {
  return readTime(facts, change.at) >= facts.learntAt ? standingIn(facts, change) : null;
}

/** Whether it can't be verified in this flow. */
export function isReasonToHalt(standing: Standing | null): boolean {
  return standing !== null && standing !== 'verified' && standing !== 'unverified';
}

/** Whether a reply names the strategy of the chosen factor as the one whose proof is awaited. */
export function confirmsDelivery(facts: Facts, reply: unknown): boolean {
  const verification = readReply(facts, reply)?.signIn.secondFactorVerification;
  return (
    standingIn(facts, reply) === 'unverified' &&
    verification?.strategy === facts.factor?.strategy &&
    verification?.status !== 'expired' &&
    verification?.status !== 'failed'
  );
}

// ── failures ───────────────────────────────────────────────────────────────────────────────────

/** A rejection of an actor as a failure: never throws, keeps nothing but this library's error. */
export function readFailure(facts: Pick<Facts, 'now'>, rejection: unknown): Failure {
  try {
    const { error, at } = (isSecondFactorError(rejection) ? { error: rejection } : rejection) as {
      error: unknown;
      at?: unknown;
    };
    if (isSecondFactorError(error)) {
      return { error: withoutSecret(error, null), at: readTime(facts, at) };
    }
  } catch {
    // a getter or a proxy threw: a rejection that tells nothing
  }
  return { error: new SecondFactorError('server_error', { cause: rejection }), at: facts.now };
}

/** Whether a rejection leads where the error table says. */
export function failedAs(
  facts: Facts,
  failed: { rejection: unknown; request: RequestKind; effect: ErrorEffect },
): boolean {
  return (
    effectOf(readFailure(facts, failed.rejection).error.code, failed.request) === failed.effect
  );
}

/** Whether the error says that this is what the last attempt led to. */
export function endedAs(facts: Facts, effect: ErrorEffect): boolean {
  return facts.error !== null && effectOf(facts.error.code, 'attempt') === effect;
}

/**
 * Whether a refusal may be the echo of a success: the reply to an earlier attempt was lost, and
 * backends answer a retry of what is verified with a wrong code or a sign-in that is gone.
 */
export function isInDoubt(facts: Facts, rejection: unknown): boolean {
  const effect = effectOf(readFailure(facts, rejection).error.code, 'attempt');
  const isRefusal = ['halted', 'code_rejected', 'code_spent', 'factor_gone'].includes(effect);
  return isRefusal && facts.unanswered > 1;
}

/** Whether nobody can tell more: the backend says verified, and there is no way to ask it again. */
export function isStuck(facts: Facts, rejection: unknown): boolean {
  return (
    facts.error?.code === 'already_verified' &&
    readFailure(facts, rejection).error.code === 'service_not_provided'
  );
}
