import { createAuthClient } from 'better-auth/client';
import { twoFactorClient } from 'better-auth/client/plugins';
import { createSecondFactor, type SecondFactorFlow } from 'second-factor';
import { betterAuth } from 'second-factor/better-auth';
import { afterAll, expect, it, vi } from 'vitest';
import { describeExamples } from '../support/doc-examples.ts';
import { signUp, startBetterAuth } from './support/better-auth.ts';
import { createCookieFetch } from './support/cookie-fetch.ts';
import { tell } from './support/tell.ts';

// The README's example of a real backend, word for word.

const server = await startBetterAuth();
const { email, password, totp } = await signUp(server.proxy.url);
vi.stubEnv('BETTER_AUTH_URL', server.proxy.url);
vi.stubGlobal('fetch', createCookieFetch().fetch);
afterAll(() => server.close());

const shown: SecondFactorFlow[] = [];
const showForm = (flow: SecondFactorFlow) => {
  shown.push(flow);
};

// example: betterAuth
const client = createAuthClient({
  plugins: [
    twoFactorClient({
      onTwoFactorRedirect({ twoFactorMethods }) {
        showForm(createSecondFactor(betterAuth({ client, twoFactorMethods }))); // your page's form
      },
    }),
  ],
});
await client.signIn.email({ email, password });
// end

it('shows a form, whose flow signs somebody in', async () => {
  const [flow] = shown;
  if (!flow) throw new Error('No form was shown.');
  const attempt = flow.attemptSecondFactor({ strategy: 'totp', code: totp() });
  expect(await tell(flow, attempt)).toBe('ok @ complete');
  expect((await client.getSession()).data?.user.email).toBe(email);
});

describeExamples(import.meta.url, '../README.md');
