import { expect } from 'vitest';
import { until } from '../support/browser.ts';
import type { Visit } from './visit.ts';

/** What a visitor does. The same script, with the same outcome, on every page that it is for. */
interface Scenario {
  /** Who signs in; by default somebody with every factor. */
  readonly as?: string;
  /**
   * The first text of a page that draws before it sends the code. Frameworks that run effects after the
   * first frame show it. Nobody hears it: a live region does not speak its first text.
   */
  readonly mayOpenWith?: string;
  act(visit: Visit): Promise<void>;
}

const APP = 'Authenticator app';
const PHONE = 'Text message to +1********00';
const ASKS = 'Enter the 6-digit code from your authenticator app.';
const CHECKING = 'Checking the code…';
const SENDING = 'Sending a code to +1********00…';
const SENT = 'A code was sent to +1********00. Enter it here.';
const WRONG = 'That code is not correct.';
const VERIFIED = 'Verified.';

/** A code that is certainly wrong. */
const otherThan = (code: string) => (code === '000000' ? '111111' : '000000');
const fullWidth = (code: string) =>
  code.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)));

/**
 * These run on the page of each framework, because they depend on how it draws: effects that run twice,
 * focus that follows the steps, a clock that ticks, typing and pasting into a field that is drawn anew,
 * names of events and attributes, and the state that each page keeps by itself.
 */
export const ON_EACH_PAGE: Readonly<Record<string, Scenario>> = {
  'sends one code on arrival where the only factor needs one': {
    as: 'grace@example.com',
    mayOpenWith: 'Have a code sent to +1********02.',
    async act({ code, sandbox, hasFocus, hears, page, button }) {
      await hears('A code was sent to +1********02. Enter it here.');
      await hasFocus(code);
      await button('Send a new code in 30 seconds').waitFor();
      await page.keyboard.type(sandbox.inbox.code());
      await hears(VERIFIED);
      expect(sandbox.requests.count('prepare')).toBe(1);
    },
  },

  'takes a wrong code of the authenticator app, then the right one': {
    async act({ code, sandbox, status, hasFocus, hears, said, page, button }) {
      await hears(ASKS);
      await hasFocus(code);
      expect(await button(/Send/).isVisible()).toBe(false);
      await page.keyboard.type(otherThan(sandbox.authenticator.code()));
      await hears(WRONG);
      await until('the field is empty', async () => (await code.inputValue()) === '');
      expect(await code.getAttribute('aria-invalid')).toBe('true');
      const described = await code.getAttribute('aria-describedby');
      expect(await page.locator(`#${described}`).textContent()).toBe(WRONG);
      await hasFocus(code);
      await page.keyboard.type(sandbox.authenticator.code());
      await hears(VERIFIED);
      await hasFocus(status);
      expect(await said()).toEqual([ASKS, CHECKING, WRONG, CHECKING, VERIFIED]);
      expect(sandbox.requests.count('prepare')).toBe(0);
      expect(sandbox.requests.count('attempt')).toBe(2);
      expect(await code.isDisabled()).toBe(true);
      await page.getByRole('link', { name: 'Sign in again' }).waitFor();
    },
  },

  'counts down to the next code, and never blocks the one that was sent': {
    async act({ code, sandbox, hears, button, pass }) {
      await button(PHONE).click();
      await hears(SENT);
      await button('Send a new code in 30 seconds').waitFor();
      expect(await button(/Send/).isDisabled()).toBe(true);
      const first = sandbox.inbox.code();
      await pass(1_000);
      await button('Send a new code in 29 seconds').waitFor();
      await pass(29_000);
      await button('Send a new code').click();
      await until('a second code is sent', () => sandbox.inbox.messages.length === 2);
      await button('Send a new code in 30 seconds').waitFor();
      await hears(SENT);
      await code.fill(first);
      await hears(WRONG);
      await button('Send a new code in 30 seconds').waitFor();
      await code.fill(sandbox.inbox.code());
      await hears(VERIFIED);
    },
  },

  'goes on after a reload, without a second text message': {
    async act({ code, sandbox, hears, said, reload, button }) {
      await button(PHONE).click();
      await hears(SENT);
      await reload();
      await hears(SENT);
      await button('Send a new code in 30 seconds').waitFor();
      expect(await said()).toEqual([SENT]);
      await code.fill(sandbox.inbox.code());
      await hears(VERIFIED);
      expect(sandbox.requests.count('prepare')).toBe(1);
      expect(sandbox.requests.count('create')).toBe(1);
    },
  },

  'takes a paste in any writing, also over a full code': {
    async act({ code, sandbox, hasFocus, hears, paste }) {
      await hears(ASKS);
      await hasFocus(code);
      sandbox.faults.next('attempt', { status: 503 });
      const right = sandbox.authenticator.code();
      await paste(`${otherThan(right).slice(0, 3)} ${otherThan(right).slice(3)}`);
      await hears('Something went wrong on our side. Try again.');
      expect(await code.inputValue()).not.toBe('');
      await paste(fullWidth(`${right.slice(0, 3)}-${right.slice(3)}`));
      await hears(VERIFIED);
      expect(sandbox.requests.count('attempt')).toBe(2);
    },
  },

  'submits a complete code once, and an incomplete one not at all': {
    async act({ code, sandbox, hasFocus, hears, stateAfterAll, page }) {
      await hears(ASKS);
      await hasFocus(code);
      await page.keyboard.type('123');
      await page.keyboard.press('Enter');
      await hears('Enter all 6 digits.');
      expect(await code.getAttribute('aria-invalid')).toBe('true');
      expect(await code.inputValue()).toBe('123');
      expect(sandbox.requests.count('attempt')).toBe(0);
      const wrong = otherThan(sandbox.authenticator.code());
      await code.fill(wrong);
      await hears(WRONG);
      await code.fill(wrong);
      // A second attempt would be under way, or its answer would have cleared the field.
      expect(await stateAfterAll()).toBe('failed.code_rejected');
      expect(await code.inputValue()).toBe(wrong);
      await page.keyboard.press('Enter');
      await until('it is submitted', () => sandbox.requests.count('attempt') === 2);
      await hears(WRONG);
    },
  },

  'submits nothing in the middle of a composition, and the code at its end': {
    async act({ code, sandbox, hears, stateAfterAll, page }) {
      await hears(ASKS);
      await code.click();
      const inputMethod = await page.context().newCDPSession(page);
      const text = sandbox.authenticator.code();
      const [selectionStart, selectionEnd] = [text.length, text.length];
      await inputMethod.send('Input.imeSetComposition', { text, selectionStart, selectionEnd });
      expect(await code.inputValue()).toBe(text);
      expect(await stateAfterAll()).toBe('needs_second_factor');
      await inputMethod.send('Input.insertText', { text });
      await hears(VERIFIED);
      expect(sandbox.requests.count('attempt')).toBe(1);
      await inputMethod.detach();
    },
  },

  'works by keyboard alone': {
    async act({ code, sandbox, hasFocus, hears, axe, page, button }) {
      await hears(ASKS);
      await hasFocus(code);
      const tabTo = async (name: string) => {
        for (let presses = 0; presses < 12; presses += 1) {
          if (await button(name).evaluate((element) => element.matches(':focus'))) return;
          await page.keyboard.press('Tab');
        }
        throw new Error(`Tab never came to ${name}.`);
      };
      await tabTo(PHONE);
      await page.keyboard.press('Enter');
      await hears(SENT);
      await hasFocus(code);
      expect(await button(PHONE).getAttribute('aria-pressed')).toBe('true');
      expect(await button(APP).getAttribute('aria-pressed')).toBe('false');
      expect(await axe()).toEqual([]);
      await tabTo('Backup code');
      await page.keyboard.press('Space');
      await hears('Enter one of your backup codes.');
      await hasFocus(code);
      expect(await code.getAttribute('autocomplete')).toBe('off');
      await page.keyboard.type(` ${sandbox.backupCodes[0]} `);
      expect(sandbox.requests.count('attempt')).toBe(0);
      await page.keyboard.press('Enter');
      await hears(VERIFIED);
    },
  },
};

