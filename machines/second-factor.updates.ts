import { readBookmark, unconfirmed } from '../src/bookmark.ts';
import { effectOf, SecondFactorError, type SecondFactorErrorCode } from '../src/errors.ts';
import type { OneTimeCode } from '../src/one-time-code.ts';
import { type ParsedSignIn, parseSignIn, type SecondFactor, type SignIn } from '../src/sign-in.ts';
import { defaultFactor, STRATEGIES, strategyOf } from '../src/strategies.ts';
import { isWaitable, LONGEST_DELAY_MS } from '../src/time.ts';
import {
  chosenKey,
  deadlineOf,
  endedAs,
  keyOf,
  needsPreparation,
  readFailure,
  readReply,
  readTime,
  resolveFactor,
  type Standing,
  standingOf,
  usableFactors,
} from './second-factor.facts.ts';
import type {
  AttemptInput,
  Delivery,
  Failure,
  IncomingEvent,
  PrepareInput,
  ReloadInput,
  ResolvedOptions,
  SecondFactorContext,
  SecondFactorInput,
  SecondFactorOptions,
  SecondFactorOutput,
} from './second-factor.types.ts';

type Context = SecondFactorContext;
type Patch = Partial<Context>;
/** A context update as a plain function. */
export type Update = (context: Context, event: IncomingEvent) => Patch;

/** The SignIn API lets a code be sent again after 30 s (Clerk docs, "OTP expiration and resend"). */
export const RESEND_COOLDOWN_MS = 30_000;
/** Long enough for a slow mobile network; a host whose requests may wait for a captcha says more. */
export const REQUEST_TIMEOUT_MS = 30_000;

// ── the start ──────────────────────────────────────────────────────────────────────────────────

/** The context of a new flow, or of one that a bookmark resumes. */
export function initialContext(input: SecondFactorInput): Context {
  const options = resolveOptions(input.options ?? {});
  // SAFETY: the sign-in that stands for junk can be read.
  const parsed = (parseSignIn(input.signIn, options.strategies) ??
    parseSignIn({ id: '', status: '' })) as ParsedSignIn;
  const at = readTime({ now: 0 }, input.at);
  const blank: Context = {
    signIn: withFactors(parsed, []),
    factor: null,
    unavailable: [],
    deliveries: {},
    deadlines: {},
    error: null,
    unanswered: 0,
    now: at,
    learntAt: at,
    options,
  };
  const standing = standingOf(blank, parsed);
  const resumed = standing === 'unverified' ? { ...blank, ...resume(blank, input.resume) } : blank;
  const chosen = input.factor && resolveFactor(resumed, input.factor);
  const factor = chosen ?? resumed.factor ?? defaultFactor(usableFactors(resumed));
  const refusal = refusalToStart(parsed.status, standing, factor);
  // That the answer to another factor's prepare was lost is nothing to tell of this one.
  const error = factor === resumed.factor || resumed.unanswered > 0 ? resumed.error : null;
  return { ...resumed, factor, error: refusal ? new SecondFactorError(refusal) : error };
}

function resolveOptions(options: SecondFactorOptions): ResolvedOptions {
  const { resendCooldownMs, requestTimeoutMs, liveDeliveries, strategies } = options;
  return {
    resendCooldownMs: durationOf(resendCooldownMs, RESEND_COOLDOWN_MS),
    requestTimeoutMs:
      requestTimeoutMs === null ? null : durationOf(requestTimeoutMs, REQUEST_TIMEOUT_MS),
    liveDeliveries: liveDeliveries === 'many' ? 'many' : 'one',
    strategies: { ...STRATEGIES, ...strategies }, // of this flow alone: see services.ts
  };
}

function durationOf(value: unknown, fallback: number): number {
  return Number.isFinite(value) && (value as number) >= 0 ? (value as number) : fallback;
}

