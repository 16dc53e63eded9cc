import { verifyAuthenticationResponse } from '@simplewebauthn/server';
import {
  createSandbox,
  DEFAULT_PASSWORD,
  DEFAULT_USER,
  type SandboxPasskeyOptions,
} from 'second-factor/sandbox';
import { serveSandbox } from 'second-factor/sandbox/server';
import { afterEach, describe, expect, it } from 'vitest';
import { openBrowser } from '../../e2e/support/browser.ts';
import { caller, servePage } from '../support/page.ts';
import { addAuthenticator } from '../support/virtual-authenticator.ts';
import type { api } from './passkey-page.ts';

// A browser's own passkeys against the sandbox server. The authenticator is virtual (DevTools protocol,
// WebAuthn domain) and holds the key of the sandbox's user.

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A page with an authenticator, and a sign-in whose challenge is out. */
async function open(options: Partial<SandboxPasskeyOptions> = {}) {
  const sandbox = createSandbox({
    users: [{ ...DEFAULT_USER, passkeys: true }],
    passkeys: { verifyAuthenticationResponse, ...options },
  });
  const server = await serveSandbox({ sandbox });
  const site = await servePage(new URL('./passkey-page.ts', import.meta.url));
  const context = await (await openBrowser()).newContext();
  closing.push(server.close, site.close, () => context.close());

  const page = await context.newPage();
  const authenticator = await addAuthenticator(page, sandbox.passkey);
  await page.goto(site.url);
  await page.waitForFunction(() => 'api' in window);
  const call = caller<typeof api>(page);
  const begin = () => call('begin', server.url, DEFAULT_USER.identifier, DEFAULT_PASSWORD);
  return { sandbox, call, begin, id: await begin(), authenticator };
}

describe('a passkey in Chromium', () => {
  it('verifies a sign-in', async () => {
    const { call, sandbox, id } = await open();
    expect(await call('attempt')).toBe('complete');
    expect(sandbox.session(id)?.strategy).toBe('passkey');
  });

  it('costs nothing when its prompt is dismissed, and may be attempted again', async () => {
    const { call, authenticator, sandbox } = await open();
    await authenticator.setUserVerified(false);
    expect(await call('attempt')).toBe('proof_dismissed');
    expect(sandbox.requests.count('attempt')).toBe(0);
    await authenticator.setUserVerified(true);
    expect(await call('attempt')).toBe('complete');
    expect(sandbox.requests.count('prepare')).toBe(1);
  });

  it('is asked for no longer when the flow is cancelled', async () => {
    const { call, authenticator, sandbox } = await open();
    await authenticator.setPresent(false);
    const attempt = call('attempt'); // the prompt stays open
    await expect.poll(() => call('state')).toContain('attempting');
    await call('cancel');
    expect(await attempt).toBe('cancelled');
    expect(sandbox.requests.count('attempt')).toBe(0);
  });

  it('is refused from a page of another origin', async () => {
    const { call, id, sandbox } = await open({ origins: ['http://localhost:1'] });
    expect(await call('attempt')).toBe('strategy_unavailable');
    expect(sandbox.requests.latest('attempt')?.answer).toBe('passkey_authentication_failure');
    expect(sandbox.peek(id).status).toBe('needs_second_factor');
  });

  it('is not even asked for, where it is for another domain', async () => {
    const { call, sandbox } = await open({ rpId: 'example.com' });
    expect(await call('attempt')).toBe('server_error');
    expect(sandbox.requests.count('attempt')).toBe(0);
  });

  it('is refused with the answer to an older challenge', async () => {
    const { call, begin, sandbox } = await open();
    expect(await call('attempt')).toBe('complete');
    expect(await call('replay')).toBe('verification_already_verified');
    const id = await begin();
    expect(await call('replay')).toBe('passkey_authentication_failure');
    expect(sandbox.peek(id).status).toBe('needs_second_factor');
  });
});
