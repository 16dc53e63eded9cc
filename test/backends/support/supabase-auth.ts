import { createHmac, randomInt, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Secret, TOTP } from 'otpauth';

// A stub of Supabase's auth server, written from the source of the real one, which can't be run here:
// https://github.com/supabase/auth at bc32168 (2026-08-20). Each status and code names its place in it.

/** A refusal: the HTTP status, the code, and the message. */
type Refusal = readonly [status: number, code: string, message: string];

/** Each refusal of the two requests of MFA that a client can see. */
export const REFUSALS = {
  // internal/api/auth.go, extractBearerToken
  no_authorization: [401, 'no_authorization', 'This endpoint requires a valid Bearer token'],
  // internal/api/auth.go, parseJWTClaims
  bad_jwt: [403, 'bad_jwt', 'invalid JWT: unable to parse or verify signature'],
  // internal/api/auth.go, maybeLoadUserOrSession
  user_not_found: [403, 'user_not_found', 'User from sub claim in JWT does not exist'],
  // internal/api/auth.go, maybeLoadUserOrSession
  session_not_found: [
    403,
    'session_not_found',
    'Session from session_id claim in JWT does not exist',
  ],
  // internal/api/auth.go, requireAuthentication
  user_banned: [403, 'user_banned', 'User is banned'],
  // internal/api/admin.go, loadFactor
  factor_not_found: [404, 'mfa_factor_not_found', 'Factor not found'],
  // internal/api/admin.go, loadFactor
  factor_is_no_uuid: [404, 'validation_failed', 'factor_id must be an UUID'],
  // internal/api/helpers.go, retrieveRequestParams
  bad_json: [400, 'bad_json', 'Could not parse request body as JSON'],
  // internal/api/middleware.go, performRateLimiting
  over_request_rate_limit: [429, 'over_request_rate_limit', 'Request rate limit reached'],
  // internal/api/mfa.go, challengePhoneFactor; the text is of internal/api/errors.go
  over_sms_send_rate_limit: [
    429,
    'over_sms_send_rate_limit',
    'For security purposes, you can only request this after 42 seconds.',
  ],
  // internal/api/mfa.go, challengePhoneFactor
  channel_invalid: [400, 'validation_failed', 'Invalid channel, supported values are …'],
  // internal/api/phone.go, sendPhoneConfirmation: of the other text messages, so far
  sms_send_failed: [422, 'sms_send_failed', 'Error sending confirmation OTP to provider'],
  // internal/api/mfa.go, ChallengeFactor and VerifyFactor
  phone_disabled: [422, 'mfa_phone_verify_not_enabled', 'MFA verification is disabled for Phone'],
  // internal/api/mfa.go, ChallengeFactor and VerifyFactor
  totp_disabled: [422, 'mfa_totp_verify_not_enabled', 'MFA verification is disabled for TOTP'],
  // internal/api/mfa.go, VerifyFactor
  code_empty: [400, 'validation_failed', 'Code needs to be non-empty'],
  // internal/api/mfa.go, validateChallenge
  challenge_not_found: [
    422,
    'mfa_factor_not_found',
    'MFA factor with the provided challenge ID not found',
  ],
  // internal/api/mfa.go, validateChallenge: `challenge.VerifiedAt != nil || challenge.IPAddress != currentIP`
  ip_mismatch: [422, 'mfa_ip_address_mismatch', 'Challenge and verify IP addresses mismatch.'],
  // internal/api/mfa.go, validateChallenge
  challenge_expired: [
    422,
    'mfa_challenge_expired',
    'MFA challenge has expired, verify against another challenge or create a new challenge.',
  ],
  // internal/api/mfa.go, verifyTOTPFactor
  totp_incorrect: [422, 'mfa_verification_failed', 'Invalid TOTP code entered'],
  // internal/api/mfa.go, verifyPhoneFactor
  phone_incorrect: [422, 'mfa_verification_failed', 'Invalid MFA Phone code entered'],
  // internal/api/mfa.go, verifyPhoneFactor, where Twilio Verify checks the code
  twilio_refused: [403, 'otp_expired', 'Token has expired or is invalid'],
  // internal/api/mfa.go, both verifications; the text is of internal/hooks/v0hooks/v0hooks.go
  hook_rejected: [
    403,
    'mfa_verification_rejected',
    'Further MFA verification attempts will be rejected.',
  ],
  // internal/hooks/hookshttp/hookshttp.go, runHTTPHook
  hook_timeout: [422, 'hook_timeout', 'Failed to reach hook within maximum time of 5 seconds'],
  // internal/hooks/hookshttp/hookshttp.go, runHTTPHook
  hook_timeout_after_retry: [
    422,
    'hook_timeout_after_retry',
    'Failed to reach hook after maximum retries',
  ],
  // internal/tokens/service.go, RefreshTokenGrant: the client may refresh before it asks
  refresh_token_not_found: [
    400,
    'refresh_token_not_found',
    'Invalid Refresh Token: Refresh Token Not Found',
  ],
  // internal/tokens/service.go, RefreshTokenGrant
  refresh_token_already_used: [
    400,
    'refresh_token_already_used',
    'Invalid Refresh Token: Already Used',
  ],
  // internal/tokens/service.go, RefreshTokenGrant
  session_expired: [400, 'session_expired', 'Invalid Refresh Token: Session Expired'],
  // internal/api/apierrors/apierrors.go, NewInternalServerError
  unexpected_failure: [500, 'unexpected_failure', 'error sending message'],
  // internal/api/middleware.go, timeoutMiddleware
  request_timeout: [
    504,
    'request_timeout',
    'Processing this request timed out, please retry after a moment.',
  ],
} as const satisfies Record<string, Refusal>;

