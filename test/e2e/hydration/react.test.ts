import type { Browser, Page } from 'playwright-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSecondFactor } from '../../../src/index.ts';
import { DEFAULT_PASSWORD } from '../../../src/sandbox/index.ts';
import { guardPage, openBrowser, type PageGuard } from '../support/browser.ts';
import { type Bundles, bundleExample, openSite, type PageState, type Site } from './site.ts';

let browser: Browser;
let bundles: Bundles;
let site: Site;
let page: Page;
let guard: PageGuard;

beforeAll(async () => {
  [browser, bundles] = await Promise.all([openBrowser(), bundleExample()]);
});
beforeEach(async () => {
  site = await openSite();
  page = await browser.newPage();
  guard = guardPage(page, site.url);
});
afterEach(async () => {
  await page?.close();
  await site?.close();
});

const signIn = (identifier: string) =>
  site.sandbox.createSignIn({ identifier, password: DEFAULT_PASSWORD });
/** Serves the page of a flow as a server renders it, and opens it in the browser. */
async function open(state: PageState): Promise<void> {
  site.show({ state, html: bundles.render(state), script: bundles.script });
  await page.goto(site.url);
}
const hears = (text: string | RegExp) =>
  page.getByRole('status').filter({ hasText: text }).waitFor();

describe('the React example that a server rendered', () => {
  it('hydrates without a word, and sends one text message', async () => {
    await open({ signIn: await signIn('grace@example.com'), at: Date.now() });
    await hears(/^A code was sent/);
    await page.getByRole('button', { name: /^Send a new code in \d+ seconds$/ }).waitFor();
    expect(site.sandbox.requests.count('prepare')).toBe(1);
    await page.locator('input').fill(site.sandbox.inbox.code());
    await hears('Verified.');
    expect(guard.complaints).toEqual([]);
  });

  it('hydrates a countdown that went on meanwhile, and sends nothing', async () => {
    const resource = await signIn('grace@example.com');
    const services = site.sandbox.services(resource.id);
    const left = createSecondFactor({ signIn: resource, services });
    await left.prepareSecondFactor({ strategy: 'phone_code' });
    const resume = left.bookmark();
    left.stop();
    // It took the page five seconds to arrive.
    await open({ signIn: resource, resume, at: Date.now() - 5_000 });
    await page.getByRole('button', { name: /^Send a new code in (30|2\d) seconds$/ }).waitFor();
    await page.locator('input').fill(site.sandbox.inbox.code());
    await hears('Verified.');
    expect(site.sandbox.requests.count('prepare')).toBe(1);
    expect(guard.complaints).toEqual([]);
  });

  it('says what is wrong with an incomplete code, and takes the whole one', async () => {
    await open({ signIn: await signIn('ada@example.com'), at: Date.now() });
    const field = page.locator('input');
    await field.fill('12 3');
    await page.getByRole('button', { name: 'Continue' }).click();
    await hears('Enter all 6 digits.');
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    expect(await field.inputValue()).toBe('12 3');
    expect(await field.evaluate((element) => element.matches(':focus'))).toBe(true);
    expect(site.sandbox.requests.count('attempt')).toBe(0);
    await page.keyboard.type('4');
    await hears(/^Enter the 6-digit code/);
    await field.fill(site.sandbox.authenticator.code());
    await hears('Verified.');
    expect(guard.complaints).toEqual([]);
  });
});
