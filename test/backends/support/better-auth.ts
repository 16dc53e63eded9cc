import { createServer, type RequestListener } from 'node:http';
import { type BetterAuthOptions, betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { createAuthClient } from 'better-auth/client';
import { twoFactorClient } from 'better-auth/client/plugins';
import { toNodeHandler } from 'better-auth/node';
import { twoFactor } from 'better-auth/plugins';
import { URI } from 'otpauth';
import { createCookieFetch } from './cookie-fetch.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';

const PASSWORD = 'correct horse battery staple';

/** A real better-auth server with its data in memory, behind a proxy. */
export interface BetterAuthServer {
  readonly proxy: FaultProxy;
  /** The codes that were sent, oldest first. */
  readonly sent: readonly string[];
  close(): Promise<void>;
}

/** Somebody with an authenticator and backup codes, who is signed out. */
export interface BetterAuthUser {
  readonly email: string;
  readonly password: string;
  readonly backupCodes: readonly string[];
  /** The code that the authenticator shows now. */
  totp(): string;
}

/** Starts a server with the `twoFactor` plugin on the loopback interface. */
export async function startBetterAuth(
  options: Pick<BetterAuthOptions, 'rateLimit'> = {},
): Promise<BetterAuthServer> {
  const sent: string[] = [];
  let handler: RequestListener = () => {};
  const server = createServer((request, response) => handler(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('The server has no port.');
  const proxy = await startFaultProxy(`http://127.0.0.1:${address.port}`);
  const auth = betterAuth({
    baseURL: proxy.url,
    trustedOrigins: [proxy.url],
    secret: 'for tests on the loopback interface alone',
    telemetry: { enabled: false },
    logger: { disabled: true },
    rateLimit: { enabled: false },
    emailAndPassword: {
      enabled: true,
      // A hash that protects passwords takes most of the time of such a test.
      password: {
        hash: async (password) => password,
        verify: async ({ hash, password }) => hash === password,
      },
    },
    database: memoryAdapter({
      user: [],
      session: [],
      account: [],
      verification: [],
      twoFactor: [],
      rateLimit: [],
    }),
    plugins: [
      twoFactor({
        otpOptions: {
          sendOTP: async ({ otp }) => {
            sent.push(otp);
          },
        },
      }),
    ],
    ...options,
  });
  handler = toNodeHandler(auth);
  return {
    proxy,
    sent,
    async close() {
      await proxy.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/**
 * Makes a client as a browser has it.
 *
 * @param browser - keeps the cookies: the same one is the same browser, after a reload too
 */
export function openClient(baseURL: string, browser = createCookieFetch()) {
  return createAuthClient({
    baseURL,
    fetchOptions: { customFetchImpl: browser.fetch },
    plugins: [twoFactorClient()],
  });
}

/** Signs somebody up who has an authenticator from now on. */
export async function signUp(baseURL: string): Promise<BetterAuthUser> {
  const client = openClient(baseURL);
  const email = `${crypto.randomUUID()}@example.com`;
  await client.signUp.email({ email, password: PASSWORD, name: 'Ada' });
  const { data } = await client.twoFactor.enable({ password: PASSWORD });
  if (data?.method !== 'totp') throw new Error('better-auth has made no authenticator.');
  const authenticator = URI.parse(data.totpURI);
  const totp = () => authenticator.generate();
  await client.twoFactor.verifyTotp({ code: totp() });
  return { email, password: PASSWORD, backupCodes: data.backupCodes, totp };
}
