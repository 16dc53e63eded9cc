// Takes the pictures of the documentation: `node scripts/images.mjs`.
import { join } from 'node:path';
import { beforeAll, describe, it } from 'vitest';
import { eventually, type Harness, openHarness, viewerFrame } from './harness.ts';

const folder = process.env.IMAGES ?? '';

describe('a picture', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await openHarness();
  }, 60_000);

  it.each([
    { name: 'viewer-light', width: 1280, height: 800, colorScheme: 'light' },
    { name: 'viewer-dark', width: 1280, height: 800, colorScheme: 'dark' },
    { name: 'viewer-narrow', width: 390, height: 844, colorScheme: 'light' },
  ] as const)('is taken: $name', async ({ name, ...options }) => {
    const { page } = await harness.open(options);
    await page.evaluate(() => window.host.start('viewer'));
    const frame = await viewerFrame(page);
    await page.evaluate(() => window.host.prepare('phone_code'));
    await page.evaluate(() => window.host.attempt('phone_code', '000000'));
    await eventually(() => frame.locator('.row.traced').count()).toBeGreaterThan(0);
    // The arrow flows for a while, and the chart scrolls to where things happen.
    await page.waitForTimeout(2_500);
    await page.screenshot({ path: join(folder, `${name}.png`) });
  });

  it('is taken: viewer-other, of a machine of somebody else', async () => {
    const { page } = await harness.open({ width: 1280, height: 800 });
    await page.evaluate(() => window.host.startOther('viewer', 'editor'));
    const frame = await viewerFrame(page);
    await frame.waitForSelector('.state.active');
    for (const type of ['TYPE', 'BOLD', 'HIDE', 'TYPE', 'TYPE', 'LOSE', 'REVIEW', 'APPROVE']) {
      await page.evaluate((sent) => window.host.send(sent), type);
    }
    await eventually(() => frame.locator('.row.traced').count()).toBeGreaterThan(0);
    await page.waitForTimeout(2_500);
    await page.screenshot({ path: join(folder, 'viewer-other.png') });
  });
});
