import { createAuthClient } from 'better-auth/client';
import { twoFactorClient } from 'better-auth/client/plugins';
import { createSecondFactor, type SecondFactorFlow } from 'second-factor';
import { type BetterAuthClient, betterAuth } from 'second-factor/better-auth';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { describeExamples } from '../support/doc-examples.ts';
import {
  type BetterAuthServer,
  openClient as openOther,
  signUp,
  startBetterAuth,
} from './support/better-auth.ts';
import { createCookieFetch } from './support/cookie-fetch.ts';
import { whereIs } from './support/tell.ts';

// The examples of docs/backends/better-auth.md, word for word, on a real server.

// example: open
function openClient(show: (flow: SecondFactorFlow) => void) {
  const client = createAuthClient({ plugins: [twoFactorClient({ onTwoFactorRedirect: begin })] });

  // The password was right, and this device is not trusted.
  function begin({ twoFactorMethods }: { twoFactorMethods?: string[] }) {
    show(createSecondFactor(betterAuth({ client, twoFactorMethods })));
  }
  return client;
}
// end

// example: mail
async function signInByMail(flow: SecondFactorFlow, ask: () => Promise<string>) {
  await flow.prepareSecondFactor({ strategy: 'email_code' }); // the server calls sendOTP
  const attempt = { strategy: 'email_code', code: await ask(), trustDevice: true };
  await flow.attemptSecondFactor(attempt); // from here on the client has its session
}
// end

// example: resume
function resume(client: BetterAuthClient, stored: string) {
  const { twoFactorMethods, bookmark } = JSON.parse(stored);
  return createSecondFactor({ ...betterAuth({ client, twoFactorMethods }), resume: bookmark });
}
// end

let server: BetterAuthServer;
const browser = createCookieFetch();
beforeAll(async () => {
  server = await startBetterAuth();
  vi.stubEnv('BETTER_AUTH_URL', server.proxy.url);
  vi.stubGlobal('fetch', browser.fetch);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  await server.close();
});

describe('the examples of docs/backends/better-auth.md', () => {
  it('sign somebody in, whose device is trusted then', async () => {
    const credentials = await signUp(server.proxy.url);
    const flows: SecondFactorFlow[] = [];
    const client = openClient((flow) => flows.push(flow));
    await client.signIn.email(credentials);
    const [flow] = flows;
    if (!flow) throw new Error('The sign-in has led to no flow.');
    await signInByMail(flow, async () => server.sent.at(-1) ?? '');
    expect((await client.getSession()).data?.user.email).toBe(credentials.email);
    await client.signOut();
    await client.signIn.email(credentials);
    expect(flows).toHaveLength(1);
  });

  it('go on after a reload of the page', async () => {
    const { email, password, totp } = await signUp(server.proxy.url);
    const client = openOther(server.proxy.url, browser);
    await client.signIn.email({ email, password });
    const twoFactorMethods = ['totp', 'otp'];
    const flow = createSecondFactor(betterAuth({ client, twoFactorMethods }));
    await flow.prepareSecondFactor({ strategy: 'email_code' });
    const stored = JSON.stringify({ twoFactorMethods, bookmark: flow.bookmark() });
    flow.stop();
    const resumed = resume(openOther(server.proxy.url, browser), stored);
    expect(whereIs(resumed)).toBe('prepared');
    await resumed.attemptSecondFactor({ strategy: 'totp', code: totp() });
    expect(whereIs(resumed)).toBe('complete');
  });
});

describeExamples(import.meta.url, 'backends/better-auth.md');
