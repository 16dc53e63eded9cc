import {
  copyError,
  type ErrorEffect,
  effectOf,
  isSecondFactorError,
  SecondFactorError,
} from './errors.ts';
import { parseFactor, type SecondFactor } from './factors.ts';
import { OneTimeCode } from './one-time-code.ts';
import type { Failure, IncomingEvent, Reply, SecondFactorContext } from './second-factor.types.ts';
import { type ParsedSignIn, parseSignIn } from './sign-in.ts';
import type { Strategies } from './strategies.ts';
import { isTime, REQUEST_TIMEOUT_MS } from './time.ts';
import { readText } from './untrusted.ts';

type Context = SecondFactorContext;

/** What an event of a host or of an actor holds. */
interface EventContent {
  /** The factor that it names; `undefined` if it names none, `null` if that makes no sense. */
  readonly factor: SecondFactor | null | undefined;
  /** `undefined` where it has none, `null` where it makes no sense. */
  readonly code: OneTimeCode | null | undefined;
  readonly name: string;
  readonly at: unknown;
  readonly requestId: string | undefined;
  readonly trustDevice: boolean;
  readonly signIn: ParsedSignIn | null;
  readonly error: SecondFactorError | null;
}

/** Where a sign-in stands with its second factor: verified, not yet, or a reason to halt. */
export type Standing =
  | 'verified'
  | 'unverified'
  | 'superseded'
  | 'protect_check_required'
  | 'sign_in_expired'
  | 'unexpected_status';

const STANDINGS: ReadonlyMap<string, Standing> = new Map<string, Standing>([
  ['complete', 'verified'],
  ['needs_second_factor', 'unverified'],
  ['needs_client_trust', 'unverified'], // a new device: the same endpoints and factors
  ['needs_protect_check', 'protect_check_required'],
  ['abandoned', 'sign_in_expired'],
]);

/** Where a sign-in stands. Fails closed: an unknown status is a reason to halt. */
export function standingOf(
  context: Pick<Context, 'signIn'>,
  signIn: Omit<ParsedSignIn, 'supportedSecondFactors'>,
): Standing {
  if (signIn.id !== context.signIn.id) return 'superseded';
  const isPast =
    signIn.status === 'needs_new_password' &&
    signIn.secondFactorVerification?.status === 'verified';
  return isPast ? 'verified' : (STANDINGS.get(signIn.status) ?? 'unexpected_status');
}

/** The time of an event, in ms since the epoch; the latest known time if it has none. */
export function readTime(context: Pick<Context, 'now'>, at: unknown): number {
  return isTime(at) ? at : context.now;
}

/** The fields of an event that are read. */
const FIELDS = [
  'factor',
  'code',
  'name',
  'requestId',
  'trustDevice',
  'at',
  'signIn',
  'output',
  'error',
] as const;

/** The values of an event, and what was found in them. */
interface Finding {
  readonly event: IncomingEvent;
  readonly strategies: Strategies;
  readonly values: readonly unknown[];
  readonly content: EventContent;
}

/** The last event that was read. The guards and updates of a step all look at one event. */
let last: Finding | undefined;

/** What an event holds, read once for each step. Never throws: a throwing guard would kill the actor. */
export function readEvent({ options }: Context, event: IncomingEvent): EventContent {
  const { strategies } = options;
  let values: unknown[] = [];
  let content: EventContent;
  try {
    values = FIELDS.map((field) => event[field]);
    // A host may fill an event anew, or send it to another flow.
    const isSame = (value: unknown, index: number) => Object.is(value, values[index]);
    if (last?.event === event && last.strategies === strategies && last.values.every(isSame)) {
      return last.content;
    }
    content = contentOf(strategies, values);
  } catch {
    content = contentOf(strategies, [null]); // a getter or a proxy threw
  }
  last = { event, strategies, values, content };
  return content;
}

function contentOf(strategies: Strategies, values: readonly unknown[]): EventContent {
  const [factor, code, name, requestId, trustDevice, at, signIn, output, rejection] = values;
  const told: Record<string, unknown> = Object(output ?? rejection ?? { at, signIn });
  return {
    factor: factor === undefined ? undefined : parseFactor(factor, strategies),
    code: code === undefined || OneTimeCode.is(code) ? code : null,
    name: typeof name === 'string' ? name : '',
    at: told.at,
    requestId: readText(requestId) || undefined,
    trustDevice: trustDevice === true,
    signIn: parseSignIn(told.signIn, strategies),
    error: rejection === undefined ? null : readError(rejection, told.error),
  };
}

/** The error of a {@link Failure}. An actor provided by hand may reject with the error itself. */
function readError(rejection: unknown, inner: unknown): SecondFactorError {
  const known = [rejection, inner].find(isSecondFactorError);
  return known ? copyError(known) : new SecondFactorError('server_error', { cause: rejection });
}

/** The answer of an actor, or the news of a host; `null` if it makes no sense as a sign-in. */
export function readReply(context: Context, event: IncomingEvent): Reply | null {
  const { signIn, at } = readEvent(context, event);
  return signIn && { signIn, at: readTime(context, at) };
}

/** Where the sign-in stands by an event; `null` if the event makes no sense, or is old news. */
export function standingIn(context: Context, event: IncomingEvent): Standing | null {
  const reply = readReply(context, event);
  if (!reply || (event.type === 'SIGN_IN.CHANGED' && isOldNews(context, reply.at))) return null;
  return standingOf(context, reply.signIn);
}

/**
 * Whether news is older than the last reply. News that seems older than any request can be is not: somebody
 * put the clock back.
 */
function isOldNews({ learntAt, now, options }: Context, at: number): boolean {
  const longestMs = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
  return at < Math.min(learntAt, now) && at >= learntAt - longestMs;
}

/** The rejection of an actor, as a copy that holds only fields of this library. */
export function readFailure(context: Context, event: IncomingEvent): Failure {
  const { error, at } = readEvent(context, event);
  return { error: error ?? new SecondFactorError('server_error'), at: readTime(context, at) };
}

/** What the failure of a request leads to, by the error table. */
export function effectIn(context: Context, event: IncomingEvent): ErrorEffect {
  return effectOf(readFailure(context, event).error.code);
}
