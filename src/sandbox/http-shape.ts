import type { SignIn, Verification } from '../../machines/sign-in.ts';
import { apiError, type SandboxApiError } from './api-error.ts';
import { encodeTextBase64Url } from './base64url.ts';
import type { ClientRecord } from './clients.ts';
import type { SandboxSession, SignInView } from './sign-in-record.ts';

/** A JSON object on the wire, with names in snake_case. */
export type Json = Record<string, unknown>;

function verificationJson(verification: Verification | null): Json | null {
  if (!verification) return null;
  const { status, strategy, attempts, expireAt, error, challenge } = verification;
  const problem = error && apiError(error.code).errors[0];
  return {
    object: 'verification',
    status,
    strategy,
    attempts,
    expire_at: expireAt,
    ...(challenge !== undefined && { nonce: challenge }),
    ...(problem && {
      error: {
        code: problem.code,
        message: problem.longMessage,
        long_message: problem.longMessage,
      },
    }),
  };
}

function factorJson(factor: SignIn['supportedSecondFactors'][number]): Json {
  const {
    strategy,
    phoneNumberId,
    emailAddressId,
    safeIdentifier,
    primary,
    default: isDefault,
  } = factor;
  return {
    strategy,
    ...(phoneNumberId !== undefined && { phone_number_id: phoneNumberId }),
    ...(emailAddressId !== undefined && { email_address_id: emailAddressId }),
    ...(safeIdentifier !== undefined && { safe_identifier: safeIdentifier }),
    ...(primary !== undefined && { primary }),
    ...(isDefault !== undefined && { default: isDefault }),
  };
}

/** Writes a sign-in as the SignIn API does. Times are in ms since the epoch. */
export function signInJson({ signIn, identifier, createdAt, abandonAt }: SignInView): Json {
  return {
    object: 'sign_in_attempt',
    id: signIn.id,
    status: signIn.status,
    identifier,
    supported_identifiers: ['email_address'],
    supported_first_factors: [{ strategy: 'password' }],
    supported_second_factors: signIn.supportedSecondFactors.map(factorJson),
    first_factor_verification: {
      object: 'verification',
      status: 'verified',
      strategy: 'password',
      attempts: 1,
      expire_at: null,
    },
    second_factor_verification: verificationJson(signIn.secondFactorVerification),
    user_data: null,
    created_session_id: signIn.createdSessionId,
    protect_check: null,
    created_at: createdAt,
    abandon_at: abandonAt,
  };
}

/**
 * Writes a step-up as the SignIn API does: the verification of somebody who is signed in already, by
 * the session that it is about.
 */
export function stepUpJson(view: SignInView, now: number): Json {
  const { id, status, supported_second_factors, second_factor_verification } = signInJson(view);
  return {
    object: 'session_reverification',
    id,
    status,
    level: 'second_factor',
    session: view.session && sessionJson(view.session, view.identifier, now),
    first_factor_verification: null,
    second_factor_verification,
    supported_first_factors: null,
    supported_second_factors,
  };
}

/** How long a session lives on the wire, in ms. The sandbox itself ends none. */
const SESSION_LIFETIME_MS = 24 * 60 * 60_000;

/** Writes a session. */
export function sessionJson(session: SandboxSession, identifier: string, now: number): Json {
  const { id, userId, createdAt, verifiedAt } = session;
  const minutesSince = (at: number) => Math.floor((now - at) / 60_000);
  return {
    object: 'session',
    id,
    status: 'active',
    actor: null,
    tasks: null,
    factor_verification_age: [
      minutesSince(createdAt),
      verifiedAt === null ? -1 : minutesSince(verifiedAt),
    ],
    last_active_at: now,
    last_active_organization_id: null,
    last_active_token: tokenJson(session, now),
    expire_at: createdAt + SESSION_LIFETIME_MS,
    abandon_at: createdAt + SESSION_LIFETIME_MS,
    created_at: createdAt,
    updated_at: now,
    user: userJson(userId),
    public_user_data: {
      user_id: userId,
      identifier,
      first_name: null,
      last_name: null,
      image_url: '',
      has_image: false,
    },
  };
}

/** Writes a user; what the sandbox does not know is empty. */
function userJson(id: string): Json {
  return {
    object: 'user',
    id,
    first_name: null,
    last_name: null,
    email_addresses: [],
    phone_numbers: [],
    external_accounts: [],
    passkeys: [],
    web3_wallets: [],
    organization_memberships: [],
    public_metadata: {},
    unsafe_metadata: {},
  };
}

/** How long a token of a session is valid, in ms. The SignIn API gives it a minute. */
const TOKEN_LIFETIME_MS = 60_000;

/** Writes a token of a session: a JWT to look at, whose signature is none. */
export function tokenJson({ id, userId }: SandboxSession, now: number): Json {
  const seconds = Math.floor(now / 1_000);
  const header = { alg: 'RS256', typ: 'JWT', kid: 'sandbox' };
  const claims = {
    iss: 'https://sandbox.invalid',
    sub: userId,
    sid: id,
    iat: seconds,
    nbf: seconds,
    exp: seconds + TOKEN_LIFETIME_MS / 1_000,
  };
  const parts = [JSON.stringify(header), JSON.stringify(claims), 'nobody signed this'];
  return { object: 'token', jwt: parts.map(encodeTextBase64Url).join('.') };
}

/**
 * Writes a client. A finished sign-in has left it, and the session that it created is there.
 *
 * @param views - the sign-ins that the client began, oldest first
 */
export function clientJson(
  { id, createdAt }: ClientRecord,
  views: readonly SignInView[],
  now: number,
): Json {
  const newest = views.at(-1);
  const sessions = views.flatMap(({ session, identifier }) =>
    session ? [sessionJson(session, identifier, now)] : [],
  );
  return {
    object: 'client',
    id,
    sign_in: newest && newest.signIn.status !== 'complete' ? signInJson(newest) : null,
    sign_up: null,
    sessions,
    last_active_session_id: sessions.at(-1)?.id ?? null,
    captcha_bypass: true,
    cookie_expires_at: null,
    created_at: createdAt,
    updated_at: now,
  };
}

/** Writes what a client library asks for before anything else: how the instance is set up. */
export function environmentJson(): Json {
  return {
    object: 'environment',
    auth_config: { single_session_mode: true },
    display_config: { instance_environment_type: 'production' },
    user_settings: null,
  };
}

/**
 * Writes an error answer. The client comes along in `meta`, because a refused attempt changes the
 * verification too.
 */
export function errorJson(error: SandboxApiError, traceId: string, client?: Json): Json {
  return {
    errors: error.errors.map(({ code, message, longMessage, meta }) => ({
      code,
      message,
      long_message: longMessage,
      meta: {
        ...(meta.paramName !== undefined && { param_name: meta.paramName }),
        ...(meta.lockoutExpiresInSeconds !== undefined && {
          lockout_expires_in_seconds: meta.lockoutExpiresInSeconds,
        }),
      },
    })),
    ...(client && { meta: { client } }),
    clerk_trace_id: traceId,
  };
}
