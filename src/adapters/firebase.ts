import { SecondFactorError, type SecondFactorErrorCode } from '../../machines/errors.ts';
import type { SecondFactorOptions } from '../../machines/second-factor.types.ts';
import { type Challenged, challengeServices } from '../challenge-services.ts';
import { defaultToError, type ToError } from '../to-error.ts';

/** The part of a `MultiFactorResolver` that is used; `getMultiFactorResolver(auth, error)` makes one. */
export interface FirebaseResolver {
  readonly session: object;
  readonly hints: readonly {
    readonly uid: string;
    readonly factorId: string;
    readonly displayName?: string | null | undefined;
    /** The number as the server shows it, masked: `+*******0100`. */
    readonly phoneNumber?: string | undefined;
  }[];
  resolveSignIn(assertion: object): Promise<object>;
}

/** The three classes of `firebase/auth` that are used. */
export interface FirebaseSdk<Auth> {
  readonly PhoneAuthProvider: {
    new (
      auth: Auth,
    ): {
      verifyPhoneNumber(
        options: { multiFactorUid: string; session: object },
        verifier?: object,
      ): Promise<string>;
    };
    credential(verificationId: string, code: string): object;
  };
  readonly PhoneMultiFactorGenerator: { assertion(credential: object): object };
  readonly TotpMultiFactorGenerator: { assertionForSignIn(uid: string, code: string): object };
}

/** What {@link firebase} is given. */
export interface FirebaseOptions<Auth> {
  readonly auth: Auth;
  /** Of the error `auth/multi-factor-auth-required`. */
  readonly resolver: FirebaseResolver;
  /** `{ PhoneAuthProvider, PhoneMultiFactorGenerator, TotpMultiFactorGenerator }` of `firebase/auth`. */
  readonly sdk: FirebaseSdk<Auth>;
  /** A `RecaptchaVerifier`; text messages need one, unless reCAPTCHA Enterprise is in its place. */
  readonly verifier?: object | undefined;
  /** Names the sign-in; see `challengeServices`. `@defaultValue` the id of the first factor: one a user */
  readonly id?: string | undefined;
}

/** What {@link firebase} makes: spread it into `createSecondFactor`. */
export interface FirebaseFlow extends Challenged {
  readonly toError: ToError;
  readonly options: SecondFactorOptions;
}

/** People solve a captcha in the middle of a prepare. */
const REQUEST_TIMEOUT_MS = 180_000;

/**
 * Makes a flow out of Firebase's multi-factor resolver, of a sign-in or of a reauthentication: phones and
 * authenticator apps. Once it is complete, the user is signed in on `auth`.
 *
 * The SDK takes no `AbortSignal`, and nobody can look up what became of a lost answer: it held the user.
 *
 * @see https://firebase.google.com/docs/auth/web/multi-factor
 */
export function firebase<Auth>(options: FirebaseOptions<Auth>): FirebaseFlow {
  const { auth, resolver, verifier, id = resolver.hints[0]?.uid } = options;
  const { PhoneAuthProvider, PhoneMultiFactorGenerator, TotpMultiFactorGenerator } = options.sdk;
  return {
    ...challengeServices({
      id,
      factors: resolver.hints.map(({ uid, factorId, phoneNumber, displayName }) =>
        factorId === 'phone'
          ? { strategy: 'phone_code', phoneNumberId: uid, safeIdentifier: phoneNumber ?? '' }
          : { strategy: factorId, totpId: uid, safeIdentifier: displayName ?? '' },
      ),
      async send({ phoneNumberId: multiFactorUid = '' }) {
        const provider = new PhoneAuthProvider(auth);
        const hint = { multiFactorUid, session: resolver.session };
        const challenge = await provider.verifyPhoneNumber(hint, verifier);
        if (!challenge) throw new SecondFactorError('malformed_reply');
        return { challenge };
      },
      async verify({ totpId }, code, { challenge }) {
        // The answer to its prepare was lost, and without its verification id no code is right.
        if (!totpId && !challenge) throw new SecondFactorError('not_prepared');
        const assertion = totpId
          ? TotpMultiFactorGenerator.assertionForSignIn(totpId, code)
          : PhoneMultiFactorGenerator.assertion(
              PhoneAuthProvider.credential(String(challenge), code),
            );
        const { user } = Object(await resolver.resolveSignIn(assertion));
        if (!user) throw new SecondFactorError('malformed_reply');
      },
    }),
    toError: firebaseToError,
    options: { liveDeliveries: 'many', requestTimeoutMs: REQUEST_TIMEOUT_MS },
  };
}

/**
 * The SDK's codes that concern a second factor, by what they mean here.
 *
 * @see https://firebase.google.com/docs/reference/js/auth#autherrorcodes
 */
const CODES: readonly (readonly [SecondFactorErrorCode, RegExp])[] = [
  ['code_incorrect', /^invalid-verification-code$/],
  ['code_malformed', /^missing-(verification-)?code$/],
  ['code_expired', /^code-expired$/],
  // Also the answer to a code that was right before.
  ['not_prepared', /^(invalid|missing)-verification-id$/],
  ['rate_limited', /^too-many-requests$/],
  [
    'delivery_failed',
    /^(quota-exceeded|(invalid|missing)-app-credential|captcha-check-failed)$|recaptcha-token$/,
  ],
  [
    'strategy_unavailable',
    /^(multi-factor-info-not-found|unsupported-second-factor|(operation|billing)-not-(allowed|enabled))$/,
  ],
  ['locked', /^(user-disabled|login-blocked)$/],
  ['sign_in_expired', /^((invalid|missing)-multi-factor-session|user-(token-expired|not-found))$/],
  ['superseded', /^user-mismatch$/],
  [
    'integration_fault',
    /^(argument-error|invalid-(api-key|app-id|req-type)|app-(not-authorized|deleted)|unauthorized-domain|missing-multi-factor-info|operation-not-supported-in-this-environment)$|recaptcha|client-type/,
  ],
  ['network', /^network-request-failed$/],
  ['timeout', /^timeout$/],
];

/** Reads what the SDK rejects with; the rest goes to `defaultToError`. */
export const firebaseToError: ToError = (value, at) => {
  const [, code = ''] = /^auth\/(.+)$/.exec(Object(value).code) ?? [];
  const [known] = CODES.find(([, pattern]) => pattern.test(code)) ?? [];
  return known ? new SecondFactorError(known, { cause: value }) : defaultToError(value, at);
};
