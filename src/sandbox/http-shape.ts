import type { SignIn, Verification } from '../../machines/sign-in.ts';
import { apiError, type SandboxApiError } from './api-error.ts';
import type { SignInView } from './sign-in-record.ts';

/** A JSON object on the wire, with names in snake_case. */
export type Json = Record<string, unknown>;

function verificationJson(verification: Verification | null): Json | null {
  if (!verification) return null;
  const { status, strategy, attempts, expireAt, error } = verification;
  const problem = error && apiError(error.code).errors[0];
  return {
    object: 'verification',
    status,
    strategy,
    attempts,
    expire_at: expireAt,
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
 * Writes the client that a sign-in belongs to. A finished sign-in has left it and its session is
 * there.
 */
export function clientJson(view: SignInView): Json {
  const { session, signIn, clientId, createdAt } = view;
  return {
    object: 'client',
    id: clientId,
    sign_in: signIn.status === 'complete' ? null : signInJson(view),
    sign_up: null,
    sessions: session
      ? [
          {
            object: 'session',
            id: session.id,
            status: 'active',
            user: { object: 'user', id: session.userId },
            created_at: session.createdAt,
          },
        ]
      : [],
    last_active_session_id: session?.id ?? null,
    created_at: createdAt,
  };
}

/**
 * Writes an error answer. With a sign-in the client comes along in `meta`, because a refused
 * attempt changes the verification too.
 */
export function errorJson(error: SandboxApiError, traceId: string, view: SignInView | null): Json {
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
    ...(view && { meta: { client: clientJson(view) } }),
    clerk_trace_id: traceId,
  };
}
