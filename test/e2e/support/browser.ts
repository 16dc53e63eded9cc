import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type ConsoleMessage,
  chromium,
  type Page,
} from 'playwright-core';
import type { StoppedClock } from './clock.ts';

/** How long a step may take, in ms. Only a broken step takes as long, also on a slow machine. */
export const STEP_MS = 60_000;

/** How many times slower pages run than they could: `npm run test:throttled`. */
const THROTTLE = Number(process.env.THROTTLE ?? 1);

/** Debian's path; `CHROMIUM_PATH` names another. */
const DEFAULT_PATH = '/usr/bin/chromium';
/**
 * Features for people. The popup of the address bar alone costs two more pages a window. Chromium reads
 * only the last list of this kind, so features that use the network are named here again.
 */
const DISABLED_FEATURES = [
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  'AimEnabled',
  'HttpsUpgrades',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PaintHolding',
  'PreconnectToSearch',
];
/** They let a browser run in a container, and keep it off the network. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  `--disable-features=${DISABLED_FEATURES.join(',')}`,
];

let browser: Promise<Browser> | undefined;

/**
 * Starts headless Chromium. All files of a process share it, and it ends with the process. Each file
 * closes the contexts that it opened.
 */
export function openBrowser(): Promise<Browser> {
  browser ??= launch();
  return browser;
}

async function launch(): Promise<Browser> {
  const launched = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? DEFAULT_PATH,
    args: ARGUMENTS,
  });
  launched.on('context', (context) => {
    // It fails where the page is closed already.
    if (THROTTLE > 1) context.on('page', (page) => void throttle(page).catch(() => {}));
  });
  return launched;
}

async function throttle(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: THROTTLE });
}

/** Opens a window whose pages go by a clock that stands still. */
export async function openContext(
  clock: StoppedClock,
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const context = await (await openBrowser()).newContext(options);
  context.setDefaultTimeout(STEP_MS);
  await clock.stop(context);
  return context;
}

/** Waits until a check holds. `expect.poll` can't be used in tests that run at once. */
export async function until(what: string, check: () => unknown): Promise<void> {
  for (let waitedMs = 0; waitedMs < STEP_MS; waitedMs += 25) {
    if (await check()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`Waited in vain until ${what}.`);
}

/** What a page did that nobody should see. */
export interface PageGuard {
  /** Uncaught errors, and errors and warnings in the console. */
  readonly complaints: readonly string[];
  /** The addresses of requests that left the origin. */
  readonly foreignRequests: readonly string[];
  /** Everything that the page wrote to the console. */
  readonly consoleTexts: readonly string[];
  /** Forgets what was seen so far. */
  forget(): void;
}

/**
 * Watches a page for as long as it lives.
 *
 * @param origin - the only origin that may be asked for anything
 * @param isExpected - whether a console message is part of the test, such as the one that a browser
 * writes by itself for a refused request
 */
export function guardPage(
  page: Page,
  origin: string,
  isExpected: (message: ConsoleMessage) => boolean = () => false,
): PageGuard {
  const complaints: string[] = [];
  const foreignRequests: string[] = [];
  const consoleTexts: string[] = [];
  page.on('console', (message) => {
    consoleTexts.push(message.text());
    const isComplaint = message.type() === 'error' || message.type() === 'warning';
    if (isComplaint && !isExpected(message)) {
      complaints.push(`${message.type()}: ${message.text()} (${message.location().url})`);
    }
  });
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
  page.on('request', (request) => {
    const url = request.url();
    const isLocal = url.startsWith('data:') || url.startsWith('blob:');
    if (!isLocal && new URL(url).origin !== origin) foreignRequests.push(url);
  });
  page.on('websocket', (socket) => foreignRequests.push(socket.url()));
  return {
    complaints,
    foreignRequests,
    consoleTexts,
    forget() {
      for (const list of [complaints, foreignRequests, consoleTexts]) list.length = 0;
    },
  };
}
