import { readBookmark } from '../src/bookmark.ts';
import {
  effectOf,
  isHalting,
  SecondFactorError,
  type SecondFactorErrorCode,
} from '../src/errors.ts';
import type { OneTimeCode } from '../src/one-time-code.ts';
import { type ParsedSignIn, parseSignIn, type SecondFactor, type SignIn } from '../src/sign-in.ts';
import { defaultFactor, mergeStrategies, strategyOf } from '../src/strategies.ts';
import {
  chosenKey,
  deliveryOf,
  keyOf,
  readFailure,
  readReply,
  readTime,
  resolveFactor,
  standingOf,
  usableFactors,
} from './second-factor.facts.ts';
import type {
  AttemptInput,
  Delivery,
  Failure,
  PrepareInput,
  ReloadInput,
  ResolvedOptions,
  SecondFactorContext,
  SecondFactorEvent,
  SecondFactorInput,
  SecondFactorOptions,
  SecondFactorOutput,
} from './second-factor.types.ts';

type Context = SecondFactorContext;
type Patch = Partial<Context>;
/** What an action is told beside the context and the event. */
export type Params = Replied | Rejected | undefined;
/** A context update as a plain function. */
export type Update<P extends Params> = (asked: Asked, params: P) => Patch;
type Known = { readonly context: Context };
type Asked = Known & { readonly event: SecondFactorEvent };
type Replied = { readonly reply: unknown };
type Rejected = { readonly rejection: unknown };

/** The SignIn API lets a code be sent again after 30 s (Clerk docs, "OTP expiration and resend"). */
export const RESEND_COOLDOWN_MS = 30_000;
/** Long enough for a slow mobile network; a host whose requests may wait for a captcha says more. */
export const REQUEST_TIMEOUT_MS = 30_000;
/** The longest delay of `setTimeout` (HTML §8.6: a 32-bit signed integer); past it, it fires at once. */
export const LONGEST_DELAY_MS = 2 ** 31 - 1;

// ── the start ──────────────────────────────────────────────────────────────────────────────────

const NO_SIGN_IN: SignIn = {
  id: '',
  status: '',
  supportedSecondFactors: [],
  secondFactorVerification: null,
  createdSessionId: null,
};

/** The context of a new flow, or of one that a bookmark resumes. */
export function initialContext(input: SecondFactorInput): Context {
  const options = resolveOptions(input.options ?? {});
  const parsed = parseSignIn(input.signIn, options.strategies);
  const signIn = parsed ? withFactors(parsed, []) : NO_SIGN_IN;
  const at = readTime({ now: 0 }, input.at);
  const blank: Context = {
    signIn,
    factor: null,
    unavailable: [],
    deliveries: {},
    deadlines: {},
    error: null,
    unanswered: 0,
    now: at,
    learntAt: at,
    lost: null,
    options,
  };
  const resumed = { ...blank, ...resume(blank, input.resume) };
  const chosen = input.factor && resolveFactor(resumed, input.factor);
  const factor = chosen ?? resumed.factor ?? defaultFactor(usableFactors(resumed));
  const refusal = parsed ? refusalToStart(blank, factor) : 'unexpected_status';
  if (refusal) return { ...resumed, factor, error: new SecondFactorError(refusal) };
  const isVerified = standingOf(blank, signIn) === 'verified';
  return isVerified ? { ...blank, factor } : { ...resumed, factor };
}

function resolveOptions(options: SecondFactorOptions): ResolvedOptions {
  const { resendCooldownMs, requestTimeoutMs, liveDeliveries, strategies } = options;
  return {
    resendCooldownMs: isDuration(resendCooldownMs) ? resendCooldownMs : RESEND_COOLDOWN_MS,
    requestTimeoutMs:
      requestTimeoutMs === null || isDuration(requestTimeoutMs)
        ? requestTimeoutMs
        : REQUEST_TIMEOUT_MS,
    liveDeliveries: liveDeliveries === 'many' ? 'many' : 'one',
    strategies: mergeStrategies(strategies),
  };
}

