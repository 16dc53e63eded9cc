import type { ActorRefFrom } from 'xstate';
import { type OneTimeCode, oneTimeCode, specimen } from '../machines/one-time-code.ts';
import type { secondFactorMachine } from '../machines/second-factor.machine.ts';
import { findStrategy } from '../machines/strategies.ts';
import type { SecondFactorSnapshot } from './connect.types.ts';

/**
 * What WebOTP needs of `navigator.credentials`.
 *
 * @see https://wicg.github.io/web-otp/
 */
export interface OtpCredentials {
  get(request: OtpRequest): Promise<unknown>;
}

/** What a flow asks the browser for. */
export interface OtpRequest {
  readonly otp: { readonly transport: ['sms'] };
  readonly signal: AbortSignal;
}

/**
 * Lets the browser read the code from the text message (WebOTP: Chromium on Android, also for the desktop next
 * to it). It asks while the flow awaits a text message, submits what it gets, and takes the question back
 * afterwards. It is opt-in, and does nothing if the browser knows no WebOTP.
 *
 * The message must end in `@example.com #123456`, with the domain of the page.
 *
 * @param actor - the running flow
 * @param credentials - `@defaultValue` the browser's own
 * @returns a function that stops listening, and takes the question back
 */
export function submitTextMessages(
  actor: Pick<ActorRefFrom<typeof secondFactorMachine>, 'getSnapshot' | 'subscribe' | 'send'>,
  credentials: OtpCredentials | undefined = browserCredentials(),
): () => void {
  if (!credentials) return () => {};
  let asked: AbortController | null = null;
  let code: OneTimeCode | null = null;
  /** The last question that was answered or declined. */
  let answered: AbortController | null = null;
  /** The prepare whose message the browser is asked for. */
  let prepare: unknown;

  const ask = async () => {
    const own = new AbortController();
    asked = own;
    try {
      const answer = await credentials.get({ otp: { transport: ['sms'] }, signal: own.signal });
      const { code: text } = Object(answer) as { code?: unknown };
      if (own.signal.aborted || typeof text !== 'string') return;
      code = oneTimeCode(text);
      submit();
    } catch {
      // The user declined, or the question was taken back. The code field is still there.
    } finally {
      answered = own;
    }
  };
  /** The message may come before the reply to the prepare. Then its code waits for the reply. */
  const submit = () => {
    const snapshot = actor.getSnapshot();
    if (!code || !snapshot.can({ type: 'ATTEMPT', code })) return;
    const event = { type: 'ATTEMPT' as const, code };
    code = null;
    actor.send(event);
  };
  const look = (snapshot: SecondFactorSnapshot) => {
    if (!isAwaited(snapshot)) {
      asked?.abort();
      asked = null;
      code = null;
    } else {
      // The user may have declined the last question. For another message the flow may ask again.
      const { prepareSecondFactor = prepare } = snapshot.children;
      const isAnother = prepareSecondFactor !== prepare;
      prepare = prepareSecondFactor;
      if (!asked || (isAnother && answered === asked)) void ask();
      else submit();
    }
  };

  const subscription = actor.subscribe({ next: look, complete: () => asked?.abort() });
  look(actor.getSnapshot());
  return () => {
    subscription.unsubscribe();
    asked?.abort();
  };
}

/** Whether a text message is on its way or may have arrived, and its code was not attempted yet. */
function isAwaited(snapshot: SecondFactorSnapshot): boolean {
  const strategy = findStrategy(snapshot.context.options.strategies, 'phone_code');
  return (
    snapshot.status === 'active' &&
    snapshot.context.factor?.strategy === 'phone_code' &&
    (snapshot.matches('preparing') ||
      snapshot.can({ type: 'ATTEMPT', code: specimen(strategy?.length) }))
  );
}

/** The browser's own, if it knows WebOTP: others would reject, or offer a password. */
function browserCredentials(): OtpCredentials | undefined {
  const { OTPCredential, navigator } = globalThis as {
    OTPCredential?: unknown;
    navigator?: { credentials?: OtpCredentials };
  };
  return OTPCredential === undefined ? undefined : navigator?.credentials;
}
