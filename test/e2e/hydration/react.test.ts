import { beforeAll, describe, expect, it } from 'vitest';
import { createSecondFactor } from '../../../src/index.ts';
import { until } from '../support/browser.ts';
import { type Bundles, bundleExample, type PageState } from './bundle.ts';
import { onePage } from './one-page.ts';

const here = onePage();
let bundles: Bundles;
beforeAll(async () => {
  bundles = await bundleExample();
});

/** Opens the page of a flow as a server renders it. */
const open = (state: PageState) =>
  here.open({ state, html: bundles.render(state), script: bundles.script });

describe('the React example that a server rendered', () => {
  it('hydrates without a word, and sends one text message', async () => {
    const { sandbox, page, clock, hears } = here;
    await open({ signIn: await here.signIn('grace@example.com'), at: clock.now() });
    await hears(/^A code was sent/);
    await page.getByRole('button', { name: 'Send a new code in 30 seconds' }).waitFor();
    expect(sandbox.requests.count('prepare')).toBe(1);
    await page.locator('input').fill(sandbox.inbox.code());
    await hears('Verified.');
  });

  it('hydrates a countdown that went on meanwhile, and sends nothing', async () => {
    const { sandbox, page, clock, hears } = here;
    const signIn = await here.signIn('grace@example.com');
    const services = sandbox.services(signIn.id);
    const left = createSecondFactor({ signIn, services, now: () => clock.now() });
    await left.prepareSecondFactor({ strategy: 'phone_code' });
    const resume = left.bookmark();
    left.stop();
    const at = clock.now();
    await clock.pass(5_000); // until the page has arrived
    await open({ signIn, resume, at });
    await page.getByRole('button', { name: 'Send a new code in 25 seconds' }).waitFor();
    await page.locator('input').fill(sandbox.inbox.code());
    await hears('Verified.');
    expect(sandbox.requests.count('prepare')).toBe(1);
  });

  it('says what is wrong with an incomplete code, and takes the whole one', async () => {
    const { sandbox, page, clock, hears } = here;
    await open({ signIn: await here.signIn('ada@example.com'), at: clock.now() });
    const field = page.locator('input');
    await field.fill('12 3');
    await page.getByRole('button', { name: 'Continue' }).click();
    await hears('Enter all 6 digits.');
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    expect(await field.inputValue()).toBe('12 3');
    await until('it has focus', () => field.evaluate((element) => element.matches(':focus')));
    expect(sandbox.requests.count('attempt')).toBe(0);
    await page.keyboard.type('4');
    await hears(/^Enter the 6-digit code/);
    await field.fill(sandbox.authenticator.code());
    await hears('Verified.');
  });
});
