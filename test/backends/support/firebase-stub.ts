import { randomInt, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Secret, TOTP } from 'otpauth';

// A stub of Identity Toolkit, the server behind `firebase/auth`, for what its emulator lacks, which is
// authenticator apps, and for what is too quick to wait for the emulator. Written from the REST reference and the emulator's source:
// https://cloud.google.com/identity-platform/docs/reference/rest/v2/accounts.mfaSignIn
// https://github.com/firebase/firebase-tools/blob/v15.34.2/src/emulator/auth/operations.ts

/** One user with two authenticator apps and a phone. */
export interface FirebaseStub {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string;
  /** The authenticator apps, by the id of their factor. */
  readonly apps: Readonly<Record<string, TOTP>>;
  /** The code of the latest text message. */
  readonly smsCode: string;
  close(): Promise<void>;
}

export const APP_1 = 'app-1';
export const APP_2 = 'app-2';
export const PHONE = 'phone-1';
const USER = 'user-1';

/** accounts.signInWithPassword, `mfaInfo` (MfaEnrollment): a phone is masked before the second factor. */
const FACTORS = [
  { mfaEnrollmentId: APP_1, displayName: 'My phone', totpInfo: {} },
  { mfaEnrollmentId: APP_2, totpInfo: {} },
  { mfaEnrollmentId: PHONE, phoneInfo: '+*******0100' },
];

interface Body {
  readonly mfaPendingCredential?: string;
  readonly mfaEnrollmentId?: string;
  readonly totpVerificationInfo?: { readonly verificationCode?: string };
  readonly phoneVerificationInfo?: { readonly code?: string; readonly sessionInfo?: string };
}

interface Reply {
  readonly status: number;
  readonly body: object;
}

/** Starts the stub on a free port of the loopback interface. */
export async function startFirebaseStub(): Promise<FirebaseStub> {
  const apps: Record<string, TOTP> = {
    [APP_1]: new TOTP({ secret: new Secret() }),
    [APP_2]: new TOTP({ secret: new Secret() }),
  };
  const pending = new Set<string>();
  /** By `sessionInfo`, the code that was sent. */
  const sent = new Map<string, string>();
  let smsCode = '';

  // operations.ts, verifyPhoneNumber: a code is used once
  const refusePhone = ({
    code = '',
    sessionInfo = '',
  }: NonNullable<Body['phoneVerificationInfo']>) => {
    if (!sent.has(sessionInfo)) return refuse('INVALID_SESSION_INFO');
    if (sent.get(sessionInfo) !== code) return refuse('INVALID_CODE');
    sent.delete(sessionInfo);
    return null;
  };

  const refuseApp = (id: string, token = '') => {
    if (!apps[id]) return refuse('MFA_ENROLLMENT_NOT_FOUND');
    return apps[id].validate({ token, window: 1 }) === null ? refuse('INVALID_CODE') : null;
  };

  // operations.ts, mfaSignInFinalize
  const finalize = (body: Body): Reply => {
    const { mfaPendingCredential = '', mfaEnrollmentId = '', phoneVerificationInfo } = body;
    // operations.ts, parsePendingCredential
    if (!pending.has(mfaPendingCredential)) return refuse('INVALID_MFA_PENDING_CREDENTIAL');
    const refused = phoneVerificationInfo
      ? refusePhone(phoneVerificationInfo)
      : refuseApp(mfaEnrollmentId, body.totpVerificationInfo?.verificationCode);
    const tokens = { idToken: idToken(), refreshToken: randomUUID() };
    return refused ?? { status: 200, body: tokens };
  };

  const answer = (path: string, body: Body): Reply => {
    if (path.endsWith('/v1/accounts:signInWithPassword')) {
      const mfaPendingCredential = randomUUID();
      pending.add(mfaPendingCredential);
      return { status: 200, body: { mfaPendingCredential, mfaInfo: FACTORS } };
    }
    if (path.endsWith('/v2/accounts/mfaSignIn:start')) {
      smsCode = String(randomInt(1_000_000)).padStart(6, '0');
      const sessionInfo = randomUUID();
      sent.set(sessionInfo, smsCode);
      return { status: 200, body: { phoneResponseInfo: { sessionInfo } } };
    }
    if (path.endsWith('/v2/accounts/mfaSignIn:finalize')) return finalize(body);
    if (path.endsWith('/v1/accounts:lookup')) {
      return { status: 200, body: { users: [{ localId: USER, email: 'ada@example.com' }] } };
    }
    return { status: 404, body: { error: { code: 404, message: 'NOT_FOUND' } } };
  };

  const server = createServer(async (request, response) => {
    response.setHeader('content-type', 'application/json');
    const { pathname } = new URL(request.url ?? '', 'http://stub');
    const { status, body } = answer(pathname, JSON.parse((await textOf(request)) || '{}'));
    response.writeHead(status).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // SAFETY: a server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    apps,
    get smsCode() {
      return smsCode;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** How the server refuses: always by a message that is a code, and may have prose after ` : `. */
function refuse(message: string): Reply {
  return { status: 400, body: { error: { code: 400, message } } };
}

function idToken(): string {
  const iat = Math.floor(Date.now() / 1_000);
  const claims = { sub: USER, user_id: USER, iat, exp: iat + 3_600 };
  return [{ alg: 'none' }, claims, '']
    .map((part) => part && Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}
