import { SecondFactorError, type SecondFactorErrorCode } from '../../machines/errors.ts';
import { type Challenged, challengeServices } from '../challenge-services.ts';
import type { ServiceRequest } from '../services.ts';
import { defaultToError, type ToError } from '../to-error.ts';

/** What a call of better-auth's client is given besides its body. */
interface BetterAuthCall {
  readonly fetchOptions: object;
}

/** A call of better-auth's client that hands over a code. */
interface BetterAuthVerification extends BetterAuthCall {
  readonly code: string;
  readonly trustDevice?: boolean;
}

/**
 * The part of better-auth's client that is used: what `createAuthClient({ plugins: [twoFactorClient()] })`
 * makes, of `better-auth/client` or of a framework.
 */
export interface BetterAuthClient {
  readonly twoFactor: {
    sendOtp(call: BetterAuthCall): Promise<unknown>;
    verifyOtp(call: BetterAuthVerification): Promise<unknown>;
    verifyTotp(call: BetterAuthVerification): Promise<unknown>;
    verifyBackupCode(call: BetterAuthVerification): Promise<unknown>;
  };
  getSession(call: BetterAuthCall): Promise<unknown>;
}

/** What {@link betterAuth} is made of. */
export interface BetterAuthOptions {
  readonly client: BetterAuthClient;
  /** What the sign-in answered beside `twoFactorRedirect: true`. `@defaultValue` `['totp']` */
  readonly twoFactorMethods?: readonly string[] | undefined;
  /** Where the server's `sendOTP` sends a code. `@defaultValue` 'email_code' */
  readonly otp?: 'email_code' | 'phone_code' | undefined;
  /** Whether to offer backup codes; no answer of the server tells. `@defaultValue` true */
  readonly backupCodes?: boolean | undefined;
  /** Names the sign-in; see `challengeServices`. */
  readonly id?: string | undefined;
}

/** What {@link betterAuth} makes: spread it into `createSecondFactor`. */
export interface BetterAuthFlow extends Challenged {
  readonly toError: ToError;
}

const VERIFY = {
  email_code: 'verifyOtp',
  phone_code: 'verifyOtp',
  totp: 'verifyTotp',
  backup_code: 'verifyBackupCode',
} as const;

/**
 * Makes services of better-auth's `twoFactor` plugin: TOTP, a code that is sent, backup codes, and a device
 * that is trusted from now on.
 *
 * After a lost answer it asks whether there is a session. If there is none, nobody can tell: the answer held
 * the session, and a second attempt then ends the flow as `sign_in_expired`, with `attemptMayLand`.
 *
 * @see https://better-auth.com/docs/plugins/2fa
 */
export function betterAuth(options: BetterAuthOptions): BetterAuthFlow {
  const { client, twoFactorMethods = ['totp'], otp = 'email_code', backupCodes = true } = options;
  const methods = twoFactorMethods.map((method) => (method === 'otp' ? otp : method));
  const strategies = backupCodes ? [...methods, 'backup_code'] : methods;
  return {
    ...challengeServices({
      id: options.id,
      factors: strategies.map((strategy) => ({ strategy })),
      async send(_, request) {
        const { status } = await ask(request, (call) => client.twoFactor.sendOtp(call));
        if (status !== true) throw new SecondFactorError('malformed_reply');
      },
      async verify({ strategy }, code, request) {
        // SAFETY: the factors are those of the server, and it has no other methods.
        const method = VERIFY[strategy as keyof typeof VERIFY];
        const trustDevice = request.trustDevice === true;
        const { user } = await ask(
          request,
          (call) => client.twoFactor[method]({ ...call, code, trustDevice }),
          method === 'verifyOtp',
        );
        // A page in place of an answer is no error to the client.
        if (!user) throw new SecondFactorError('malformed_reply');
      },
      async holdsSession(request) {
        const { session } = await ask(request, (call) => client.getSession(call));
        return session ? true : null;
      },
    }),
    toError: betterAuthToError,
  };
}

/**
 * Calls the client, which resolves with `{ data, error }`, and throws the error, with the wait that its
 * header told.
 *
 * @param sendsAgain - whether a new code can be had where the old one took too many attempts
 */
async function ask(
  { signal }: ServiceRequest,
  call: (options: BetterAuthCall) => Promise<unknown>,
  sendsAgain = true,
): Promise<Readonly<Record<string, unknown>>> {
  let retryAfter: string | null = null;
  const onResponse = ({ response }: { readonly response: Response }) => {
    retryAfter = response.headers.get('x-retry-after');
  };
  // Whatever the owner of the client has set for all calls: to send a wrong code again costs a try.
  const fetchOptions = { signal, onResponse, retry: 0, throw: false };
  const { data, error } = Object(await call({ fetchOptions }));
  if (!error) return Object(data);
  if (!sendsAgain && error.code === 'TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE') {
    throw new SecondFactorError('sign_in_expired', { cause: error });
  }
  throw { ...error, retryAfter };
}

/**
 * The codes of the plugin that concern a sign-in, by what they mean here.
 *
 * @see https://github.com/better-auth/better-auth/blob/main/packages/better-auth/src/plugins/two-factor/error-code.ts
 */
const CODES: ReadonlyMap<unknown, SecondFactorErrorCode> = new Map<unknown, SecondFactorErrorCode>([
  ['INVALID_CODE', 'code_incorrect'],
  ['INVALID_BACKUP_CODE', 'code_incorrect'],
  ['OTP_HAS_EXPIRED', 'code_expired'], // or none was sent
  ['TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE', 'attempts_exhausted'], // of an OTP; any other ends the sign-in
  ['ACCOUNT_TEMPORARILY_LOCKED', 'locked'],
  ['INVALID_TWO_FACTOR_COOKIE', 'sign_in_expired'],
  ['OTP_NOT_ENABLED', 'strategy_unavailable'],
  ['OTP_NOT_CONFIGURED', 'strategy_unavailable'],
  ['TOTP_NOT_ENABLED', 'strategy_unavailable'],
  ['TOTP_NOT_CONFIGURED', 'strategy_unavailable'],
  ['TWO_FACTOR_NOT_ENABLED', 'strategy_unavailable'],
  ['BACKUP_CODES_NOT_ENABLED', 'strategy_unavailable'],
  ['INVALID_ORIGIN', 'integration_fault'],
  ['MISSING_OR_NULL_ORIGIN', 'integration_fault'],
  ['VALIDATION_ERROR', 'integration_fault'],
]);

/** Reads what better-auth's client answers as `error`; the rest goes to `defaultToError`. */
export const betterAuthToError: ToError = (value, at) => {
  const code = CODES.get(Object(value).code);
  return code ? new SecondFactorError(code, { cause: value }) : defaultToError(value, at);
};
