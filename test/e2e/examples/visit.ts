import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { axeFinds } from '../support/axe.ts';
import { guardPage, openContext, type PageGuard, until } from '../support/browser.ts';
import { StoppedClock } from '../support/clock.ts';
import { openSite, type Site } from '../support/site.ts';
import { sendFile } from './pages.ts';

/** Its colours are those of all pages, which share a style sheet. */
const DARK_PAGE = 'vanilla';
/** The states in which a page waits for an answer, by what it asked for. */
const WAITING_STATES: Readonly<Record<string, string>> = {
  prepare_second_factor: 'preparing',
  attempt_second_factor: 'attempting.sending',
};
/** The system clipboard belongs to one visit at a time. */
let clipboard: Promise<unknown> = Promise.resolve();

/** One visit to one framework's page, and what can be seen and done there. */
export interface Visit {
  readonly page: Page;
  readonly sandbox: Site['sandbox'];
  readonly code: Locator;
  readonly status: Locator;
  button(name: string | RegExp): Locator;
  /** Waits until the live region says this. */
  hears(text: string | RegExp): Promise<void>;
  /** Everything that the live region said since the page was loaded, in order. */
  said(): Promise<string[]>;
  /** The same, with what it said before each {@link Visit.reload}. */
  saidInAll(): Promise<string[]>;
  reload(): Promise<void>;
  hasFocus(target: Locator): Promise<void>;
  /** The state of the flow once the page has drawn whatever was done to it. */
  stateAfterAll(): Promise<string | null>;
  /** Lets time pass on both sides, in ms. */
  pass(ms: number): Promise<void>;
  setOffline(offline: boolean): Promise<void>;
  paste(text: string): Promise<void>;
  /** What axe finds in light; and in dark where the page is the one that stands for all. */
  axe(): Promise<string[]>;
}

/** A page of a browser, and a site that nobody else looks at; both go by one clock. */
interface Seat {
  readonly page: Page;
  readonly guard: PageGuard;
  readonly site: Site;
  readonly clock: StoppedClock;
}

/**
 * Hands out pages with a site: a context is a window to Chromium, and costs more than the whole of a
 * visit, and a site that stays finds its scripts in the cache.
 */
export function openSeats(folder: string, { atOnce }: { atOnce: number }) {
  const opened: Promise<Seat>[] = [];
  const idle: Promise<Seat>[] = [];
  const waiting: ((seat: Promise<Seat>) => void)[] = [];
  const take = (): Promise<Seat> => {
    const free = idle.pop();
    if (free) return free;
    if (opened.length === atOnce) return new Promise((resolve) => void waiting.push(resolve));
    const seat = openSeat(folder);
    opened.push(seat);
    return seat;
  };
  return {
    async withSeat(use: (seat: Seat) => Promise<void>): Promise<void> {
      const seat = await take();
      try {
        await use(seat);
      } finally {
        const next = waiting.shift();
        const free = Promise.resolve(seat);
        if (next) next(free);
        else idle.push(free);
      }
    },
    async close(): Promise<void> {
      const all = await Promise.allSettled(opened);
      const seats = all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      await Promise.all(seats.map(({ page }) => page.context().close()));
      await Promise.all(seats.map(({ site }) => site.close()));
    },
  };
}

async function openSeat(folder: string): Promise<Seat> {
  const clock = new StoppedClock();
  const permissions = ['clipboard-read', 'clipboard-write'];
  const page = await (await openContext(clock, { permissions })).newPage();
  await page.addInitScript(recordAnnouncements);
  const site = await openSite({
    clock,
    send: (pathname) => sendFile(folder, pathname),
    mayAnswer: (pathname) => showsThatItWaits(page, pathname),
  });
  const guard = guardPage(page, site.url, (message) =>
    /^(Failed to load resource|Lit is in dev mode)/.test(message.text()),
  );
  return { page, guard, site, clock };
}

/** Waits until a page shows what it asked for: each step is seen, however fast the answer is there. */
async function showsThatItWaits(page: Page, pathname: string): Promise<void> {
  const [request = ''] = pathname.split('/').slice(-1);
  await page.waitForFunction(
    (state) => {
      const form = document.querySelector('form');
      return !form || form.dataset.state === state; // no form: it is only loading
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
  { page, guard, site, clock }: Seat,
  framework: string,
  as: string | undefined,
  act: (visit: Visit) => Promise<void>,
): Promise<string[]> {
  try {
    guard.forget();
    site.renew();
    await page.goto(`${site.url}/${framework}/${as ? `?as=${as}` : ''}`);
    const visit = present(page, site, clock, framework);
    await act(visit);
    expect(guard.complaints).toEqual([]);
    expect(guard.foreignRequests).toEqual([]);
    return await visit.saidInAll();
  } finally {
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    // The next visit begins here, and must find nothing that this one leaves behind as it goes.
    await page.evaluate(() => {
      sessionStorage.clear();
      Storage.prototype.setItem = () => {};
    });
  }
}

function present(page: Page, site: Site, clock: StoppedClock, framework: string): Visit {
  const status = page.getByRole('status');
  const said = (): Promise<string[]> => page.evaluate(() => [...Reflect.get(window, 'said')]);
  const saidBefore: string[] = [];
  return {
    page,
    sandbox: site.sandbox,
    code: page.locator('input'),
    status,
    button: (name) => page.getByRole('button', { name, exact: typeof name === 'string' }),
    async hears(text) {
      try {
        await status.filter({ hasText: text }).waitFor();
      } catch (cause) {
        const heard = (await said()).join(' | ');
        throw new Error(`Waited in vain to hear ${text}. Heard: ${heard}`, { cause });
      }
    },
    said,
    saidInAll: async () => [...saidBefore, ...(await said())],
    async reload() {
      saidBefore.push(...(await said()));
      await page.reload();
    },
    async hasFocus(target) {
      await until('it has focus', () => target.evaluate((element) => element.matches(':focus')));
    },
    async stateAfterAll() {
      await page.evaluate(
        () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
      );
      return page.locator('form').getAttribute('data-state');
    },
    pass: (ms) => clock.pass(ms),
    async setOffline(offline) {
      if (!offline) return page.unrouteAll();
      await page.route('**/v1/**', async (route) => {
        await showsThatItWaits(page, new URL(route.request().url()).pathname);
        await route.abort('internetdisconnected');
      });
    },
    async paste(text) {
      const mine = clipboard.then(async () => {
        await page.evaluate((content) => navigator.clipboard.writeText(content), text);
        await page.keyboard.press('ControlOrMeta+v');
      });
      clipboard = mine.catch(() => {});
      await mine;
    },
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