function isDuration(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

/** What a bookmark brings back. What was in flight counts as a lost reply. */
function resume(context: Context, value: unknown): Patch {
  const usable = usableFactors(context);
  const saved = readBookmark(value, {
    signInId: context.signIn.id,
    factorKeys: usable.map((factor) => keyOf(context, factor)),
    preparedKeys: usable
      .filter((one) => strategyOf(context.options.strategies, one.strategy)?.needsPreparation)
      .map((factor) => keyOf(context, factor)),
    at: context.now,
    latest: context.now + LONGEST_DELAY_MS,
  });
  if (!saved) return {};
  const resumed: Context = {
    ...context,
    factor: usable.find((factor) => keyOf(context, factor) === saved.factorKey) ?? null,
    unavailable: saved.unavailable,
    deliveries: saved.deliveries,
    deadlines: saved.deadlines,
    unanswered: saved.inFlight === 'attempt' ? 1 : 0,
    lost: saved.inFlight,
    error: saved.inFlight && new SecondFactorError('network'),
  };
  return saved.inFlight === 'prepare'
    ? { ...resumed, ...leaveUnanswered({ context: resumed }) }
    : resumed;
}

function refusalToStart(
  context: Context,
  factor: SecondFactor | null,
): SecondFactorErrorCode | null {
  switch (context.signIn.status) {
    case 'needs_identifier':
    case 'needs_first_factor':
      return 'not_applicable';
    case 'needs_new_password':
      return standingOf(context, context.signIn) === 'verified' ? null : 'not_applicable';
  }
  const standing = standingOf(context, context.signIn);
  if (standing === 'verified') return null;
  if (standing !== 'unverified') return standing;
  return factor ? null : 'no_usable_factor';
}

// ── what the user did ──────────────────────────────────────────────────────────────────────────

export function chooseFactor({ context, event }: Asked): Patch {
  const { factor }: { factor?: unknown } = event as object;
  return { factor: resolveFactor(context, factor), error: null };
}

/** The cooldown starts when the prepare is sent: its reply may be lost, and the code may arrive. */
export function beginPrepare(asked: Asked): Patch {
  const patch = chooseFactor(asked);
  const at = readTime(asked.context, 'at' in asked.event ? asked.event.at : undefined);
  const begun: Context = { ...asked.context, ...patch };
  return { ...patch, now: at, deadlines: { ...begun.deadlines, ...cooldown(begun, at) } };
}

export function beginAttempt(asked: Asked): Patch {
  return { ...chooseFactor(asked), unanswered: asked.context.unanswered + 1 };
}

export function removeDeadline({ context, event }: Asked): Patch {
  if (event.type !== 'DEADLINE.PASSED') return {};
  const now = Math.max(context.now, context.deadlines[event.name] ?? 0);
  return { now, deadlines: omit(context.deadlines, [event.name]) };
}

/** A resumed flow has deadlines that nothing is scheduled for yet. */
export function scheduleDeadlines({ context }: Known): Patch {
  return context;
}

export function removeDeadlines(): Patch {
  return { deadlines: {} };
}

// ── what the backend said ──────────────────────────────────────────────────────────────────────

/** Takes over what a reply says of the sign-in, and why it ends the flow where it does. */
export function recordReply({ context }: Known, { reply }: Replied): Patch {
  const read = readReply(context, reply);
  if (!read) return {};
  const learnt = { now: read.at, learntAt: read.at };
  const standing = standingOf(context, read.signIn);
  if (standing === 'superseded') return { ...learnt, error: new SecondFactorError(standing) };
  const signIn = withFactors(read.signIn, context.signIn.supportedSecondFactors);
  if (standing === 'verified') return { ...learnt, signIn, error: null, unanswered: 0 };
  if (standing === 'unverified') return { ...learnt, signIn };
  return { ...learnt, signIn, error: new SecondFactorError(standing) };
}

/** The backend holds one verification a sign-in: another factor's spends what we had. */
export function recordChange({ context, event }: Asked): Patch {
  const patch = recordReply({ context }, { reply: event });
  const verification = patch.signIn?.secondFactorVerification;
  const live = verification?.status === 'unverified' ? verification.strategy : null;
  const isLive = live !== null && strategyOf(context.options.strategies, live)?.needsPreparation;
  if (!isLive || context.options.liveDeliveries === 'many') return patch;
  const alike = usableFactors(context).filter((factor) => factor.strategy === live);
  const kept = alike.map((factor) => keyOf(context, factor));
  const spent = Object.keys(context.deliveries).filter((key) => !kept.includes(key));
  return { ...patch, ...spend(context, spent) };
}

/** A new code spends the older one, and where the backend keeps one, those of other factors. */
export function recordDelivery({ context }: Known, { reply }: Replied): Patch {
  const read = readReply(context, reply);
  if (!read) return {};
  const key = chosenKey(context);
  const { liveDeliveries } = context.options;
  const older = spend(context, liveDeliveries === 'one' ? Object.keys(context.deliveries) : [key]);
  const expiresAt = read.signIn.secondFactorVerification?.expireAt ?? null;
  const expiry = expiresAt === null ? {} : { [`expiry:${key}`]: expiresAt };
  const delivery: Delivery = {
    sentAt: read.at,
    ...(expiresAt !== null && { expiresAt }),
    confirmed: true,
  };
  return {
    ...recordReply({ context }, { reply }),
    error: null,
    deliveries: { ...older.deliveries, [key]: delivery },
    deadlines: { ...older.deadlines, ...expiry, ...cooldown(context, read.at) },
  };
}

/** A prepare or an attempt was answered by something that neither confirms nor refuses it. */
export function recordNoAnswer({ context }: Known, { reply }: Replied): Patch {
  const code = readReply(context, reply) ? 'network' : 'malformed_reply';
  return { ...recordReply({ context }, { reply }), error: new SecondFactorError(code) };
}

/** The answer is in: this attempt can't land any more, and an earlier one still may. */
export function settleAttempt({ context }: Known): Patch {
  return { unanswered: context.unanswered - 1 };
}

/** Nobody knows whether the code was sent: an attempt is legal, and the cooldown stays. */
export function leaveUnanswered({ context }: Known): Patch {
  if (deliveryOf(context, context.factor)) return {};
  const delivery: Delivery = { sentAt: context.now, confirmed: false };
  return { deliveries: { ...context.deliveries, [chosenKey(context)]: delivery } };
}

// ── what went wrong ────────────────────────────────────────────────────────────────────────────

export function recordPrepareFailure({ context }: Known, { rejection }: Rejected): Patch {
  const failure = readFailure(context, rejection);
  const patch: Patch = { error: failure.error, now: failure.at };
  const resend = `resend:${chosenKey(context)}`;
  switch (effectOf(failure.error.code, 'prepare')) {
    case 'lost':
      return { ...patch, ...leaveUnanswered({ context }) };
    case 'not_sent':
      return { ...patch, deadlines: omit(context.deadlines, [resend]) };
    case 'throttled':
      return { ...patch, ...waitUntil(context, resend, failure) };
    case 'factor_gone':
      return { ...patch, ...dropFactor(context) };
    default:
      return patch;
  }
}

export function recordAttemptFailure({ context }: Known, { rejection }: Rejected): Patch {
  const failure = readFailure(context, rejection);
  const patch: Patch = { error: failure.error, now: failure.at, ...settleAttempt({ context }) };
  switch (effectOf(failure.error.code, 'attempt')) {
    case 'lost':
    case 'already_verified':
      return { ...patch, unanswered: context.unanswered };
    case 'code_spent':
      return { ...patch, ...spendChosen(context) };
    case 'throttled':
      return { ...patch, ...waitUntil(context, 'hold', failure) };
    case 'factor_gone':
      return { ...patch, ...dropFactor(context) };
    default:
      return patch;
  }
}

/** The backend could not be asked what is true; the error that led here stays, unless it ends all. */
export function recordReloadFailure({ context }: Known, { rejection }: Rejected): Patch {
  const { error, at } = readFailure(context, rejection);
  return isHalting(error.code) ? { error, now: at } : { now: at };
}

/** The deadline that a 429 sets, and the error that says so. */
function waitUntil(context: Context, name: string, { error, at }: Failure): Patch {
  const { retryAt = Number.NaN } = error;
  const isSensible = retryAt >= at && retryAt <= at + LONGEST_DELAY_MS;
  const until = isSensible ? retryAt : at + context.options.resendCooldownMs;
  const { code, message, attemptsLeft, field, cause } = error;
  return {
    deadlines: { ...context.deadlines, [name]: until },
    error: new SecondFactorError(code, { message, retryAt: until, attemptsLeft, field, cause }),
  };
}

/** The deadline of the cooldown that starts at a moment; none where the host wants none. */
function cooldown(context: Context, at: number): Record<string, number> {
  const { resendCooldownMs } = context.options;
  return resendCooldownMs === 0 ? {} : { [`resend:${chosenKey(context)}`]: at + resendCooldownMs };
}

/** The code is gone for good, so that a new one may be sent at once. */
function spendChosen(context: Context): Patch {
  const key = chosenKey(context);
  const spent = spend(context, [key]);
  return { ...spent, deadlines: omit(spent.deadlines, [`resend:${key}`]) };
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
  const key = chosenKey(context);
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

export function prepareInput({ context }: Known): PrepareInput {
  // SAFETY: without a factor a flow has halted before it could ask for anything.
  return { factor: context.factor as SecondFactor, strategies: context.options.strategies };
}

/** The code goes from the event into the request; it is never in context. */
export function attemptInput({ context, event }: Asked): AttemptInput {
  // SAFETY: only an `ATTEMPT` with a well-formed code leads to this request.
  const { code } = event as { code: OneTimeCode };
  return { ...prepareInput({ context }), code };
}

export function reloadInput({ context }: Known): ReloadInput {
  return { strategies: context.options.strategies };
}

export function requestTimeout({ context }: Known): number {
  return Math.min(context.options.requestTimeoutMs ?? LONGEST_DELAY_MS, LONGEST_DELAY_MS);
}

/**
 * The timers that a patch of the context sets (`delay` in ms) or takes away (`null`); those of all
 * deadlines where the patch is the very context.
 */
export function timersOf(context: Context, patch: Patch): { name: string; delay: number | null }[] {
  const { deadlines, now } = { ...context, ...patch };
  if (deadlines === context.deadlines && patch !== context) return [];
  const isNew = (name: string) => patch === context || deadlines[name] !== context.deadlines[name];
  return Object.keys({ ...context.deadlines, ...deadlines })
    .filter(isNew)
    .map((name) => ({ name, delay: delayUntil(deadlines[name], now) }));
}

function delayUntil(until: number | undefined, now: number): number | null {
  return until === undefined ? null : Math.min(Math.max(until - now, 0), LONGEST_DELAY_MS);
}

/** Every way to `complete` clears the error, and every way to `halted` sets one. */
export function outputOf({ context }: Known): SecondFactorOutput {
  const { signIn, error, unanswered } = context;
  if (!error) return { outcome: 'complete', signIn };
  // SAFETY: `halted` is entered with a halting code, or with `already_verified` when stuck.
  const reason = error.code as Extract<SecondFactorOutput, { outcome: 'halted' }>['reason'];
  return { outcome: 'halted', reason, error, signIn, attemptMayLand: unanswered > 0 };
}

function withFactors(parsed: ParsedSignIn, known: readonly SecondFactor[]): SignIn {
  return { ...parsed, supportedSecondFactors: parsed.supportedSecondFactors ?? known };
}

function omit<T>(record: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));
}
