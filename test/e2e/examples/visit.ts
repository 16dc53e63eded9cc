import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { axeFinds } from '../support/axe.ts';
import { guardPage, openContext, until } from '../support/browser.ts';
import { StoppedClock } from '../support/clock.ts';
import { openSite, type SiteParts } from '../support/site.ts';

/** The page whose colours are checked in dark too. All pages share one style sheet. */
const DARK_PAGE = 'vanilla';
/** The states in which a page waits for an answer, by what it asked for. */
const WAITING_STATES: Readonly<Record<string, string>> = {
  prepare_second_factor: 'preparing',
  attempt_second_factor: 'attempting.sending',
};
/** One visit at a time may use the system clipboard. */
let clipboard: Promise<unknown> = Promise.resolve();

/** A page of a browser, and a site that serves this page alone. Both go by one clock. */
type Seat = Awaited<ReturnType<typeof openSeat>>;

/** One visit to one framework's page, and what can be seen and done there. */
export type Visit = ReturnType<typeof present>;

/**
 * Hands out seats, and uses them again. A new browser context costs more than a visit does, and a site
 * that stays has its scripts in the cache.
 */
export function openSeats(send: SiteParts['send']) {
  const opened: Seat[] = [];
  const idle: Seat[] = [];
  const open = async (): Promise<Seat> => {
    const seat = await openSeat(send);
    opened.push(seat);
    return seat;
  };
  return {
    async withSeat(use: (seat: Seat) => Promise<void>): Promise<void> {
      const seat = idle.pop() ?? (await open());
      try {
        await use(seat);
      } finally {
        idle.push(seat);
      }
    },
    async close(): Promise<void> {
      await Promise.all(opened.map(({ page }) => page.context().close()));
      await Promise.all(opened.map(({ site }) => site.close()));
    },
  };
}

async function openSeat(send: SiteParts['send']) {
  const clock = new StoppedClock();
  const permissions = ['clipboard-read', 'clipboard-write'];
  const page = await (await openContext(clock, { permissions })).newPage();
  await page.addInitScript(recordAnnouncements);
  const site = await openSite({
    clock,
    send,
    mayAnswer: (pathname) => showsThatItWaits(page, pathname),
  });
  const guard = guardPage(page, site.url, (message) =>
    /^(Failed to load resource|Lit is in dev mode)/.test(message.text()),
  );
  return { page, guard, site, clock };
}

/** Waits until a page shows that it waits for an answer. So each step is seen, however slow the page. */
async function showsThatItWaits(page: Page, pathname: string): Promise<void> {
  const [request = ''] = pathname.split('/').slice(-1);
  await page.waitForFunction(
    (state) => {
      const form = document.querySelector('form');
      return !form || form.dataset.state === state; // a page without a form is loading
    },
    WAITING_STATES[request] ?? 'attempting.reconciling',
    { polling: 20 },
  );
}

/**
 * Opens the page of a framework, has `act` use it, and fails on anything in the console.
 *
 * @returns all that the live region said, also before a reload
 */
export async function visit(
  seat: Seat,
  framework: string,
  as: string | undefined,
  act: (visit: Visit) => Promise<void>,
): Promise<string[]> {
  const { page, guard, site } = seat;
  try {
    guard.forget();
    site.renew();
    await page.goto(`${site.url}/${framework}/${as ? `?as=${as}` : ''}`);
    const visit = present(seat, framework);
    await act(visit);
    expect(guard.complaints).toEqual([]);
    expect(guard.foreignRequests).toEqual([]);
    return await visit.saidInAll();
  } finally {
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    // The next visit starts from this page. While it unloads, the page must not store anything again.
    await page.evaluate(() => {
      sessionStorage.clear();
      Storage.prototype.setItem = () => {};
    });
  }
}

function present({ page, site, clock }: Seat, framework: string) {
  const status = page.getByRole('status');
  /** Everything that the live region said since the page was loaded, in order. */
  const said = (): Promise<string[]> => page.evaluate(() => [...Reflect.get(window, 'said')]);
  const saidBefore: string[] = [];
  return {
    page,
    sandbox: site.sandbox,
    code: page.locator('input'),
    status,
    button: (name: string | RegExp) =>
      page.getByRole('button', { name, exact: typeof name === 'string' }),
    /** Waits until the live region says this. */
    async hears(text: string | RegExp) {
      try {
        await status.filter({ hasText: text }).waitFor();
      } catch (cause) {
        const heard = (await said()).join(' | ');
        throw new Error(`Waited in vain to hear ${text}. Heard: ${heard}`, { cause });
      }
    },
    said,
    /** The same, with what it said before each reload. */
    saidInAll: async () => [...saidBefore, ...(await said())],
    async reload() {
      saidBefore.push(...(await said()));
      await page.reload();
    },
    hasFocus: (target: Locator) =>
      until('it has focus', () => target.evaluate((element) => element.matches(':focus'))),
    /** The state of the flow once the page has drawn whatever was done to it. */
    async stateAfterAll() {
      await page.evaluate(
        () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
      );
      return page.locator('form').getAttribute('data-state');
    },
    /** Lets time pass on both sides, in ms. */
    pass: (ms: number) => clock.pass(ms),
    async setOffline(offline: boolean) {
      if (!offline) return page.unrouteAll();
      await page.route('**/v1/**', async (route) => {
        await showsThatItWaits(page, new URL(route.request().url()).pathname);
        await route.abort('internetdisconnected');
      });
    },
    async paste(text: string) {
      const mine = clipboard.then(async () => {
        await page.evaluate((content) => navigator.clipboard.writeText(content), text);
        await page.keyboard.press('ControlOrMeta+v');
      });
      clipboard = mine.catch(() => {});
      await mine;
    },
    /** What axe finds in light, and on one page in dark too. */
    axe: () => axeFinds(page, { schemes: framework === DARK_PAGE ? ['light', 'dark'] : ['light'] }),
  };
}

/** Runs in the page: notes each text of the live region, as a screen reader would be told it. */
function recordAnnouncements(): void {
  const said: string[] = [];
  Reflect.set(window, 'said', said);
  const note = () => {
    const text = document.querySelector('[role=status]')?.textContent?.trim();
    if (text && text !== said.at(-1)) said.push(text);
  };
  new MutationObserver(note).observe(document, {
    subtree: true,
    childList: true,
    characterData: true,
    attributes: true,
  });
}
