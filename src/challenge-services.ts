import { SecondFactorError } from '../machines/errors.ts';
import type { SecondFactor } from '../machines/factors.ts';
import type { SignIn } from '../machines/sign-in.ts';
import type { SecondFactorServices, ServiceRequest } from './services.ts';

/** What a backend answers when it has sent a code. */
export interface SentChallenge {
  /** The text by which the backend knows it. It comes back as `request.challenge`, also after a reload of the page. */
  readonly challenge?: string | undefined;
  /** When it expires, in ms since the epoch. */
  readonly expiresAt?: number | undefined;
}

/** What {@link challengeServices} is made of. */
export interface ChallengeOptions {
  /**
   * Names the sign-in: the same name after a reload of the page, and another one for another sign-in.
   *
   * @defaultValue `'sign-in'`, for a page that has one sign-in at a time
   */
  readonly id?: string | undefined;
  /** The factors of the user, in the field names of the SignIn resource. */
  readonly factors: readonly SecondFactor[];
  /** Sends a code to a factor. Only called if the strategy needs preparation. */
  send?(factor: SecondFactor, request: ServiceRequest): Promise<SentChallenge | void>;
  /**
   * Verifies a code. It resolves if the code is right. An answer of `false`, an `error`, `ok: false`, or a status
   * that is no success counts as a refusal. For a wrong code it may also reject.
   *
   * @param code - normalised; empty if the service makes a credential
   */
  verify(factor: SecondFactor, code: string, request: ServiceRequest): Promise<unknown>;
  /** Whether this client is signed in. `false` and `null` both mean that you can't tell. */
  holdsSession?(request: ServiceRequest): Promise<boolean | null>;
  /** Tells that the second factor was verified elsewhere. */
  watch?(verified: () => void, request: ServiceRequest): void | (() => void);
}

/** What {@link challengeServices} makes: spread it into `createSecondFactor`. */
export interface Challenged {
  readonly signIn: SignIn;
  readonly services: SecondFactorServices;
}

/**
 * Makes the services and the sign-in of a backend that has challenges and no SignIn. They hold no state,
 * because the flow keeps the challenge of each delivery.
 */
export function challengeServices(options: ChallengeOptions): Challenged {
  const { id = 'sign-in', factors, holdsSession, watch } = options;
  const signIn: SignIn = {
    id,
    status: 'needs_second_factor',
    supportedSecondFactors: factors,
    secondFactorVerification: null,
    createdSessionId: null,
  };
  const complete: SignIn = { ...signIn, status: 'complete' };
  return {
    signIn,
    services: {
      async prepareSecondFactor({ strategy }, request) {
        const sent = await options.send?.(request.factor, request);
        const { challenge, expiresAt } = sent ?? {};
        return {
          ...signIn,
          secondFactorVerification: {
            status: 'unverified',
            strategy,
            attempts: null,
            expireAt: expiresAt ?? null,
            error: null,
            ...(challenge !== undefined && { challenge }),
          },
        };
      },
      async attemptSecondFactor({ code = '' }, request) {
        refuse(await options.verify(request.factor, code, request));
        return complete;
      },
      ...(holdsSession && {
        reloadSignIn: async (request) => ((await holdsSession(request)) === true ? complete : null),
      }),
      ...(watch && {
        watchSignIn: (changed, request) => watch(() => changed(complete), request),
      }),
    },
  };
}

/** How backends that answer with a status in words call a success. */
const SUCCESSES = ['complete', 'completed', 'ok', 'success', 'verified'];

/** Refuses an answer that resolved and is no success: `fetch` resolves for a 401. */
function refuse(answer: unknown): void {
  if (answer === false) throw new SecondFactorError('code_incorrect');
  const { ok, status, error, success, verified }: Record<string, unknown> = Object(answer);
  if (error) throw error;
  const isStatus =
    status === undefined ||
    status === true ||
    (typeof status === 'number' && status >= 200 && status < 300) ||
    SUCCESSES.includes(String(status).toLowerCase());
  // `toError` reads the HTTP status.
  if (typeof status === 'number' && !isStatus) throw answer;
  if (!isStatus || [ok, success, verified].includes(false)) {
    throw new SecondFactorError('malformed_reply');
  }
}
