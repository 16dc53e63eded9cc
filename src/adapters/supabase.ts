import {
  isSecondFactorError,
  SecondFactorError,
  type SecondFactorErrorCode,
} from '../../machines/errors.ts';
import type { SecondFactor } from '../../machines/factors.ts';
import type { SecondFactorOptions } from '../../machines/second-factor.types.ts';
import { type Challenged, challengeServices } from '../challenge-services.ts';
import { defaultToError, type ToError } from '../to-error.ts';

/** What the client answers: it resolves for refusals too. */
interface Answer<Data> {
  readonly data: Data | null;
  readonly error: unknown;
}

interface Session {
  readonly access_token: string;
}

interface Factor {
  readonly id: string;
  readonly friendly_name?: string | undefined;
  readonly phone?: string | undefined;
}

/** The part of Supabase's client that is used. `createClient()` makes one. */
export interface SupabaseClient {
  readonly auth: {
    getSession(): Promise<Answer<{ readonly session: Session | null }>>;
    onAuthStateChange(listener: (event: string, session: Session | null) => void): {
      readonly data: { readonly subscription: { unsubscribe(): void } };
    };
    readonly mfa: {
      listFactors(): Promise<
        Answer<{ readonly totp: readonly Factor[]; readonly phone: readonly Factor[] }>
      >;
      challenge(params: {
        factorId: string;
        channel?: 'sms' | 'whatsapp';
      }): Promise<Answer<{ readonly id: string; readonly expires_at: number }>>;
      verify(params: {
        factorId: string;
        challengeId: string;
        code: string;
      }): Promise<Answer<Session>>;
    };
  };
}

/** What {@link supabase} is given. */
export interface SupabaseOptions {
  /** A client whose user has signed in with a first factor. */
  readonly client: SupabaseClient;
  /** How a phone is reached. `@defaultValue` `'sms'` */
  readonly channel?: 'sms' | 'whatsapp' | undefined;
}

/** What {@link supabase} makes: spread it into `createSecondFactor`. */
export interface SupabaseFlow extends Challenged {
  readonly toError: ToError;
  readonly options: SecondFactorOptions;
}

/** The server takes no second text message for a phone within a minute (`MFA.Phone.MaxFrequency`). */
const RESEND_COOLDOWN_MS = 60_000;

/**
 * Makes a flow out of Supabase's MFA: authenticator apps, of which there can be several, and phones. It
 * lifts the session of the client from `aal1` to `aal2`; where that is done already, the flow starts
 * `complete`.
 *
 * The client takes no `AbortSignal`: a request that the flow gives up goes on. The flow hears of a late
 * answer, and of another tab, by the events of the client.
 *
 * @throws {@link SecondFactorError} `sign_in_expired` where nobody is signed in, or what became of the
 * request for the factors
 * @see https://supabase.com/docs/guides/auth/auth-mfa
 */
export async function supabase({ client, channel }: SupabaseOptions): Promise<SupabaseFlow> {
  const { auth } = client;
  const challenge = async (params: Parameters<typeof auth.mfa.challenge>[0]) => {
    const { id, expires_at: expiresAtSeconds } = await ask(auth.mfa.challenge(params));
    if (!id) throw new SecondFactorError('malformed_reply');
    return { challenge: id, expiresAt: expiresAtSeconds * 1_000 };
  };
  try {
    const { session } = await ask(auth.getSession());
    const { session_id: id, aal } = claimsOf(session);
    if (typeof id !== 'string') throw new SecondFactorError('sign_in_expired');
    const isVerified = (held: Session | null) => {
      const claims = claimsOf(held);
      return claims.session_id === id && claims.aal === 'aal2';
    };
    const { signIn, services } = challengeServices({
      id,
      factors: factorsOf(await ask(auth.mfa.listFactors())),
      send: ({ phoneNumberId: factorId = '' }) =>
        challenge({ factorId, ...(channel && { channel }) }),
      async verify({ totpId, phoneNumberId: factorId = totpId ?? '' }, code, sent) {
        // An app's challenge sends nothing, and is made here. A phone without one lost the answer to it.
        const { challenge: challengeId } = totpId ? await challenge({ factorId }) : sent;
        if (!challengeId) throw new SecondFactorError('not_prepared');
        const held = await ask(auth.mfa.verify({ factorId, challengeId, code }));
        if (!isVerified(held)) throw new SecondFactorError('malformed_reply');
      },
      watch(verified) {
        const { data } = auth.onAuthStateChange((_, held) => {
          if (isVerified(held)) verified();
        });
        return () => data.subscription.unsubscribe();
      },
    });
    return {
      signIn: aal === 'aal2' ? { ...signIn, status: 'complete' } : signIn,
      services,
      toError: supabaseToError,
      options: { liveDeliveries: 'many', resendCooldownMs: RESEND_COOLDOWN_MS },
    };
  } catch (reason) {
    throw isSecondFactorError(reason) ? reason : supabaseToError(reason, Date.now());
  }
}

