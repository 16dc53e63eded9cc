import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Demo, startDemo } from '../../../docs/demo/server.ts';
import { launchBrowser } from '../support/browser.ts';
import { type Visit, visit } from './visit.ts';

let demo: Demo;
let browser: Browser;
let visitor: Visit;

beforeAll(async () => {
  [demo, browser] = await Promise.all([startDemo({ port: 0 }), launchBrowser()]);
  visitor = await visit(browser, demo.url);
});

afterAll(async () => {
  await browser?.close();
  await demo?.close();
});

it.each(['second-factor/inspect', '@xstate/inspect'])(
  'lights the state of the running flow by the protocol of %s, and shows no code',
  async (protocol) => {
    const { page, guard } = visitor;
    await visitor.startAfresh();
    await visitor.signIn(); // the flow runs before the inspector is opened
    await page.getByRole('heading', { name: 'Inspector' }).click();
    await page.getByLabel('Protocol').selectOption(protocol);
    const viewer = page.frameLocator('#inspector-place iframe');
    const active = viewer.locator('.state.active');
    const lit = () => active.evaluateAll((all) => all.map((one) => one.dataset.id));
    const lights = (state: string) =>
      expect.poll(lit, { timeout: 15_000 }).toContain(`secondFactor.${state}`);

    await lights('needs_second_factor');
    await visitor.choose('Text message to .*00$');
    await visitor.reaches('prepared');
    await lights('prepared');

    const code = await visitor.newestCode();
    await visitor.type(code);
    await visitor.reaches('complete');
    await lights('complete');
    expect(await viewer.locator('html').innerHTML()).not.toContain(code);
    expect(guard.complaints).toEqual([]);
    expect(guard.foreignRequests).toEqual([]);
  },
);