/** What the stub is started with. */
export interface SupabaseAuthOptions {
  /** Whether Twilio Verify checks the codes of phones. `@defaultValue` false */
  readonly twilioVerify?: boolean;
  /** Whether a hook refuses each attempt. `@defaultValue` false */
  readonly rejects?: boolean;
  /** The factors of the user. `@defaultValue` two apps, two phones, and one whose enrolment was not finished */
  readonly factors?: readonly object[];
}

/** One user with a password, two authenticator apps and two phones. */
export interface SupabaseAuth {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string;
  /** Each text message, in the order in which they were sent. */
  readonly outbox: readonly { readonly to: string; readonly code: string }[];
  /** The authenticator apps, by the id of their factor. */
  readonly apps: Readonly<Record<string, TOTP>>;
  /** Lets time pass for the challenges. */
  advance(ms: number): void;
  /** Ends all sessions: another browser was signed in with a second factor. */
  endSessions(): void;
  close(): Promise<void>;
}

export const APP_1 = '11111111-1111-4111-8111-111111111111';
export const APP_2 = '22222222-2222-4222-8222-222222222222';
export const PHONE_1 = '33333333-3333-4333-8333-333333333333';
export const PHONE_2 = '44444444-4444-4444-8444-444444444444';
const USER = '55555555-5555-4555-8555-555555555555';

const CREATED_AT = '2026-01-01T00:00:00Z';
const factor = (id: string, type: 'totp' | 'phone', more: object) => ({
  id,
  factor_type: type,
  status: 'verified',
  created_at: CREATED_AT,
  updated_at: CREATED_AT,
  ...more,
});
const FACTORS = [
  factor(APP_1, 'totp', { friendly_name: 'My phone' }),
  factor(APP_2, 'totp', { friendly_name: 'Key ring' }),
  factor(PHONE_1, 'phone', { phone: '15550100' }),
  factor(PHONE_2, 'phone', { phone: '15550101' }),
  // internal/models/user.go: the user has the factors too whose enrolment was not finished
  factor(randomUUID(), 'totp', { status: 'unverified' }),
];
const PHONES: ReadonlyMap<string, string> = new Map([
  [PHONE_1, '15550100'],
  [PHONE_2, '15550101'],
]);

const CHALLENGE_EXPIRY_MS = 300_000; // internal/conf/configuration.go, defaultChallengeExpiryDuration
const MAX_FREQUENCY_MS = 60_000; // internal/conf/configuration.go: MFA.Phone.MaxFrequency
const TOKEN_EXPIRY_S = 3_600;

interface Challenge {
  readonly factorId: string;
  readonly code: string;
  readonly ip: string;
  readonly at: number;
  verified: boolean;
}

type Reply = { readonly status: number; readonly body: object };

