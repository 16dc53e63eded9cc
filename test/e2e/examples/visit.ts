import type { Browser, ConsoleMessage, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { axeFinds } from '../support/axe.ts';
import { openSite, type Site } from './site.ts';

/** How long a reply takes, in ms: long enough to be seen by every framework's renderer. */
export const REPLY_MS = 120;
/** Its colours are those of all pages, which share a style sheet. */
const DARK_PAGE = 'vanilla';
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
  /** Lets time pass on both sides, in ms. Needs `{ clock: true }`. */
  pass(ms: number): Promise<void>;
  setOffline(offline: boolean): Promise<void>;
  paste(text: string): Promise<void>;
  /** What axe finds in light; and in dark where the page is the one that stands for all. */
  axe(): Promise<string[]>;
}

/** A page of a browser, and a site that nobody else looks at. */
interface Seat {
  readonly page: Page;
  readonly site: Site;
}

/**
 * Hands out pages with a site: a context is a window to Chromium, and costs more than the whole of a
 * visit, and a site that stays finds its scripts in the cache.
 */
export function openSeats(browser: Browser, folder: string, { atOnce }: { atOnce: number }) {
  const open = async (clock: boolean): Promise<Seat> => {
    const context = await browser.newContext({
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    context.setDefaultTimeout(20_000);
    const page = await context.newPage();
    if (clock) await page.clock.install();
    await page.addInitScript(recordAnnouncements);
    return { page, site: await openSite(folder) };
  };
  const plain = pool(atOnce - 1, () => open(false));
  const withClock = pool(1, () => open(true));
  return {
    /** Lets `use` have a seat. Where time can be moved, what one visit lets pass has passed for all. */
    withSeat: (clock: boolean, use: (seat: Seat) => Promise<void>): Promise<void> =>
      (clock ? withClock : plain).with(use),
    async close(): Promise<void> {
      const opened = await Promise.allSettled([...plain.opened, ...withClock.opened]);
      const seats = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      await Promise.all(seats.map(({ page }) => page.context().close()));
      await Promise.all(seats.map(({ site }) => site.close()));
    },
  };
}

/** Lets at most so many be used at a time, and opens none before it is needed. */
function pool<T>(most: number, open: () => Promise<T>) {
  const opened: Promise<T>[] = [];
  const idle: Promise<T>[] = [];
  const waiting: ((one: Promise<T>) => void)[] = [];
  const take = (): Promise<T> => {
    const free = idle.pop();
    if (free) return free;
    if (opened.length === most) return new Promise((resolve) => void waiting.push(resolve));
    const one = open();
    opened.push(one);
    return one;
  };
  return {
    opened,
    async with(use: (one: T) => Promise<void>): Promise<void> {
      const one = await take();
      try {
        await use(one);
      } finally {
        const next = waiting.shift();
        const free = Promise.resolve(one);
        if (next) next(free);
        else idle.push(free);
      }
    },
  };
}

/**
 * Opens the page of a framework, has `act` use it, and fails on anything in the console.
 *
 * @returns all that the live region said, also before a reload
 */
export async function visit(
  { page, site }: Seat,
  framework: string,
  as: string | undefined,
  act: (visit: Visit) => Promise<void>,
): Promise<string[]> {
  const problems: string[] = [];
  const noteError = (error: Error) => problems.push(String(error));
  const noteMessage = (message: ConsoleMessage) => {
    const isExpected = /^(Failed to load resource|Lit is in dev mode)/.test(message.text());
    if (['error', 'warning'].includes(message.type()) && !isExpected) problems.push(message.text());
  };
  try {
    page.on('pageerror', noteError).on('console', noteMessage);
    site.renew();
    site.sandbox.faults.always('prepare', { delayMs: REPLY_MS });
    site.sandbox.faults.always('attempt', { delayMs: REPLY_MS });
    site.sandbox.faults.always('reload', { delayMs: REPLY_MS });
    await page.goto(`${site.url}/${framework}/${as ? `?as=${as}` : ''}`);
    const visit = present(page, site, framework);
    await act(visit);
    expect(problems).toEqual([]);
    return await visit.saidInAll();
  } finally {
    page.off('pageerror', noteError).off('console', noteMessage);
    await setOffline(page, false);
    // The next visit begins here, and must find nothing that this one leaves behind as it goes.
    await page.evaluate(() => {
      sessionStorage.clear();
      Storage.prototype.setItem = () => {};
    });
  }
}

/** Waits until something is so. (`expect.poll` does not know which of several tests at once it is in.) */
export async function until(what: string, check: () => unknown): Promise<void> {
  for (let tries = 0; tries < 800; tries += 1) {
    if (await check()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`Waited in vain until ${what}.`);
}

/** Takes the network away. Requests fail as late as they would be answered, or nobody saw them begin. */
async function setOffline(page: Page, offline: boolean): Promise<void> {
  if (offline) {
    await page.route('**/v1/**', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, REPLY_MS));
      await route.continue();
    });
  } else {
    await page.unrouteAll({ behavior: 'ignoreErrors' });
  }
  await page.context().setOffline(offline);
}

function present(page: Page, site: Site, framework: string): Visit {
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
    async pass(ms) {
      site.pass(ms);
      await page.clock.fastForward(ms);
    },
    async setOffline(offline) {
      await setOffline(page, offline);
      // The browser says so before its network service, which may be busy with other pages, knows it.
      const isOffline = () => page.evaluate(failsToFetch);
      await until('the network has changed', async () => (await isOffline()) === offline);
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

/** Runs in the page: whether a request, that no scenario is about, gets no answer. */
function failsToFetch(): Promise<boolean> {
  return fetch(location.href, { method: 'HEAD', cache: 'no-store' }).then(
    () => false,
    () => true,
  );
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
