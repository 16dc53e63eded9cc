import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { FRAMEWORKS } from '../../../docs/demo/frameworks.ts';
import { axeFinds } from '../support/axe.ts';
import { oneVisitor } from './one-visitor.ts';

const here = oneVisitor();

/** The form that is shown: that of a framework in its frame, or the page's own. */
function formIn(page: Page, id: string) {
  return id ? page.frameLocator('#framed iframe').locator('main') : page.locator('#sign-in');
}

const tab = (page: Page, name: string) => page.getByRole('tab', { name, exact: true });

/** Opens the demo and chooses a framework, whose form comes up by itself. */
async function choose(name: string) {
  await here.visitor.startAfresh();
  if (name === 'No framework') await here.visitor.signIn();
  return switchTo(name);
}

async function switchTo(name: string) {
  const { page } = here.visitor;
  await tab(page, name).click();
  const id = FRAMEWORKS.find((one) => one.name === name)?.id ?? '';
  const form = formIn(page, id);
  const code = form.locator('#second-factor-code');
  await code.waitFor();
  return {
    ...here.visitor,
    form,
    code,
    press: (button: RegExp) => form.getByRole('button', { name: button }).click(),
    async type(text: string) {
      await code.fill('');
      await code.pressSequentially(text);
    },
  };
}

describe('a flow that is under way', () => {
  it('goes on in every framework, with one message and one attempt', async () => {
    const { press, reaches, newestCode, page, world } = await choose('No framework');
    await reaches('needs_second_factor');
    await press(/^Text message to .*00$/);
    await reaches('prepared');

    for (const { name, file } of FRAMEWORKS.slice(1)) {
      const { form } = await switchTo(name);
      await form.getByText('A code was sent').waitFor();
      await reaches('prepared'); // by its form as by the diagram
      // The code beside it is that of the file.
      const text = await readFile(new URL(`../../../${file}`, import.meta.url), 'utf8');
      expect(await page.locator('#code').textContent()).toBe(text);
    }
    const { type } = await switchTo('Vue');
    await type(await newestCode());

    await reaches('complete');
    await page.getByRole('heading', { name: 'You are signed in' }).waitFor();
    expect(await page.locator('#second-factor-status').textContent()).toBe('Verified.');
    expect((await world()).requests).toMatchObject({
      create: 1,
      prepare: 1,
      attempt: 1,
      reload: 0,
    });
  });

  it('is in the same framework after a reload', async () => {
    const { press, reaches, page, world } = await choose('Solid');
    await press(/^Text message to .*00$/);
    await reaches('prepared');
    expect(page.url()).toContain('?framework=solid');

    await page.reload();

    await reaches('prepared');
    expect(await tab(page, 'Solid').getAttribute('aria-selected')).toBe('true');
    await formIn(page, 'solid').getByText('A code was sent').waitFor();
    expect((await world()).requests).toMatchObject({ create: 1, prepare: 1 });
  });

  it('has its end said again after a reload', async () => {
    const { page, type, reaches } = await choose('Solid');
    await type((await here.visitor.world()).authenticator.code);
    await reaches('complete');

    await page.reload();

    const status = page.locator('#second-factor-status');
    await status.filter({ hasText: 'Verified.' }).waitFor();
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.textContent))
      .toBe('Verified.');
    expect(await page.locator('#framed iframe').count()).toBe(0);
  });

  it('takes what the devices beside it type', async () => {
    const { page, press, reaches } = await choose('React');
    await press(/^Email/);
    await reaches('prepared');

    await page.getByRole('button', { name: /^Type it: the code sent at/ }).click();

    await reaches('complete');
  });

  it('lives by the clock of the demo', async () => {
    const { page, press, reaches, form } = await choose('Preact');
    await press(/^Text message to .*00$/);
    await reaches('prepared');
    const resend = form.locator('#second-factor-resend');
    expect(await resend.textContent()).toMatch(/in 30 seconds/);

    await page.getByRole('button', { name: '30 seconds' }).click();
    await form.getByRole('button', { name: 'Send a new code', exact: true }).click();

    await reaches('prepared');
    expect(await resend.textContent()).toMatch(/in 30 seconds/);
  });

  it('ends in the page around it', async () => {
    const { page, press, reaches } = await choose('Angular');

    await press(/^Cancel/);
    await reaches('halted');

    await page.getByRole('button', { name: 'Start again' }).click();
    await page.getByLabel('Password').waitFor();
  });
});

describe('the tabs', () => {
  it('are moved between by the arrow keys, and chosen by Enter', async () => {
    await here.visitor.startAfresh();
    const { page, reaches } = here.visitor;
    const focused = () => page.evaluate(() => document.activeElement?.textContent);
    await tab(page, 'No framework').focus();

    for (const [key, name] of [
      ['ArrowLeft', 'Angular'],
      ['ArrowRight', 'No framework'],
      ['End', 'Angular'],
      ['Home', 'No framework'],
      ['ArrowRight', 'React'],
    ] as const) {
      await page.keyboard.press(key);
      expect(await focused()).toBe(name);
    }
    expect(await page.locator('#framed iframe').count()).toBe(0); // nothing comes up in passing
    await page.keyboard.press('Enter');
    await reaches('needs_second_factor');

    // The form that has come up leaves the focus where it is.
    await formIn(page, 'react').locator('#second-factor-code').waitFor();
    expect(await focused()).toBe('React');
    expect(await page.getByRole('tabpanel', { name: 'React' }).count()).toBe(1);
    expect(await page.locator('[role=tab][tabindex="0"]').allTextContents()).toEqual(['React']);
    await page.keyboard.press('Tab'); // the link to the code
    await page.keyboard.press('Tab'); // the field in the frame
    await page.keyboard.type((await here.visitor.world()).authenticator.code);
    await reaches('complete');
    expect(await focused()).toBe('Verified.');
  });

  it('show a code that can be copied, and say so', async () => {
    const { page } = await choose('Vue');
    const shown = await page.locator('#code').textContent();

    await page.getByRole('button', { name: 'Copy' }).click();

    await page.getByRole('status').getByText('Copied.').waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(shown);
  });

  it('have no violation in light and in dark, also in the frame', async () => {
    const { page, press, reaches } = await choose('React');
    await press(/^Text message to .*00$/);
    await reaches('prepared');

    expect(await axeFinds(page)).toEqual([]);
  });

  it('fit on a phone', async () => {
    const { page, form, press, reaches } = await choose('Svelte');
    await press(/^Text message to .*00$/);
    await reaches('prepared');
    await page.setViewportSize({ width: 360, height: 800 });
    const overflow = () =>
      document.documentElement.scrollWidth - document.documentElement.clientWidth;

    expect(await page.evaluate(overflow)).toBe(0);
    expect(await form.evaluate(overflow)).toBe(0);
  });
});
