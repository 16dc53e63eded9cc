import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { BrowserContext, Frame, Page } from 'playwright-core';
import { expect } from 'vitest';
import { buildViewer, sendViewerFile } from '../../../docs/demo/viewer.ts';
import { openBrowser, STEP_MS } from '../support/browser.ts';

const HOST_PAGE =
  '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><style>body{margin:0}iframe{border:0;width:100vw;height:100vh;display:block}</style><body><script type="module" src="host.js"></script>';

interface Visit {
  readonly page: Page;
  /** Every address that the page and the viewer asked for. */
  readonly requests: string[];
  /** Uncaught errors, and errors and warnings in the console. */
  readonly problems: string[];
}

/** A host page and the viewer, as they would be served, and a browser that looks at them. */
export interface Harness {
  readonly origin: string;
  /** Opens the host page anew, and closes the windows that are left of the visit before. */
  open(options?: {
    width?: number;
    height?: number;
    colorScheme?: 'light' | 'dark';
  }): Promise<Visit>;
  /** Another page of the same browser. */
  newPage(): Promise<Page>;
}

let harness: Promise<Harness> | undefined;

/** All files of a process share one: a page that is opened again has its scripts compiled. */
export function openHarness(): Promise<Harness> {
  harness ??= startHarness();
  return harness;
}

async function startHarness(): Promise<Harness> {
  const [origin, browser] = await Promise.all([serve(), openBrowser()]);
  const context = await browser.newContext();
  context.setDefaultTimeout(STEP_MS);
  const page = await context.newPage();
  let visit: Visit = { page, requests: [], problems: [] };
  context.on('request', (request) => visit.requests.push(request.url()));
  page.on('pageerror', (error) => visit.problems.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      visit.problems.push(message.text());
  });
  return {
    origin,
    newPage: () => context.newPage(),
    async open({ width = 1440, height = 900, colorScheme = 'light' } = {}) {
      await page.goto('about:blank');
      await closeOthers(context, page);
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme });
      visit = { page, requests: [], problems: [] };
      await page.goto(`${origin}/host.html`);
      await page.waitForFunction(() => 'host' in window);
      return visit;
    },
  };
}

async function closeOthers(context: BrowserContext, page: Page): Promise<void> {
  await Promise.all(context.pages().map((other) => other !== page && other.close()));
}

/** Serves the viewer, and the host page with its script. */
async function serve(): Promise<string> {
  const [host] = await Promise.all([bundleHost(), buildViewer()]);
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname.startsWith('/viewer/')) {
      void sendViewerFile(pathname, response);
    } else if (pathname === '/host.html') {
      response.setHeader('content-type', 'text/html; charset=utf-8').end(HOST_PAGE);
    } else if (host.has(pathname)) {
      response.setHeader('cache-control', 'max-age=3600, immutable');
      response.setHeader('content-type', 'text/javascript').end(host.get(pathname));
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref(); // it ends with the process
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The script of the host page and the parts that it loads when they are needed, by path. */
async function bundleHost(): Promise<Map<string, string>> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('host.ts', import.meta.url))],
    outdir: '/',
    write: false,
    bundle: true,
    minify: true,
    format: 'esm',
    splitting: true,
    logLevel: 'warning',
  });
  return new Map(outputFiles.map(({ path, text }) => [path, text]));
}

/** The viewer's own document inside of the host page. */
export async function viewerFrame(page: Page): Promise<Frame> {
  const element = await page.waitForSelector('#viewer');
  for (;;) {
    const frame = await element.contentFrame();
    if (frame?.url().includes('/viewer/')) return frame;
    await page.waitForTimeout(20);
  }
}

/** The ids of the states that are lit. */
export async function lit(frame: Frame): Promise<string[]> {
  return frame.$$eval('.state.active', (states) =>
    states.map((state) => state.getAttribute('data-id') ?? '').sort(),
  );
}

/** Waits for what comes in its own time. */
export const eventually = <T>(read: () => T | Promise<T>) =>
  expect.poll(read, { timeout: STEP_MS });
