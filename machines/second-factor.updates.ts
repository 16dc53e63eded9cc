import { unconfirmed } from './bookmark.ts';
import { copyError, effectOf, SecondFactorError } from './errors.ts';
import { defaultFactor, type SecondFactor, strategyKey } from './factors.ts';
import {
  deadlineOf,
  deliveryOf,
  factorIn,
  isSentForGood,
  keyOf,
  lastErrorIs,
  usableFactors,
} from './second-factor.facts.ts';
import {
  readEvent,
  readFailure,
  readReply,
  readTime,
  standingOf,
} from './second-factor.replies.ts';
import type {
  AttemptInput,
  Delivery,
  Failure,
  IncomingEvent,
  Reply,
  RequestInput,
  SecondFactorContext,
  SecondFactorOutput,
} from './second-factor.types.ts';
import type { ParsedSignIn, SignIn } from './sign-in.ts';
import { findStrategy } from './strategies.ts';
import { delayUntil, isWaitable, LONGEST_DELAY_MS } from './time.ts';

type Context = SecondFactorContext;
type Patch = Partial<Context>;
/** A context update as a plain function. */
export type Update = (context: Context, event: IncomingEvent) => Patch;

// ── what the user did ──────────────────────────────────────────────────────────────────────────

export function chooseFactor(context: Context, event: IncomingEvent): Patch {
  return { factor: factorIn(context, event) ?? context.factor, error: null };
}

/** The cooldown starts when the prepare is sent: the code may arrive although the reply is lost. */
export function beginPrepare(context: Context, event: IncomingEvent): Patch {
  const patch = chooseFactor(context, event);
  const now = readTime(context, readEvent(context, event).at);
  const deadlines = { ...context.deadlines, ...cooldown({ ...context, ...patch }, now) };
  return { ...patch, now, deadlines };
}

export function beginAttempt(context: Context, event: IncomingEvent): Patch {
  return { ...chooseFactor(context, event), unanswered: context.unanswered + 1 };
}

export function removeDeadline(context: Context, event: IncomingEvent): Patch {
  const { name } = readEvent(context, event);
  const now = Math.max(context.now, deadlineOf(context, name) ?? 0);
  return { now, deadlines: omit(context.deadlines, [name]) };
}

export function removeDeadlines(): Patch {
  return { deadlines: {} };
}

// ── what the backend said ──────────────────────────────────────────────────────────────────────

/** Takes over the sign-in of a reply and, if the reply ends the flow, the reason. */
export function recordReply(context: Context, event: IncomingEvent): Patch {
  const read = readReply(context, event);
  if (!read) return {};
  const standing = standingOf(context, read.signIn);
  return {
    now: read.at,
    learntAt: read.at,
    ...(standing !== 'superseded' && {
      signIn: withFactors(read.signIn, context.signIn.supportedSecondFactors),
    }),
    ...(standing === 'verified'
      ? { error: null, unanswered: 0 }
      : standing !== 'unverified' && { error: new SecondFactorError(standing) }),
  };
}

/** A backend that holds one verification for a sign-in has spent ours, if another factor's is live now. */
export function recordChange(context: Context, event: IncomingEvent): Patch {
  const patch = recordReply(context, event);
  const verification = patch.signIn?.secondFactorVerification;
  const live = verification?.status === 'unverified' ? verification.strategy : null;
  if (!live || context.options.liveDeliveries === 'many') return patch;
  if (!findStrategy(context.options.strategies, live)?.needsPreparation) return patch;
  const liveKey = strategyKey(live);
  const isSpent = (key: string) => key !== liveKey && !key.startsWith(`${liveKey}/`);
  return { ...patch, ...spend(context, Object.keys(context.deliveries).filter(isSpent)) };
}

/** A new code spends the older one, and those of other factors if the backend keeps one. */
export function recordDelivery(context: Context, event: IncomingEvent): Patch {
  const read = readReply(context, event);
  if (!read) return {};
  const key = keyOf(context);
  const { liveDeliveries } = context.options;
  const older = spend(context, liveDeliveries === 'one' ? Object.keys(context.deliveries) : [key]);
  const delivery = deliveryIn(read);
  return {
    ...recordReply(context, event),
    error: null,
    deliveries: { ...older.deliveries, [key]: delivery },
    deadlines: { ...older.deadlines, ...expiryOf(key, delivery), ...cooldown(context, read.at) },
  };
}

