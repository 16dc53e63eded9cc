import { expect } from 'vitest';
import type { WorldState } from '../../../docs/demo/backend/world-state.ts';
import type { SecondFactorState } from '../../../src/index.ts';
import { guardPage, openContext, until } from '../support/browser.ts';
import type { StoppedClock } from '../support/clock.ts';

/** The size of the page at the start of each visit. */
const VIEWPORT = { width: 1280, height: 720 };
/** Longer than any answer of the demo takes, in ms. */
const LATE_MS = 2_000;

/** One visitor of the demo, with a browser of their own. */
export type Visit = Awaited<ReturnType<typeof visit>>;

/** Opens a demo as somebody who was never there. @param clock - the demo's */
export async function visit(url: string, clock: StoppedClock) {
  const context = await openContext(clock, {
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  // A browser writes a line for each refused and each lost request. Tests make such requests to the
  // backend on purpose.
  const guard = guardPage(
    page,
    new URL(url).origin,
    (message) =>
      message.text().startsWith('Lit is in dev mode') ||
      (message.text().startsWith('Failed to load resource') &&
        new URL(message.location().url).pathname.startsWith('/v1/')),
  );
  const open = async (query = '') => {
    await page.goto(`${url}/${query}`);
    await page.getByRole('button', { name: 'Continue' }).waitFor();
  };
  await open();

  const code = page.locator('#second-factor-code');
  /** What the server says of this visitor's world. */
  const world = async () =>
    (await (await page.request.get(new URL('/demo/state', url).href)).json()) as WorldState;
  return {
    page,
    guard,
    code,
    status: page.locator('#second-factor-status'),
    resend: page.getByRole('button', { name: /^Send a (new )?code/ }),
    /** Makes this the first visit again: a new backend, nothing stored, the page opened anew. */
    async startAfresh(query?: string) {
      await page.unrouteAll({ behavior: 'ignoreErrors' });
      await page.emulateMedia({ colorScheme: null });
      await page.setViewportSize(VIEWPORT);
      // A test that failed may have left a page that has no storage.
      await page.evaluate(() => sessionStorage.clear()).catch(() => {});
      await page.goto('about:blank');
      await page.request.post(new URL('/demo/actions', url).href, { data: { type: 'reset' } });
      guard.forget();
      await open(query);
    },
    /** Signs in with the password that is filled in. */
    async signIn() {
      await page.getByRole('button', { name: 'Continue' }).click();
      await code.waitFor();
    },
    /** Chooses a factor by the start of its name. */
    choose: (name: string) => page.getByRole('button', { name: new RegExp(`^${name}`) }).click(),
    /** Types into the code field, key by key. */
    async type(text: string) {
      await code.fill('');
      await code.pressSequentially(text);
    },
    /** Turns something that goes wrong on or off. */
    async trouble(name: string, on: boolean) {
      const answered = page.waitForResponse('**/demo/actions');
      await page.getByRole('switch', { name }).setChecked(on);
      await answered;
    },
    press: (name: string) => page.getByRole('button', { name, exact: true }).click(),
    /** Waits for a state, and for the diagram to show it and nothing else. */
    async reaches(state: SecondFactorState) {
      const seen = await page.waitForFunction(
        (wanted) => {
          const frame = document.querySelector<HTMLIFrameElement>('#framed iframe');
          const form = frame
            ? frame.contentDocument?.querySelector('form')
            : document.getElementById('code-form');
          if (form?.getAttribute('data-state') !== wanted) return null;
          const lit = document.querySelectorAll('.chart [data-active]');
          return {
            lit: [...lit].map((one) => one.getAttribute('data-state')),
            name: document.querySelector('.state-name')?.textContent,
          };
        },
        state,
        { polling: 50 }, // a page in the background paints no frames to poll by
      );
      // The form has its state from the flow's own actor, the diagram from the inspection events.
      expect(await seen.jsonValue()).toEqual({ lit: withParents(state), name: state });
    },
    /** Lets time pass for the page and for its world, in ms. */
    pass: (ms: number) => clock.pass(ms),
    /** Lets the late answer to a request come, once it has arrived. */
    async answers(request: keyof WorldState['requests']) {
      await until('the request has arrived', async () => (await world()).requests[request] > 0);
      await clock.pass(LATE_MS);
    },
    /** Uses up the tries that are free at this time. The requests do not come from the page. */
    async spendTries() {
      const bookmark = await page.evaluate(() => sessionStorage.getItem('second-factor') ?? '{}');
      const path = `/v1/client/sign_ins/${JSON.parse(bookmark).signInId}/attempt_second_factor`;
      for (const code of ['000000', '000001', '000002']) {
        await page.request.post(new URL(path, url).href, { form: { strategy: 'totp', code } });
      }
    },
    world,
    /** The code of the newest message. */
    async newestCode() {
      const [newest] = (await world()).messages;
      if (!newest) throw new Error('Nothing was delivered.');
      return newest.code;
    },
    close: () => context.close(),
  };
}

function withParents(state: string): string[] {
  const path = state.split('.');
  return path.map((_, index) => path.slice(0, index + 1).join('.'));
}
