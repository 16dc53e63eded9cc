import type { Page } from 'playwright-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSecondFactor } from '../../../src/index.ts';
import { DEFAULT_PASSWORD } from '../../../src/sandbox/index.ts';
import { guardPage, openContext, type PageGuard, until } from '../support/browser.ts';
import { StoppedClock } from '../support/clock.ts';
import { openSite, type Site } from '../support/site.ts';
import { type Bundles, bundleExample, documentOf, type PageState } from './bundle.ts';

let bundles: Bundles;
let clock: StoppedClock;
let site: Site;
let page: Page;
let guard: PageGuard;
/** The page as the server rendered it. */
let html: string;

beforeAll(async () => {
  bundles = await bundleExample();
});
beforeEach(async () => {
  clock = new StoppedClock();
  site = await openSite({ clock, send });
  page = await (await openContext(clock)).newPage();
  guard = guardPage(page, site.url);
});
afterEach(async () => {
  await page?.context().close();
  await site?.close();
});

function send(pathname: string): Response {
  const isScript = pathname === '/page.js';
  const type = isScript ? 'text/javascript' : 'text/html; charset=utf-8';
  return new Response(isScript ? bundles.script : html, { headers: { 'content-type': type } });
}

const signIn = (identifier: string) =>
  site.sandbox.createSignIn({ identifier, password: DEFAULT_PASSWORD });
/** Serves the page of a flow as a server renders it, and opens it in the browser. */
async function open(state: PageState): Promise<void> {
  html = documentOf({ state, html: bundles.render(state) });
  await page.goto(site.url);
}
const hears = (text: string | RegExp) =>
  page.getByRole('status').filter({ hasText: text }).waitFor();

describe('the React example that a server rendered', () => {
  it('hydrates without a word, and sends one text message', async () => {
    await open({ signIn: await signIn('grace@example.com'), at: clock.now() });
    await hears(/^A code was sent/);
    await page.getByRole('button', { name: 'Send a new code in 30 seconds' }).waitFor();
    expect(site.sandbox.requests.count('prepare')).toBe(1);
    await page.locator('input').fill(site.sandbox.inbox.code());
    await hears('Verified.');
    expect(guard.complaints).toEqual([]);
  });

  it('hydrates a countdown that went on meanwhile, and sends nothing', async () => {
    const resource = await signIn('grace@example.com');
    const services = site.sandbox.services(resource.id);
    const now = () => clock.now();
    const left = createSecondFactor({ signIn: resource, services, now });
    await left.prepareSecondFactor({ strategy: 'phone_code' });
    const resume = left.bookmark();
    left.stop();
    const at = clock.now();
    await clock.pass(5_000); // until the page has arrived
    await open({ signIn: resource, resume, at });
    await page.getByRole('button', { name: 'Send a new code in 25 seconds' }).waitFor();
    await page.locator('input').fill(site.sandbox.inbox.code());
    await hears('Verified.');
    expect(site.sandbox.requests.count('prepare')).toBe(1);
    expect(guard.complaints).toEqual([]);
  });

  it('says what is wrong with an incomplete code, and takes the whole one', async () => {
    await open({ signIn: await signIn('ada@example.com'), at: clock.now() });
    const field = page.locator('input');
    await field.fill('12 3');
    await page.getByRole('button', { name: 'Continue' }).click();
    await hears('Enter all 6 digits.');
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    expect(await field.inputValue()).toBe('12 3');
    await until('it has focus', () => field.evaluate((element) => element.matches(':focus')));
    expect(site.sandbox.requests.count('attempt')).toBe(0);
    await page.keyboard.type('4');
    await hears(/^Enter the 6-digit code/);
    await field.fill(site.sandbox.authenticator.code());
    await hears('Verified.');
    expect(guard.complaints).toEqual([]);
  });
});
