import { verifyAuthenticationResponse } from '@simplewebauthn/server';
import { createSandbox, DEFAULT_PASSWORD } from 'second-factor/sandbox';
import { serveSandbox } from 'second-factor/sandbox/server';
import { afterEach, describe, expect, it } from 'vitest';
import { openBrowser } from '../../e2e/support/browser.ts';
import { caller, servePage } from '../support/page.ts';
import { addAuthenticator } from '../support/virtual-authenticator.ts';
import type { api } from './vanilla-page.ts';

// The example without a framework, as it is, with proofs that nobody types.

const identifier = 'lin@example.com';
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** The page, for somebody who has a link of a mail and a passkey. */
async function open() {
  const sandbox = createSandbox({
    users: [{ identifier, emails: [{ address: identifier }], emailLink: true, passkeys: true }],
    passkeys: { verifyAuthenticationResponse },
  });
  const server = await serveSandbox({ sandbox });
  const site = await servePage(new URL('./vanilla-page.ts', import.meta.url));
  const context = await (await openBrowser()).newContext();
  closing.push(server.close, site.close, () => context.close());
  const page = await context.newPage();
  const authenticator = await addAuthenticator(page, sandbox.passkey);
  await page.goto(site.url);
  await page.waitForFunction(() => 'api' in window);
  await caller<typeof api>(page)('begin', server.url, identifier, DEFAULT_PASSWORD);
  return {
    sandbox,
    authenticator,
    code: page.locator('input'),
    submit: page.locator('[data-part=submit]'),
    choose: (name: string) => page.getByRole('button', { name, exact: true }).click(),
    hears: (text: string) => page.getByRole('status').filter({ hasText: text }).waitFor(),
  };
}

describe('the page without a framework', () => {
  it('waits for a link, without a field and without a button to submit', async () => {
    const { sandbox, choose, hears, code, submit } = await open();
    await choose('Email link to l*****@example.com');
    await hears('A link was sent to l*****@example.com.');
    expect(await code.isVisible()).toBe(false);
    expect(await submit.isVisible()).toBe(false);
    sandbox.openLink(sandbox.inbox.link());
    await hears('Verified.');
  });

  it('uses a passkey by a button, also after its prompt was dismissed', async () => {
    const { authenticator, choose, hears, code, submit } = await open();
    await authenticator.setUserVerified(false);
    await choose('Passkey');
    await hears('Your passkey can be used now.');
    expect(await code.isVisible()).toBe(false);
    await submit.click();
    await hears('That was not finished.');
    await authenticator.setUserVerified(true);
    await submit.click();
    await hears('Verified.');
  });
});