/** What a bookmark brings back. What was in flight counts as a lost reply. */
function resume(context: Context, value: unknown): Patch {
  const usable = usableFactors(context);
  const preparedFirst = new Map(
    usable.map((factor) => [keyOf(context, factor), needsPreparation(context, { factor })]),
  );
  const saved = readBookmark(value, context.signIn.id, preparedFirst, context.now);
  if (!saved) return {};
  const { factorKey, inFlight, deliveries, deadlines, unavailable } = saved;
  return {
    factor: usable.find((factor) => keyOf(context, factor) === factorKey) ?? null,
    deliveries,
    deadlines,
    unavailable,
    unanswered: inFlight === 'attempt' ? 1 : 0,
    error: inFlight && new SecondFactorError('network'),
  };
}

function refusalToStart(
  status: string,
  standing: Standing,
  factor: SecondFactor | null,
): SecondFactorErrorCode | null {
  if (standing === 'verified') return null;
  if (standing === 'unverified') return factor ? null : 'no_usable_factor';
  const isEarlier = /^needs_(identifier|first_factor|new_password)$/.test(status);
  return isEarlier ? 'not_applicable' : standing;
}

// ── what the user did ──────────────────────────────────────────────────────────────────────────

export function chooseFactor(context: Context, event: IncomingEvent): Patch {
  return { factor: resolveFactor(context, event.factor), error: null };
}

/** The cooldown starts when the prepare is sent: its reply may be lost, and the code may arrive. */
export function beginPrepare(context: Context, event: IncomingEvent): Patch {
  const patch = chooseFactor(context, event);
  const now = readTime(context, event.at);
  const deadlines = { ...context.deadlines, ...cooldown({ ...context, ...patch }, now) };
  return { ...patch, now, deadlines };
}

export function beginAttempt(context: Context, event: IncomingEvent): Patch {
  return { ...chooseFactor(context, event), unanswered: context.unanswered + 1 };
}

export function removeDeadline(context: Context, event: IncomingEvent): Patch {
  const name = String(event.name);
  const now = Math.max(context.now, deadlineOf(context, name) ?? 0);
  return { now, deadlines: omit(context.deadlines, [name]) };
}

/** A resumed flow has deadlines that nothing is scheduled for yet. */
export function scheduleDeadlines(context: Context): Patch {
  return context;
}

export function removeDeadlines(): Patch {
  return { deadlines: {} };
}

// ── what the backend said ──────────────────────────────────────────────────────────────────────

/** Takes over what a reply says of the sign-in, and why it ends the flow where it does. */
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

/** The backend holds one verification a sign-in: another factor's spends what we had. */
export function recordChange(context: Context, event: IncomingEvent): Patch {
  const patch = recordReply(context, event);
  const verification = patch.signIn?.secondFactorVerification;
  const live = verification?.status === 'unverified' ? verification.strategy : null;
  const isLive = strategyOf(context.options.strategies, live ?? '')?.needsPreparation;
  if (!isLive || context.options.liveDeliveries === 'many') return patch;
  const isSpent = (key: string) => key !== live && !key.startsWith(`${live}/`);
  return { ...patch, ...spend(context, Object.keys(context.deliveries).filter(isSpent)) };
}

/** A new code spends the older one, and where the backend keeps one, those of other factors. */
export function recordDelivery(context: Context, event: IncomingEvent): Patch {
  const read = readReply(context, event);
  if (!read) return {};
  const key = chosenKey(context);
  const { liveDeliveries } = context.options;
  const older = spend(context, liveDeliveries === 'one' ? Object.keys(context.deliveries) : [key]);
  const expiresAt = read.signIn.secondFactorVerification?.expireAt ?? undefined;
  const expires = expiresAt !== undefined && { expiresAt };
  const delivery: Delivery = { sentAt: read.at, ...expires, confirmed: true };
  return {
    ...recordReply(context, event),
    error: null,
    deliveries: { ...older.deliveries, [key]: delivery },
    deadlines: {
      ...older.deadlines,
      ...(expires && { [`expiry:${key}`]: expires.expiresAt }),
      ...cooldown(context, read.at),
    },
  };
}

