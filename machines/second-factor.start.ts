import { readBookmark } from './bookmark.ts';
import { SecondFactorError, type SecondFactorErrorCode } from './errors.ts';
import { defaultFactor, parseFactor, type SecondFactor } from './factors.ts';
import { findFactor, keyOf, needsPreparation, usableFactors } from './second-factor.facts.ts';
import { readTime, type Standing, standingOf } from './second-factor.replies.ts';
import type {
  ResolvedOptions,
  SecondFactorContext,
  SecondFactorInput,
  SecondFactorOptions,
} from './second-factor.types.ts';
import { deliveryIn, expiryOf } from './second-factor.updates.ts';
import { parseSignIn, type SignIn } from './sign-in.ts';
import { knownStrategies } from './strategies.ts';
import {
  LONGEST_DELAY_MS,
  RELOAD_TIMEOUT_MS,
  REQUEST_TIMEOUT_MS,
  RESEND_COOLDOWN_MS,
} from './time.ts';
import { readNumber } from './untrusted.ts';

type Context = SecondFactorContext;

/** The sign-in of a flow that was given junk. */
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
  const signIn = parseSignIn(input.signIn, options.strategies) ?? NO_SIGN_IN;
  const at = readTime({ now: 0 }, input.at);
  const blank: Context = {
    signIn: { ...signIn, supportedSecondFactors: signIn.supportedSecondFactors ?? [] },
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
  const standing = standingOf(blank, signIn);
  const saved = standing === 'unverified' ? resume(blank, input.resume) : {};
  const resumed = { ...blank, ...saved };
  const given = givenFactor(resumed, input.factor);
  // A bookmark knows more than the sign-in about what was sent.
  const sent = saved ? null : findSent(resumed, given);
  const factor = given ?? resumed.factor ?? sent ?? defaultFactor(usableFactors(resumed));
  const refusal = refusalToStart(signIn.status, standing, factor);
  // A lost prepare concerns its own factor. A lost attempt concerns the whole sign-in.
  const lost = factor === resumed.factor || resumed.unanswered > 0 ? resumed.error : null;
  const code = refusal ?? (given === null && !lost ? 'no_factor' : null);
  const error = code ? new SecondFactorError(code) : lost;
  return { ...resumed, ...(sent && alreadySent(resumed, sent)), factor, error };
}

/** The factor that a code was sent to before the flow starts; `null` if that is not clear. */
function findSent(context: Context, given: SecondFactor | null | undefined): SecondFactor | null {
  const { status, strategy } = context.signIn.secondFactorVerification ?? {};
  const sent = usableFactors(context).filter(
    (one) => one.strategy === strategy && needsPreparation(context, one),
  );
  const clear = sent.find((one) => one === given || sent.length === 1);
  return (status === 'unverified' && clear) || null;
}

/** What was sent before the flow began. */
function alreadySent(context: Context, factor: SecondFactor): Partial<Context> {
  const { signIn, now } = context;
  const key = keyOf(context, factor);
  const delivery = deliveryIn({ signIn, at: now });
  return { deliveries: { [key]: delivery }, deadlines: expiryOf(key, delivery) };
}

function resolveOptions(options: SecondFactorOptions): ResolvedOptions {
  const { resendCooldownMs, requestTimeoutMs, reloadTimeoutMs, liveDeliveries, strategies } =
    options;
  return {
    resendCooldownMs: readDuration(resendCooldownMs, RESEND_COOLDOWN_MS),
    requestTimeoutMs: readLimit(requestTimeoutMs, REQUEST_TIMEOUT_MS),
    reloadTimeoutMs: readLimit(reloadTimeoutMs, RELOAD_TIMEOUT_MS),
    liveDeliveries: liveDeliveries === 'many' ? 'many' : 'one',
    strategies: knownStrategies(strategies),
  };
}

function readDuration(value: unknown, fallback: number): number {
  const duration = readNumber(value) ?? -1;
  return duration < 0 ? fallback : Math.min(duration, LONGEST_DELAY_MS);
}

function readLimit(value: unknown, fallback: number): number | null {
  return value === null ? null : readDuration(value, fallback);
}

/** The factor that the host gave; `undefined` if it gave none, `null` if the sign-in lacks it. */
function givenFactor(context: Context, given: unknown): SecondFactor | null | undefined {
  if (given === undefined || given === null) return undefined;
  try {
    const named = parseFactor(given, context.options.strategies);
    return named && findFactor(context, named);
  } catch {
    return null; // a getter or a proxy threw
  }
}

/** What a bookmark brings back. The reply to a request that was in flight counts as lost. */
function resume(context: Context, value: unknown): Partial<Context> | null {
  const offered = usableFactors(context);
  const preparedFirst = new Map(
    offered.map((factor) => [keyOf(context, factor), needsPreparation(context, factor)]),
  );
  const saved = readBookmark(value, context.signIn.id, preparedFirst, context.now);
  if (!saved) return null;
  const { factorKey, inFlight, deliveries, deadlines } = saved;
  const left = usableFactors({ ...context, unavailable: saved.unavailable });
  // A bookmark that leaves no factor is spoilt: otherwise every flow that resumes it would end.
  const [usable, unavailable] = left.length > 0 ? [left, saved.unavailable] : [offered, []];
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
