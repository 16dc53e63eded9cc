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
import { isTime, REQUEST_TIMEOUT_MS } from './time.ts';
import { readText } from './untrusted.ts';

type Context = SecondFactorContext;

/** What an event of a host or of an actor holds. */
interface EventContent {
  /** The factor that it names; `undefined` where it names none, `null` where it makes no sense. */
  readonly factor: SecondFactor | null | undefined;
  readonly code: OneTimeCode | null;
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

/** Where a sign-in stands. Fails closed: what is not known is a reason to halt. */
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

/** A time that came with an event, in ms since the epoch; where it has none, the latest known. */
export function readTime(context: Pick<Context, 'now'>, at: unknown): number {
  return isTime(at) ? at : context.now;
}

/** The event that was read last: guards and updates look at it in turn. It is gone with the next one. */
let last: { readonly values: readonly unknown[]; readonly content: EventContent } | undefined;

/**
 * What an event holds, read once for each step. Never throws: a throwing guard would kill the actor, and
 * what can't be read makes no sense anywhere.
 */
export function readEvent({ options }: Context, event: IncomingEvent): EventContent {
  let values: unknown[] = [];
  let content: EventContent;
  try {
    const { factor, code, name, at, requestId, trustDevice, signIn, output, error } = event;
    values = [event, options.strategies, factor, code, name, at, signIn, output, error];
    // A host may fill an event anew and send it again.
    if (last && values.every((value, index) => Object.is(value, last?.values[index]))) {
      return last.content;
    }
    const news: Record<string, unknown> = Object(output ?? error ?? event);
    content = {
      factor: factor === undefined ? undefined : parseFactor(factor, options.strategies),
      code: OneTimeCode.is(code) ? code : null,
      name: typeof name === 'string' ? name : '',
      at: news.at,
      requestId: readText(requestId) || undefined,
      trustDevice: trustDevice === true,
      signIn: parseSignIn(news.signIn, options.strategies),
      error: 'error' in event ? readError(error) : null,
    };
  } catch {
    content = UNREADABLE;
  }
  last = { values, content };
  return content;
}

const UNREADABLE: EventContent = {
  factor: null,
  code: null,
  name: '',
  at: undefined,
  requestId: undefined,
  trustDevice: false,
  signIn: null,
  error: null,
};

/** An actor rejects with our error, alone or with its time; anything else is a fault of the server. */
function readError(rejection: unknown): SecondFactorError {
  const { error }: Record<string, unknown> = Object(rejection);
  const known = [rejection, error].find(isSecondFactorError);
  return known ? copyError(known) : new SecondFactorError('server_error', { cause: rejection });
}

/** What an actor answered, or a host's news; `null` where it makes no sense as a sign-in. */
export function readReply(context: Context, event: IncomingEvent): Reply | null {
  const { signIn, at } = readEvent(context, event);
  return signIn && { signIn, at: readTime(context, at) };
}

/** Where an event says that the sign-in stands; `null` for one that makes no sense, or is old news. */
export function standingIn(context: Context, event: IncomingEvent): Standing | null {
  const reply = readReply(context, event);
  if (!reply || (event.type === 'SIGN_IN.CHANGED' && isOldNews(context, reply.at))) return null;
  return standingOf(context, reply.signIn);
}

/**
 * Whether something was learnt before the last reply. News that seem older than a request may take are
 * not: the clock was put back.
 */
function isOldNews({ learntAt, now, options }: Context, at: number): boolean {
  const longestMs = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
  return at < Math.min(learntAt, now) && at >= learntAt - longestMs;
}

/** The rejection of an actor, as a copy that holds nothing but what is this library's. */
export function readFailure(context: Context, event: IncomingEvent): Failure {
  const { error, at } = readEvent(context, event);
  return { error: error ?? new SecondFactorError('server_error'), at: readTime(context, at) };
}

/** What the failure of a request leads to, by the error table. */
export function effectIn(context: Context, event: IncomingEvent): ErrorEffect {
  return effectOf(readFailure(context, event).error.code);
}