/** A prepare or an attempt was answered by something that neither confirms nor refuses it. */
export function recordNoAnswer(context: Context, event: IncomingEvent): Patch {
  const code = readReply(context, event) ? 'network' : 'malformed_reply';
  return { ...recordReply(context, event), error: new SecondFactorError(code) };
}

/** The answer is in: this attempt can't land any more, and an earlier one still may. */
export function settleAttempt(context: Context): Patch {
  return { unanswered: context.unanswered - 1 };
}

/** Nobody knows whether the code was sent: an attempt is legal, and the cooldown stays. */
export function leaveUnanswered(context: Context): Patch {
  return { deliveries: { [chosenKey(context)]: unconfirmed(context), ...context.deliveries } };
}

// ── what went wrong ────────────────────────────────────────────────────────────────────────────

export function recordPrepareFailure(context: Context, event: IncomingEvent): Patch {
  const failure = readFailure(context, event);
  const patch: Patch = { error: failure.error, now: failure.at };
  const resend = `resend:${chosenKey(context)}`;
  switch (effectOf(failure.error.code)) {
    case 'lost':
      return { ...patch, ...leaveUnanswered(context) };
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
 * The backend could not be asked what is true. The error that led here stays, unless the answer ends
 * all. One that would end the flow may be the echo of a success: it waits until somebody can tell.
 */
function leaveInDoubt(context: Context, error: SecondFactorError): Patch {
  const effect = effectOf(error.code);
  if (effect === 'halted') return { error };
  const waits = endedAs(context, 'halted') && context.factor && effect !== 'not_provided';
  if (!waits) return {};
  return { error: effect === 'lost' ? error : new SecondFactorError('network') };
}

/** The deadline that a 429 sets, and the error that says so. */
function waitUntil(context: Context, name: string, { error, at }: Failure): Patch {
  const { retryAt = Number.NaN } = error;
  const until = isWaitable(retryAt, at) ? retryAt : at + context.options.resendCooldownMs;
  return {
    deadlines: { ...context.deadlines, [name]: until },
    error: Object.assign(error, { retryAt: until }), // a copy of our own, see `readFailure`
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

type Asked = { readonly context: Context; readonly event: IncomingEvent };

export function prepareInput({ context }: Pick<Asked, 'context'>): PrepareInput {
  // SAFETY: without a factor a flow has halted before it could ask for anything.
  return { factor: context.factor as SecondFactor, strategies: context.options.strategies };
}

/** The code goes from the event into the request; it is never in context. */
export function attemptInput({ context, event }: Asked): AttemptInput {
  // SAFETY: only an `ATTEMPT` with a well-formed code leads to this request.
  return { ...prepareInput({ context }), code: event.code as OneTimeCode };
}

export function reloadInput({ context }: Pick<Asked, 'context'>): ReloadInput {
  return { strategies: context.options.strategies };
}

export function requestTimeout({ context }: Pick<Asked, 'context'>): number {
  return delayUntil(context.options.requestTimeoutMs ?? LONGEST_DELAY_MS, 0);
}

/**
 * The timers that a patch of the context sets (`delay` in ms) or takes away (`null`); those of all
 * deadlines where the patch is the very context.
 */
export function timersOf(context: Context, patch: Patch): { name: string; delay: number | null }[] {
  const { deadlines, now } = { ...context, ...patch };
  const isNew = (name: string) => patch === context || deadlines[name] !== context.deadlines[name];
  return Object.keys({ ...context.deadlines, ...deadlines })
    .filter(isNew)
    .map((name) => {
      const until = deadlines[name];
      return { name, delay: until === undefined ? null : delayUntil(until, now) };
    });
}

function delayUntil(until: number, now: number): number {
  return Math.min(Math.max(until - now, 0), LONGEST_DELAY_MS);
}

/** Every way to `complete` clears the error, and every way to `halted` sets one. */
export function outputOf({ context }: Pick<Asked, 'context'>): SecondFactorOutput {
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
