import axe from 'axe-core';
import type { Browser, ConsoleMessage, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { openSite, type Site } from './site.ts';

/** How long a reply takes, in ms: long enough to be seen by every framework's renderer. */
export const REPLY_MS = 120;
/** All of axe's rules in light; in dark nothing but colours can be different. */
const AXE_OPTIONS: Readonly<Record<'light' | 'dark', axe.RunOptions>> = {
  light: { resultTypes: ['violations'] },
  dark: { resultTypes: ['violations'], runOnly: ['color-contrast'] },
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
  /** Lets time pass on both sides, in ms. Needs `{ clock: true }`. */
  pass(ms: number): Promise<void>;
  setOffline(offline: boolean): Promise<void>;
  paste(text: string): Promise<void>;
  /** What axe finds, in light and in dark. */
  axe(): Promise<string[]>;
}

/** Hands out pages: a context is a window to Chromium, and costs more than the whole of a visit. */
export function openPages(browser: Browser, { atOnce }: { atOnce: number }) {
  const idle: Page[] = [];
  const waiting: ((page: Page) => void)[] = [];
  let opened = 0;

  const open = async (clock: boolean) => {
    const context = await browser.newContext({
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    context.setDefaultTimeout(20_000);
    const page = await context.newPage();
    if (clock) await page.clock.install();
    await page.addInitScript(recordAnnouncements);
    return page;
  };
  const take = () => {
    const page = idle.pop();
    if (page) return page;
    if (opened === atOnce) return new Promise<Page>((resolve) => void waiting.push(resolve));
    opened += 1;
    return open(false);
  };
  const giveBack = (page: Page) => {
    const next = waiting.shift();
    if (next) next(page);
    else idle.push(page);
  };

  return {
    /** Lets `use` have a page. One with a clock is used once: its time can't be set back. */
    async withPage(clock: boolean, use: (page: Page) => Promise<void>): Promise<void> {
      const page = await take();
      try {
        if (!clock) return await use(page);
        const own = await open(true);
        try {
          return await use(own);
        } finally {
          await own.context().close();
        }
      } finally {
        giveBack(page);
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
  { page, folder, framework }: { page: Page; folder: string; framework: string },
  as: string | undefined,
  act: (visit: Visit) => Promise<void>,
): Promise<string[]> {
  const site = await openSite(folder); // its own port, so its own storage
  const problems: string[] = [];
  const noteError = (error: Error) => problems.push(String(error));
  const noteMessage = (message: ConsoleMessage) => {
    const isExpected = /^(Failed to load resource|Lit is in dev mode)/.test(message.text());
    if (['error', 'warning'].includes(message.type()) && !isExpected) problems.push(message.text());
  };
  try {
    page.on('pageerror', noteError).on('console', noteMessage);
    site.sandbox.faults.always('prepare', { delayMs: REPLY_MS });
    site.sandbox.faults.always('attempt', { delayMs: REPLY_MS });
    site.sandbox.faults.always('reload', { delayMs: REPLY_MS });
    await page.goto(`${site.url}/${framework}/${as ? `?as=${as}` : ''}`);
    const visit = present(page, site);
    await act(visit);
    expect(problems).toEqual([]);
    return await visit.saidInAll();
  } finally {
    page.off('pageerror', noteError).off('console', noteMessage);
    await setOffline(page, false);
    await page.goto('about:blank');
    await site.close();
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

function present(page: Page, site: Site): Visit {
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
      await status.filter({ hasText: text }).waitFor();
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
    setOffline: (offline) => setOffline(page, offline),
    async paste(text) {
      const mine = clipboard.then(async () => {
        await page.evaluate((content) => navigator.clipboard.writeText(content), text);
        await page.keyboard.press('ControlOrMeta+v');
      });
      clipboard = mine.catch(() => {});
      await mine;
    },
    async axe() {
      if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
      const found: string[] = [];
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        const violations = await page.evaluate(async (options) => {
          const results = await (Reflect.get(window, 'axe') as typeof axe).run(options);
          return results.violations.map(
            ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`,
          );
        }, AXE_OPTIONS[colorScheme]);
        found.push(...violations.map((violation) => `${colorScheme} ${violation}`));
      }
      return found;
    },
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