/** Starts the stub on a free port of the loopback interface. */
export async function startSupabaseAuth({
  twilioVerify = false,
  rejects = false,
  factors = FACTORS,
}: SupabaseAuthOptions = {}): Promise<SupabaseAuth> {
  const outbox: { to: string; code: string }[] = [];
  const apps: Record<string, TOTP> = {
    [APP_1]: new TOTP({ secret: new Secret() }),
    [APP_2]: new TOTP({ secret: new Secret() }),
  };
  /** By access token, the session that it belongs to. */
  const tokens = new Map<string, string>();
  const sessions = new Map<string, 'aal1' | 'aal2'>();
  const challenges = new Map<string, Challenge>();
  const challengedAt = new Map<string, number>();
  let now = Date.now();

  const user = {
    id: USER,
    aud: 'authenticated',
    role: 'authenticated',
    email: 'ada@example.com',
    app_metadata: {},
    user_metadata: {},
    identities: [],
    factors,
    created_at: CREATED_AT,
  };

  const issue = (sessionId: string, aal: 'aal1' | 'aal2'): Reply => {
    const iat = Math.floor(Date.now() / 1_000);
    const exp = iat + TOKEN_EXPIRY_S;
    // internal/tokens/service.go, GenerateAccessToken
    const claims = { sub: USER, session_id: sessionId, aal, iat, exp, aud: 'authenticated' };
    // Texts that base64url spells otherwise than base64 does, wherever in the token they begin.
    const spelt = ['>>>???', ' >>>???', '  >>>???'];
    const access_token = jwt({ ...claims, jti: randomUUID(), user_metadata: { spelt } });
    tokens.set(access_token, sessionId);
    const body = {
      access_token,
      token_type: 'bearer',
      expires_in: TOKEN_EXPIRY_S,
      expires_at: exp,
      refresh_token: randomUUID(),
      user,
    };
    return { status: 200, body };
  };

  const challengeFactor = (factorId: string, ip: string): Reply => {
    const phone = PHONES.get(factorId);
    const last = challengedAt.get(factorId);
    if (phone && last !== undefined && now < last + MAX_FREQUENCY_MS) {
      return refuse('over_sms_send_rate_limit');
    }
    const id = randomUUID();
    const code = String(randomInt(1_000_000)).padStart(6, '0');
    challenges.set(id, { factorId, code, ip, at: now, verified: false });
    challengedAt.set(factorId, now);
    if (phone) outbox.push({ to: phone, code });
    const expires_at = Math.floor((now + CHALLENGE_EXPIRY_MS) / 1_000);
    return { status: 200, body: { id, type: phone ? 'phone' : 'totp', expires_at } };
  };

  const verifyFactor = (factorId: string, body: Body, ip: string, sessionId: string): Reply => {
    if (body.code === '') return refuse('code_empty');
    const challenge = challenges.get(body.challenge_id);
    if (challenge?.factorId !== factorId) return refuse('challenge_not_found');
    if (challenge.verified || challenge.ip !== ip) return refuse('ip_mismatch');
    if (now > challenge.at + CHALLENGE_EXPIRY_MS) {
      challenges.delete(body.challenge_id);
      return refuse('challenge_expired');
    }
    const isPhone = PHONES.has(factorId);
    const isRight = isPhone
      ? body.code === challenge.code
      : apps[factorId]?.validate({ token: body.code, window: 1 }) !== null;
    if (!isRight && isPhone && twilioVerify) return refuse('twilio_refused');
    if (rejects) {
      sessions.clear();
      return refuse('hook_rejected');
    }
    if (!isRight) return refuse(isPhone ? 'phone_incorrect' : 'totp_incorrect');
    challenge.verified = true;
    sessions.set(sessionId, 'aal2');
    // internal/models/sessions.go, InvalidateSessionsWithAALLessThan
    for (const [other, aal] of sessions) if (aal === 'aal1') sessions.delete(other);
    return issue(sessionId, 'aal2');
  };

  const answer = (request: IncomingMessage, body: Body): Reply => {
    const { pathname } = new URL(request.url ?? '', 'http://stub');
    if (pathname === '/token') {
      const sessionId = randomUUID();
      sessions.set(sessionId, 'aal1');
      return issue(sessionId, 'aal1');
    }
    const [, token] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? [];
    if (token === undefined) return refuse('no_authorization');
    const sessionId = tokens.get(token);
    if (sessionId === undefined) return refuse('bad_jwt');
    if (!sessions.has(sessionId)) return refuse('session_not_found');
    if (pathname === '/user') return { status: 200, body: user };
    const [, id = '', action] = /^\/factors\/([^/]+)\/(challenge|verify)$/.exec(pathname) ?? [];
    if (!FACTORS.some((one) => one.id === id)) return refuse('factor_not_found');
    // internal/utilities/request.go, GetIPAddress
    const ip = String(request.headers['x-forwarded-for'] ?? request.socket.remoteAddress);
    return action === 'verify' ? verifyFactor(id, body, ip, sessionId) : challengeFactor(id, ip);
  };

  const server = createServer(async (request, response) => {
    const { status, body } = answer(request, JSON.parse((await textOf(request)) || '{}'));
    response.writeHead(status, HEADERS).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // SAFETY: a server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    outbox,
    apps,
    advance(ms) {
      now += ms;
    },
    endSessions: () => sessions.clear(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What the two requests of MFA bring. */
interface Body {
  readonly code: string;
  readonly challenge_id: string;
}

/** internal/api/errors.go, handleResponseErrorHTTP: the version that the client asks for is said again. */
export const HEADERS = {
  'content-type': 'application/json',
  'x-supabase-api-version': '2024-01-01',
};

function refuse(name: keyof typeof REFUSALS): Reply {
  const [status, code, message] = REFUSALS[name];
  return { status, body: { code, message } };
}

function jwt(claims: object): string {
  const [head, payload] = [{ alg: 'HS256', typ: 'JWT' }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  const signature = createHmac('sha256', 'stub').update(`${head}.${payload}`).digest('base64url');
  return `${head}.${payload}.${signature}`;
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}
