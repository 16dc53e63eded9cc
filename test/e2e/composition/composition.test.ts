import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSite } from '../examples/site.ts';
import { launchBrowser } from '../support/browser.ts';
import { buildPages } from './build-pages.ts';

/** Those that spell the end of a composition in a way of their own. */
const FRAMEWORKS = ['vue', 'preact'];

let browser: Browser;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'second-factor-composition-'));
  [browser] = await Promise.all([launchBrowser(), buildPages(FRAMEWORKS, folder)]);
});
afterAll(async () => {
  await browser?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});

describe.each(FRAMEWORKS)('the code field of the %s page', (framework) => {
  it('submits nothing in the middle of a composition, and the code at its end', async () => {
    const site = await openSite(folder);
    const page = await browser.newPage();
    try {
      await page.goto(`${site.url}/${framework}/`);
      await page.locator('input').click();
      const inputMethod = await page.context().newCDPSession(page);
      const text = site.sandbox.authenticator.code();
      const end = text.length;
      await inputMethod.send('Input.imeSetComposition', {
        text,
        selectionStart: end,
        selectionEnd: end,
      });
      expect(await page.locator('input').inputValue()).toBe(text);
      await page.waitForTimeout(100);
      expect(site.sandbox.requests.count('attempt')).toBe(0);
      await inputMethod.send('Input.insertText', { text });
      await page.getByRole('status').filter({ hasText: 'Verified.' }).waitFor();
      expect(site.sandbox.requests.count('attempt')).toBe(1);
    } finally {
      await page.close();
      await site.close();
    }
  });
});
