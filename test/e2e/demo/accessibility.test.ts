import type { Page, Route } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { axeFinds } from '../support/axe.ts';
import { oneVisitor } from './one-visitor.ts';
import type { Visit } from './visit.ts';

const PHONE = { width: 360, height: 800 };
const DESKTOP = { width: 1280, height: 800 };

const here = oneVisitor();

async function open(): Promise<Visit> {
  await here.visitor.startAfresh();
  return here.visitor;
}

/** Keeps requests waiting until they are let go on, or lost. */
async function hold(page: Page, pattern: string) {
  const waiting: Route[] = [];
  let isOver = false;
  const keep = (route: Route) => {
    if (isOver) void route.continue();
    else waiting.push(route);
  };
  await page.route(pattern, keep);
  return async (settle: (route: Route) => Promise<void>) => {
    isOver = true;
    for (const route of waiting.splice(0)) await settle(route);
    await page.unroute(pattern, keep);
  };
}

/** Looks at a page on a phone as it is there, and as it is where there is room. */
async function expectSound(page: Page): Promise<void> {
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBe(0);
  await page.setViewportSize(DESKTOP);
  expect(await axeFinds(page)).toEqual([]);
  await page.setViewportSize(PHONE);
}

it('is sound in every state, also on a phone', async () => {
  const one = await open();
  const { page, reaches } = one;
  const sound = () => expectSound(page);
  await page.setViewportSize(PHONE);
  await sound();
  await page.getByLabel('Password').fill('not the password');
  await one.press('Continue');
  await page.getByText('Password is incorrect').waitFor();
  await sound();
  await page.getByLabel('Password').fill('correct horse battery staple');
  await one.signIn();
  await reaches('needs_second_factor');
  await page.getByText('Backup codes', { exact: true }).click();
  await page.getByText('Use an app of your own').click();
  await sound();

  let release = await hold(page, '**/prepare_second_factor');
  await one.choose('Text message to .*00$');
  await reaches('preparing');
  await sound();
  await release((route) => route.abort());
  await reaches('failed.not_sent');
  await sound();
  await one.press('30 seconds');
  await one.resend.click();
  await reaches('prepared');
  await sound();

  release = await hold(page, '**/attempt_second_factor');
  await one.press('A wrong code');
  await reaches('attempting.sending');
  await sound();
  const answer = await hold(page, '**/v1/client/sign_ins/sia_*');
  await release((route) => route.abort());
  await reaches('attempting.reconciling');
  await sound();
  await answer((route) => route.abort());
  await reaches('failed.outcome_unknown');
  await sound();

  await one.press('A wrong code');
  await reaches('failed.code_rejected');
  await sound();
  await one.press('10 minutes');
  // The phone beside it may know earlier; until the flow does, the same code is not sent again.
  await one.status.filter({ hasText: 'expired' }).waitFor();
  await one.press('A wrong code');
  await reaches('failed.code_spent');
  await sound();

  await one.choose('Authenticator app');
  await reaches('needs_second_factor');
  await one.spendTries();
  await one.press('A wrong code');
  await reaches('failed.throttled');
  await sound();

  await one.press('Cancel');
  await reaches('halted');
  await sound();
  await one.press('Start all over');
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await one.signIn();
  await reaches('needs_second_factor');
  await one.type((await one.world()).authenticator.code);
  await reaches('complete');
  await sound();
});

describe('by keyboard alone', () => {
  it('goes from the password to the session and out again', async () => {
    const { page, reaches, newestCode, code } = await open();
    const focused = () =>
      page.evaluate(() => document.activeElement?.textContent || document.activeElement?.id || '');
    const tabTo = async (text: string) => {
      for (let tries = 0; tries < 20 && !(await focused()).startsWith(text); tries += 1) {
        await page.keyboard.press('Tab');
      }
      expect(await focused()).toContain(text);
    };

    await tabTo('password');
    await page.keyboard.press('Enter');
    await reaches('needs_second_factor');
    expect(await code.evaluate((field) => field === document.activeElement)).toBe(true);

    await tabTo('Text message to +1********00');
    await page.keyboard.press('Space');
    await reaches('prepared');
    expect(await code.evaluate((field) => field === document.activeElement)).toBe(true);

    await page.keyboard.type(await newestCode());
    await reaches('complete');
    expect(await focused()).toBe('Verified.');

    await tabTo('Sign out');
    await page.keyboard.press('Enter');
    expect(await focused()).toBe('identifier');
  });

  it('reaches every control of the page', async () => {
    const { page, signIn, choose, reaches } = await open();
    await signIn();
    await choose('Text message to .*00$');
    await reaches('prepared');
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());

    const all = await page.evaluate(
      () =>
        // Of a list of tabs the Tab key reaches one, the arrow keys the others.
        [...document.querySelectorAll('a, button, input, summary, [tabindex="0"]')].filter(
          (control) => control.checkVisibility() && !control.matches(':disabled, [tabindex="-1"]'),
        ).length,
    );
    const seen = new Set<number | boolean | undefined>();
    for (let tries = 0; tries < all + 5; tries += 1) {
      await page.keyboard.press('Tab');
      const [index, hasRing] = await page.evaluate(() => {
        const focused = document.activeElement;
        if (!focused || focused === document.body) return [-1, true]; // the browser's own controls
        const hasOutline = getComputedStyle(focused).outlineStyle !== 'none';
        return [[...document.querySelectorAll('*')].indexOf(focused), hasOutline];
      });
      expect(hasRing).toBe(true);
      if (index !== -1) seen.add(index);
    }
    expect(seen.size).toBe(all);
  });
});

describe('for those who look and listen', () => {
  it('has one live region for the sign-in, and it says each step once', async () => {
    const { page, resend, signIn, choose, reaches, pass } = await open();
    const live = page.locator('[aria-live]:not([aria-live="off"]), [role=status], [role=alert]');
    expect(await live.evaluateAll((all) => all.map(({ id }) => id))).toEqual([
      'second-factor-status',
      'code-copied', // which speaks only when its button was pressed
    ]);
    await signIn();
    await page.evaluate(() => {
      const status = document.querySelector('[role=status]');
      const said: string[] = [];
      Object.assign(window, { said });
      new MutationObserver(() => said.push(status?.textContent ?? '')).observe(status as Node, {
        childList: true,
        characterData: true,
        subtree: true,
      });
    });

    await choose('Text message to .*00$');
    await reaches('prepared');
    await pass(1_000);
    await resend.filter({ hasText: '29 seconds' }).waitFor();

    expect(await page.evaluate(() => (window as unknown as { said: string[] }).said)).toEqual([
      'Sending a code to +1********00…',
      'A code was sent to +1********00. Enter it here.',
    ]);
  });

  it('does not move the code field from step to step', async () => {
    const { code, signIn, choose, press, reaches } = await open();
    await signIn();
    await reaches('needs_second_factor');
    const at = () => code.evaluate((field) => field.getBoundingClientRect().y + window.scrollY);
    const start = await at();

    await choose('Text message to .*00$');
    await reaches('prepared');
    expect(await at()).toBe(start);
    await press('A wrong code');
    await reaches('failed.code_rejected');
    expect(await at()).toBe(start);
  });
});
