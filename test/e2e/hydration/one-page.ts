import type { Page } from 'playwright-core';
import { afterEach, beforeEach, expect } from 'vitest';
import { DEFAULT_PASSWORD, type Sandbox } from '../../../src/sandbox/index.ts';
import { guardPage, openContext } from '../support/browser.ts';
import { StoppedClock } from '../support/clock.ts';
import { openSite } from '../support/site.ts';

/** What a page is made of. */
interface PageParts {
  /** What its script reads, as JSON in `#state`. */
  readonly state: object;
  /** What a server rendered of it. */
  readonly html?: string;
  readonly script: string;
}

/** The page of a test, and the sandbox behind it; both go by one clock. */
interface Here {
  readonly clock: StoppedClock;
  readonly sandbox: Sandbox;
  readonly page: Page;
  signIn(identifier: string): ReturnType<Sandbox['createSignIn']>;
  open(parts: PageParts): Promise<void>;
  /** Waits until the live region says this. */
  hears(text: string | RegExp): Promise<void>;
}

/** Opens a page for each test, which fails where something is written to the console. */
export function onePage(): Here {
  const here = {} as Here; // SAFETY: filled in before each test
  let close: () => Promise<void>;
  beforeEach(async () => {
    const clock = new StoppedClock();
    let served: PageParts;
    const send = (pathname: string) => {
      const isScript = pathname === '/page.js';
      const type = isScript ? 'text/javascript' : 'text/html; charset=utf-8';
      const body = isScript ? served.script : documentOf(served);
      return new Response(body, { headers: { 'content-type': type } });
    };
    const site = await openSite({ clock, send });
    const page = await (await openContext(clock)).newPage();
    const { complaints } = guardPage(page, site.url);
    Object.assign(here, {
      clock,
      sandbox: site.sandbox,
      page,
      signIn: (identifier) => site.sandbox.createSignIn({ identifier, password: DEFAULT_PASSWORD }),
      async open(parts) {
        served = parts;
        await page.goto(site.url);
      },
      hears: (text) => page.getByRole('status').filter({ hasText: text }).waitFor(),
    } satisfies Here);
    close = async () => {
      await page.context().close();
      await site.close();
      expect(complaints).toEqual([]);
    };
  });
  afterEach(() => close());
  return here;
}

function documentOf({ state, html = '' }: PageParts): string {
  const json = JSON.stringify(state).replaceAll('<', '\\u003c');
  return `<!doctype html><html lang="en"><head><title>Sign in</title><link rel="icon" href="data:,"></head>
    <body><main id="app">${html}</main>
    <script id="state" type="application/json">${json}</script>
    <script type="module" src="/page.js"></script></body></html>`;
}