async function ask<Data>(asked: Promise<Answer<Data>>): Promise<Data> {
  const { data, error } = await asked;
  if (error || !data) throw error;
  return data;
}

/** The factors whose enrolment was finished: the client has the others elsewhere. */
function factorsOf({
  totp,
  phone,
}: Readonly<Record<'totp' | 'phone', readonly Factor[]>>): SecondFactor[] {
  return [
    ...totp.map(({ id: totpId, friendly_name: safeIdentifier = '' }) => ({
      strategy: 'totp',
      totpId,
      safeIdentifier,
    })),
    ...phone.map(({ id: phoneNumberId, phone: number = '' }) => ({
      strategy: 'phone_code',
      phoneNumberId,
      safeIdentifier: number.replace(/\d(?=\d{4})/g, '*'),
    })),
  ];
}

/** What the access token of a session says. Nobody is let in by it, so its signature is not looked at. */
function claimsOf(session: Session | null): Readonly<Record<string, unknown>> {
  try {
    const [, payload = ''] = session?.access_token.split('.') ?? [];
    return Object(JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))));
  } catch {
    return {};
  }
}

/**
 * The server's codes, by what they mean here.
 *
 * @see https://github.com/supabase/auth/blob/master/internal/api/apierrors/errorcode.go
 */
const CODES: readonly (readonly [SecondFactorErrorCode, RegExp])[] = [
  // Twilio Verify checks codes itself, and calls one that is wrong or too old `otp_expired`.
  ['code_incorrect', /^(mfa_verification_failed|otp_expired)$/],
  // A mismatch: the client has another address now, or the challenge was verified before. It is spent.
  ['code_expired', /^mfa_(challenge_expired|ip_address_mismatch)$/],
  ['strategy_unavailable', /^mfa_(factor_not_found|(phone|totp)_verify_not_enabled)$/],
  ['delivery_failed', /^sms_send_failed$/],
  // A hook that rejects signs the user out everywhere.
  ['locked', /^(user_banned|mfa_verification_rejected)$/],
  // Whatever is about the session: the client has no code for one that is missing, only a name.
  ['sign_in_expired', /^(no_authorization|bad_jwt|user_not_found|refresh_token_\w+)$|session/i],
  ['integration_fault', /^(validation_failed|bad_json)$/],
];

/** Reads what the client answers as `error`; the rest goes to `defaultToError`. */
export const supabaseToError: ToError = (value, at) => {
  // The client has no code where the session is missing, and makes that of `session_not_found` too.
  const { name, message, status, code = name } = Object(value);
  // A verify finds no challenge (422); each request may find no factor (404).
  const isChallengeGone = code === 'mfa_factor_not_found' && status === 422;
  const [known] = CODES.find(([, pattern]) => pattern.test(code)) ?? [];
  if (known) {
    return new SecondFactorError(isChallengeGone ? 'code_expired' : known, { cause: value });
  }
  // There is no `Retry-After`: "you can only request this after 42 seconds".
  const [, retryAfter] = /after (\d{1,5}) seconds/.exec(message) ?? [];
  return defaultToError({ name, message, status, code, retryAfter }, at);
};