/** These run on one page, because they test what the library says and does. All pages show it alike. */
export const ON_ONE_PAGE: Readonly<Record<string, Scenario>> = {
  'reads the code out of the text message, where the browser can': {
    async act({ sandbox, hears, page, button }) {
      await hears(ASKS);
      // No command of a test can deliver a message to the browser's own `get`.
      await page.evaluate(() => {
        navigator.credentials.get = () =>
          new Promise((resolve) => Reflect.set(window, 'deliver', resolve));
      });
      await button(PHONE).click();
      await hears(SENT);
      await page.evaluate((code) => Reflect.get(window, 'deliver')({ code }), sandbox.inbox.code());
      await hears(VERIFIED);
      expect(sandbox.requests.count('attempt')).toBe(1);
    },
  },

  'takes the code of a text message, also when the factor was switched and switched back': {
    async act({ code, sandbox, hasFocus, hears, said, page, button }) {
      await button(PHONE).click();
      await hears(SENT);
      await hasFocus(code);
      await button(APP).click();
      await hears(ASKS);
      await button(PHONE).click();
      await hears(SENT);
      await hasFocus(code);
      await page.keyboard.type(sandbox.inbox.code());
      await hears(VERIFIED);
      expect(sandbox.requests.count('prepare')).toBe(1);
      expect(sandbox.inbox.messages).toHaveLength(1);
      expect(await said()).toEqual([ASKS, SENDING, SENT, ASKS, SENT, CHECKING, VERIFIED]);
    },
  },

  'ends when the account is locked': {
    async act({ code, sandbox, status, hasFocus, hears, said, page, button }) {
      await hears(ASKS);
      sandbox.user().lock(sandbox.now() + 3_600_000);
      await code.fill(sandbox.authenticator.code());
      await hears(/locked/);
      await hasFocus(status);
      expect((await said()).at(-1)).toMatch(/try again in 60 minutes/);
      expect(await button('Continue').isDisabled()).toBe(true);
      expect(await button(PHONE).isDisabled()).toBe(true);
      expect(await button('Cancel').isDisabled()).toBe(true);
      await page.getByRole('link', { name: 'Sign in again' }).waitFor();
    },
  },

  'finds out that a code went through when the reply was lost': {
    async act({ code, sandbox, hears, said }) {
      await hears(ASKS);
      sandbox.faults.next('attempt', { dropReply: true });
      await code.fill(sandbox.authenticator.code());
      await hears(VERIFIED);
      const reconciling = 'No answer came. Checking whether the code went through…';
      expect((await said()).slice(-2)).toEqual([reconciling, VERIFIED]);
      expect(sandbox.requests.count('attempt')).toBe(1);
      expect(sandbox.requests.count('reload')).toBe(1);
    },
  },

  'keeps the code while offline, and takes it again': {
    async act({ code, sandbox, hasFocus, hears, page, setOffline }) {
      await hears(ASKS);
      await hasFocus(code);
      await setOffline(true);
      const right = sandbox.authenticator.code();
      await page.keyboard.type(right);
      await hears('No answer came. Check your connection and try again.');
      expect(await code.inputValue()).toBe(right);
      expect(await code.getAttribute('aria-invalid')).toBe('false');
      await hasFocus(code);
      await setOffline(false);
      await page.keyboard.press('Enter');
      await hears(VERIFIED);
      expect(sandbox.requests.count('attempt')).toBe(1);
    },
  },

  'waits as long as the backend says, and keeps the code': {
    async act({ code, sandbox, hasFocus, hears, page, button, pass }) {
      await hears(ASKS);
      await hasFocus(code);
      sandbox.faults.next('attempt', { status: 429, retryAfter: 8 });
      const right = sandbox.authenticator.code();
      await page.keyboard.type(right);
      await hears('There were too many tries. Try again in 8 seconds.');
      expect(await code.inputValue()).toBe(right);
      await until('it is disabled', () => button('Continue').isDisabled());
      await pass(8_000);
      await hears('You can try again now.');
      await button('Continue').click();
      await hears(VERIFIED);
    },
  },

  'warns before a code expires, and lets it be replaced': {
    async act({ code, sandbox, hears, said, button, pass }) {
      await button(PHONE).click();
      await hears(SENT);
      await pass(585_000);
      const warning = 'The code expires in less than 20 seconds. You can have a new one sent.';
      await hears(warning);
      await pass(30_000);
      await hears('The code has probably expired. You can have a new one sent.');
      expect((await said()).filter((text) => text === warning)).toHaveLength(1);
      await button('Send a new code').click();
      await hears(SENT);
      await code.fill(sandbox.inbox.code());
      await hears(VERIFIED);
    },
  },

  'is cancelled while a code is being sent': {
    async act({ sandbox, status, hasFocus, hears, said, button }) {
      await hears(ASKS);
      sandbox.faults.next('prepare', { neverSettles: true });
      await button(PHONE).click();
      await hears(SENDING);
      await button('Cancel').click();
      await hears('Cancelled.');
      await hasFocus(status);
      expect(await said()).toEqual([ASKS, SENDING, 'Cancelled.']);
      await until(
        'the request is aborted',
        () => sandbox.requests.latest('prepare')?.answer === 'aborted',
      );
    },
  },

  'has nothing that axe objects to, in any state, light or dark': {
    async act({ code, sandbox, hears, reload, axe, button }) {
      await hears(ASKS);
      expect(await axe()).toEqual([]);
      await button(PHONE).click();
      await hears(SENT);
      expect(await axe()).toEqual([]);
      await code.fill(otherThan(sandbox.inbox.code()));
      await hears(WRONG);
      expect(await axe()).toEqual([]);
      await code.fill(sandbox.inbox.code());
      await hears(VERIFIED);
      expect(await axe()).toEqual([]);

      await reload(); // another sign-in
      await hears(ASKS);
      sandbox.faults.next('attempt', { status: 429, retryAfter: 60 });
      await code.fill(otherThan(sandbox.authenticator.code()));
      await hears(/too many tries/);
      expect(await axe()).toEqual([]);
      sandbox.faults.next('prepare', { neverSettles: true });
      await button(PHONE).click();
      await hears(SENDING);
      expect(await axe()).toEqual([]);
      await button('Cancel').click();
      await hears('Cancelled.');
      expect(await axe()).toEqual([]);
    },
  },
};
