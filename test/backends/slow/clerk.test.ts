import { verifyAuthenticationResponse } from '@simplewebauthn/server';
import {
  createSandbox,
  DEFAULT_PASSWORD,
  DEFAULT_USER,
  type SandboxOptions,
} from 'second-factor/sandbox';
import { serveSandbox } from 'second-factor/sandbox/server';
import { afterEach, describe, expect, it } from 'vitest';
import { openBrowser } from '../../e2e/support/browser.ts';
import { PUBLISHABLE_KEY } from '../support/clerk.ts';
import { caller, servePage } from '../support/page.ts';
import { addAuthenticator } from '../support/virtual-authenticator.ts';
import type { api, Way } from './clerk-page.ts';

// The real clerk-js in Chromium, on the sandbox server as it is: cookies, another port than the page's.

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A page in which clerk-js is loaded and has signed in with a password. */
async function open(options: SandboxOptions = {}, way: Way = 'both') {
  const server = await serveSandbox({ sandbox: createSandbox(options) });
  const site = await servePage(new URL('./clerk-page.ts', import.meta.url));
  const context = await (await openBrowser()).newContext();
  closing.push(server.close, site.close, () => context.close());
  const page = await context.newPage();
  // clerk-js takes a browser that is driven by a program for offline, and for one without passkeys.
  await page.addInitScript(() => Object.defineProperty(navigator, 'webdriver', { value: false }));
  const call = caller<typeof api>(page);
  const visit = async () => {
    await page.goto(site.url);
    await page.waitForFunction(() => 'api' in window);
    // The same site as the page's, so that the browser keeps the cookie: ports do not count.
    await call('load', PUBLISHABLE_KEY, server.url.replace('127.0.0.1', 'localhost'));
  };
  await visit();
  await call('begin', DEFAULT_USER.identifier, DEFAULT_PASSWORD, way);
  return { sandbox: server.sandbox, context, page, call, visit };
}

describe.each<Way>(['the resource as it is', 'classic', 'future', 'both'])(
  'clerk-js in Chromium, by way of: %s',
  (way) => {
    it('signs in, and stays signed in', async () => {
      const { call, visit, sandbox } = await open({}, way);
      expect(await call('prepare', 'phone_code', 'idn_phone_1')).toBe('needs_second_factor');
      expect(await call('attempt', 'phone_code', sandbox.inbox.code())).toBe('complete');
      const signedIn = { session: 'sess_1', user: 'user_1' };
      expect(await call('activate')).toEqual(signedIn);
      await visit();
      expect(await call('whoIsHere')).toEqual(signedIn);
    });

    it('is told that a code was wrong, and goes on', async () => {
      const { call, sandbox } = await open({}, way);
      const code = sandbox.authenticator.code();
      expect(await call('attempt', 'totp', code === '000000' ? '000001' : '000000')).toBe(
        'code_incorrect',
      );
      expect(await call('attempt', 'totp', sandbox.authenticator.code())).toBe('complete');
    });

    it('completes where the answer was lost, if that can be looked up', async () => {
      const { call, sandbox } = await open({}, way);
      sandbox.faults.next('attempt', { dropReply: true });
      expect(await call('attempt', 'totp', sandbox.authenticator.code())).toBe(
        way === 'future' ? 'network' : 'complete',
      );
      expect(sandbox.requests.count('attempt')).toBe(1);
    });
  },
);

describe.each<Way>(['classic', 'future', 'both'])('a passkey, by way of: %s', (way) => {
  it('is used after its prompt was dismissed once', async () => {
    const { call, page, sandbox } = await open(
      {
        users: [{ ...DEFAULT_USER, passkeys: true }],
        passkeys: { verifyAuthenticationResponse },
      },
      way,
    );
    const authenticator = await addAuthenticator(page, sandbox.passkey);
    await authenticator.setUserVerified(false);
    expect(await call('attempt', 'passkey')).toBe('proof_dismissed');
    expect(await call('state')).toBe('{"failed":"not_sent"}');
    expect(sandbox.requests.count('attempt')).toBe(0);
    await authenticator.setUserVerified(true);
    expect(await call('attempt', 'passkey')).toBe('complete');
  });
});

describe('clerk-js in Chromium', () => {
  it('sends to the phone that was chosen', async () => {
    const { call, sandbox } = await open();
    await call('prepare', 'phone_code', 'idn_phone_2');
    expect(sandbox.inbox.latest()?.to).toBe('+15555550101');
    expect(await call('attempt', 'phone_code', sandbox.inbox.code())).toBe('complete');
  });

  it('goes on after a reload of the page, and sends nothing', async () => {
    const { call, visit, sandbox } = await open();
    await call('prepare', 'phone_code');
    const bookmark = await call('bookmark');
    await visit();
    expect(await call('resume', bookmark)).toBe('prepared');
    expect(await call('attempt', 'phone_code', sandbox.inbox.code())).toBe('complete');
    expect(sandbox.inbox.messages).toHaveLength(1);
  });

  it('verifies somebody anew who is signed in, and signs out', async () => {
    const { call, sandbox, visit } = await open();
    await call('attempt', 'totp', sandbox.authenticator.code());
    await call('activate');
    await call('startStepUp');
    expect(await call('prepare', 'phone_code')).toBe('needs_second_factor');
    expect(await call('attempt', 'phone_code', sandbox.inbox.code())).toBe('complete');
    await call('signOut');
    await visit();
    expect(await call('whoIsHere')).toEqual({ session: null, user: null });
  });

  it('verifies somebody anew by a passkey', async () => {
    const { call, page, sandbox } = await open({
      users: [{ ...DEFAULT_USER, passkeys: true }],
      passkeys: { verifyAuthenticationResponse },
    });
    await call('attempt', 'totp', sandbox.authenticator.code());
    await call('activate');
    await call('startStepUp');
    await addAuthenticator(page, sandbox.passkey);
    expect(await call('attempt', 'passkey')).toBe('complete');
  });

  it('completes once a link was opened in another tab', async () => {
    const { call, sandbox, context } = await open({
      users: [{ ...DEFAULT_USER, emailLink: true }],
    });
    expect(await call('prepare', 'email_link')).toBe('needs_second_factor');
    const other = await context.newPage();
    await other.goto(sandbox.inbox.link());
    expect(new URL(other.url()).searchParams.get('__clerk_status')).toBe('verified');
    await expect.poll(() => call('state'), { timeout: 20_000 }).toBe('"complete"');
  });
});
