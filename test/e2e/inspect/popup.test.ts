import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { eventually, type Harness, lit, openHarness } from './harness.ts';
import type { Way } from './host.ts';

let harness: Harness;

beforeAll(async () => {
  harness = await openHarness();
}, 60_000);

/** A flow that is inspected in a window of its own. */
async function popped(way: Way) {
  const { page, problems } = await harness.open();
  const [popup] = await Promise.all([
    page.waitForEvent('popup'),
    page.evaluate((chosen) => window.host.startInWindow(chosen), way),
  ]);
  await popup.waitForSelector('.state.active');
  return { page, popup, problems };
}

const state = (page: Page) => page.evaluate(() => window.host.state());
const log = (viewer: Page) => viewer.locator('#log').innerText();

/** The requests to drive the actor that a window can send, in the words of both protocols. */
const ATTACK = `for (let n = 0; n < 99; n++) {
  const event = { name: 'CANCEL', data: { type: 'CANCEL' }, origin: 'x:' + n };
  target.postMessage({ type: 'second-factor.send', sessionId: 'x:' + n, event: { type: 'CANCEL' } }, '*');
  target.postMessage({ type: 'xstate.event', event: JSON.stringify(event) }, '*');
}
target.postMessage({ type: '@statelyai.connected' }, '*');
target.postMessage({ type: 'xstate.inspecting' }, '*');
target.postMessage('the end of an attack', '*');`;

describe.each<Way>(['viewer', 'stately', 'xstate'])('a window of %s', (way) => {
  it('shows the flow and drives it', async () => {
    const { page, popup, problems } = await popped(way);
    await popup.locator('#offers').getByText('SELECT phone_code/idn_phone_1').click();
    await popup.locator('.row[data-now="accepted"]', { hasText: 'PREPARE' }).first().click();
    await eventually(() => state(page)).toBe('"prepared"');
    await eventually(() => lit(popup.mainFrame())).toContain('secondFactor.prepared');
    expect(problems).toEqual([]);
  });

  it('may be closed in the middle, and the flow goes on', async () => {
    const { page, popup, problems } = await popped(way);
    await page.evaluate(() => window.host.prepare('phone_code'));
    await popup.close();
    expect(await page.evaluate(() => window.host.attempt('totp', window.host.totp()))).toBe('ok');
    expect(problems).toEqual([]);
  });

  it('hears neither another window, nor the same window once it shows another page', async () => {
    const { page, popup } = await popped(way);
    // One that the page opened itself, of the same origin.
    await page.evaluate((attack) => {
      const other = window.open('about:blank', 'other');
      const script = other?.document.createElement('script');
      if (!other || !script) return;
      script.textContent = `{ const target = opener; ${attack} }`;
      other.document.body.append(script);
    }, ATTACK);
    // The viewer's window, gone to another origin; it still has its opener.
    const elsewhere = harness.origin.replace('127.0.0.1', 'localhost');
    await popup.evaluate((url) => {
      location.href = url;
    }, `${elsewhere}/host.html`);
    await popup.waitForURL(`${elsewhere}/**`);
    await popup.evaluate((attack) => new Function('target', attack)(window.opener), ATTACK);
    await eventually(() => page.evaluate(() => window.host.attacks())).toBe(2);
    expect(await state(page)).toBe('"needs_second_factor"');
  });
});

describe.each<Way>(['viewer', 'xstate'])('a window of %s that is opened again', (way) => {
  it('gets everything once, and then what happens', async () => {
    const { page, popup } = await popped(way);
    await popup.close();
    await page.evaluate(() => window.host.prepare('phone_code'));
    const [again] = await Promise.all([
      page.waitForEvent('popup'),
      page.evaluate(() => window.host.openAgain()),
    ]);
    await eventually(() => lit(again.mainFrame())).toContain('secondFactor.prepared');
    const before = await log(again);
    expect(before.match(/PREPARE/g)).toHaveLength(1);
    await page.evaluate(() => window.host.attempt('totp', window.host.totp()));
    await eventually(() => lit(again.mainFrame())).toContain('secondFactor.complete');
    expect((await log(again)).endsWith(before)).toBe(true);
  });

  it('was there before the inspector, and shows the flow all the same', async () => {
    const { page } = await harness.open();
    const hello = page.evaluate(
      () => new Promise((heard) => addEventListener('message', () => heard(null), { once: true })),
    );
    const [given] = await Promise.all([
      page.waitForEvent('popup'),
      page.evaluate((chosen) => window.host.openGiven(chosen), way),
    ]);
    await hello; // it has come and gone
    await page.evaluate((chosen) => window.host.startInGiven(chosen), way);
    await eventually(() => lit(given.mainFrame())).toContain('secondFactor.needs_second_factor');
    expect((await log(given)).match(/secondFactor/g)).toHaveLength(1);
  });

  it('was blocked first: that is said, the flow goes on, and a click makes up for it', async () => {
    const { page, problems } = await harness.open();
    await page.evaluate((chosen) => {
      const { open } = window;
      window.open = () => null;
      window.host.startInWindow(chosen);
      window.open = open;
    }, way);
    await eventually(() => problems.join()).toMatch(/blocked the window.*Allow pop-ups.*open\(\)/);
    await page.evaluate(() => window.host.prepare('phone_code'));
    const [popup] = await Promise.all([
      page.waitForEvent('popup'),
      page.evaluate(() => window.host.openAgain()),
    ]);
    await eventually(() => lit(popup.mainFrame())).toContain('secondFactor.prepared');
    expect(problems).toHaveLength(1);
  });
});