/** The delivery that a sign-in tells of. */
export function deliveryIn({ signIn, at }: Reply): Delivery {
  const { expireAt, challenge } = signIn.secondFactorVerification ?? {};
  return {
    sentAt: at,
    ...(typeof expireAt === 'number' && { expiresAt: expireAt }),
    confirmed: true,
    ...(challenge !== undefined && { challenge }),
  };
}

/** The deadline of a delivery; none if the backend did not say when it expires. */
export function expiryOf(key: string, { expiresAt }: Delivery): Record<string, number> {
  return expiresAt === undefined ? {} : { [`expiry:${key}`]: expiresAt };
}

/** The answer to a prepare or an attempt neither confirms nor refuses it. */
export function recordInconclusive(context: Context, event: IncomingEvent): Patch {
  const code = readReply(context, event) ? 'network' : 'malformed_reply';
  return { ...recordReply(context, event), error: new SecondFactorError(code) };
}

/** This attempt has its answer. An earlier one may still have none. */
export function settleAttempt(context: Context): Patch {
  return { unanswered: context.unanswered - 1 };
}

/** Nobody knows whether the code was sent, so the user may attempt it, and the cooldown stays. */
export function assumeDelivery(context: Context): Patch {
  return { deliveries: { [keyOf(context)]: unconfirmed(context), ...context.deliveries } };
}

// ── what went wrong ────────────────────────────────────────────────────────────────────────────

export function recordPrepareFailure(context: Context, event: IncomingEvent): Patch {
  const failure = readFailure(context, event);
  const patch: Patch = { error: failure.error, now: failure.at };
  const resend = `resend:${keyOf(context)}`;
  switch (effectOf(failure.error.code)) {
    case 'lost':
      return { ...patch, ...assumeDelivery(context) };
    case 'throttled':
      return { ...patch, ...waitUntil(context, resend, failure) };
    case 'factor_gone':
      return { ...patch, ...dropFactor(context) };
    default: // answered, and nothing was sent
      return { ...patch, deadlines: omit(context.deadlines, [resend]) };
  }
}

export function recordAttemptFailure(context: Context, event: IncomingEvent): Patch {
  const failure = readFailure(context, event);
  const patch: Patch = { error: failure.error, now: failure.at };
  const settled = { ...patch, ...settleAttempt(context) };
  switch (effectOf(failure.error.code)) {
    case 'lost':
    case 'not_sent':
    case 'already_verified':
      return patch;
    case 'code_spent':
      return { ...settled, ...spendChosen(context) };
    case 'throttled':
      return { ...settled, ...waitUntil(context, 'hold', failure) };
    case 'factor_gone':
      return { ...settled, ...dropFactor(context) };
    default:
      return settled;
  }
}

export function recordReloadFailure(context: Context, event: IncomingEvent): Patch {
  const { error, at } = readFailure(context, event);
  return { now: at, ...leaveInDoubt(context, error) };
}

export function recordReloadTimeout(context: Context): Patch {
  return leaveInDoubt(context, new SecondFactorError('timeout'));
}

/**
 * The backend could not say what is true. The error that led here stays, unless the new one ends the flow. An
 * earlier error that would end the flow may be the echo of a success, so the flow waits for an answer.
 */
function leaveInDoubt(context: Context, error: SecondFactorError): Patch {
  const effect = effectOf(error.code);
  if (effect === 'halted') return { error };
  const waits = lastErrorIs(context, 'halted') && context.factor && effect !== 'not_provided';
  if (!waits) return {};
  return { error: effect === 'lost' ? error : new SecondFactorError('network') };
}

/** The deadline that a 429 sets, and the error that says so. */
function waitUntil(context: Context, name: string, { error, at }: Failure): Patch {
  const { retryAt = Number.NaN } = error;
  const until = isWaitable(retryAt, at) ? retryAt : at + context.options.resendCooldownMs;
  return {
    deadlines: { ...context.deadlines, [name]: until },
    error: copyError(error, { retryAt: until }),
  };
}

/** The deadline of a cooldown that starts then; none if the host wants none. */
function cooldown(context: Context, at: number): Record<string, number> {
  const { resendCooldownMs } = context.options;
  return resendCooldownMs === 0 ? {} : { [`resend:${keyOf(context)}`]: at + resendCooldownMs };
}

/** The code is gone for good, so a new one may be sent at once. */
function spendChosen(context: Context): Patch {
  const key = keyOf(context);
  const spent = spend(context, [key]);
  return {
    ...spent,
    deadlines: omit(spent.deadlines, [`resend:${key}`]),
    // A factor that sends no second code is gone with it.
    ...(isSentForGood(context) && { unavailable: [...context.unavailable, key] }),
  };
}

/** Deliveries that a newer one has spent; their cooldowns stay. */
function spend(context: Context, keys: readonly string[]) {
  return {
    deliveries: omit(context.deliveries, keys),
    deadlines: omit(
      context.deadlines,
      keys.map((key) => `expiry:${key}`),
    ),
  };
}

function dropFactor(context: Context): Patch {
  const key = keyOf(context);
  const spent = spend(context, [key]);
  const unavailable = [...context.unavailable, key];
  const left = usableFactors({ ...context, factor: null, unavailable });
  return {
    ...spent,
    unavailable,
    factor: defaultFactor(left),
    ...(left.length === 0 && { error: new SecondFactorError('no_usable_factor') }),
  };
}

// ── what goes out ──────────────────────────────────────────────────────────────────────────────

/** What an input or an output is made of. */
interface Moment {
  readonly context: Context;
  readonly event: IncomingEvent;
}

/** The event is the `PREPARE` or the `ATTEMPT` of the request; a reload has none. */
export function requestInput({ context, event }: Moment): RequestInput {
  return {
    // There may be no factor left in a reload: the backend refused the last one in doubt.
    factor: context.factor ?? { strategy: '' },
    challenge: deliveryOf(context)?.challenge,
    requestId: readEvent(context, event).requestId,
    strategies: context.options.strategies,
  };
}

/** The code goes from the event into the request; it is never in context. */
export function attemptInput({ context, event }: Moment): AttemptInput {
  const { code, trustDevice } = readEvent(context, event);
  return {
    ...requestInput({ context, event }),
    code: code ?? null,
    ...(trustDevice && { trustDevice }),
  };
}

/** The delay of a time limit, in ms; without a limit, the longest that a timer can wait. */
export function delayOf(limitMs: number | null): number {
  return delayUntil(limitMs ?? LONGEST_DELAY_MS, 0);
}

/** A timer for a deadline: its delay in ms, or `null` to cancel it. */
interface Timer {
  readonly name: string;
  readonly delay: number | null;
}

/** The timers of the deadlines that a patch changes. */
export function changedTimers(context: Context, patch: Patch): Timer[] {
  const { deadlines, now } = { ...context, ...patch };
  return Object.keys({ ...context.deadlines, ...deadlines })
    .filter((name) => deadlines[name] !== context.deadlines[name])
    .map((name) => {
      const until = deadlines[name];
      return { name, delay: until === undefined ? null : delayUntil(until, now) };
    });
}

/** The timers of all deadlines, for those that a bookmark brought back. */
export function allTimers(context: Context): Timer[] {
  return changedTimers({ ...context, deadlines: {} }, context);
}

/** Cancels all timers. The deadlines stay, for the bookmark. */
export function noTimers(context: Context): Timer[] {
  return changedTimers(context, { deadlines: {} });
}

/** Every way to `complete` clears the error, and every way to `halted` sets one. */
export function outputOf({ context }: Pick<Moment, 'context'>): SecondFactorOutput {
  const { signIn, error, unanswered } = context;
  if (!error) return { outcome: 'complete', signIn };
  // SAFETY: every way to `halted` has a halting code, or `already_verified` that nobody can confirm.
  const reason = error.code as Extract<SecondFactorOutput, { outcome: 'halted' }>['reason'];
  return { outcome: 'halted', reason, error, signIn, attemptMayLand: unanswered > 0 };
}

function withFactors(parsed: ParsedSignIn, known: readonly SecondFactor[]): SignIn {
  return { ...parsed, supportedSecondFactors: parsed.supportedSecondFactors ?? known };
}

function omit<T>(record: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));
}
