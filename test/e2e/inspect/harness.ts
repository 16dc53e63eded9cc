import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import type { Browser, Frame, Page } from 'playwright-core';
import { expect } from 'vitest';
import { launchBrowser } from '../support/browser.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
};

/** A host page and the viewer, as they would be served, and a browser. */
export interface Harness {
  readonly origin: string;
  readonly browser: Browser;
  /** Opens the host page; `requests` holds every address that it asked for, of the viewer too. */
  open(options?: {
    width?: number;
    height?: number;
    colorScheme?: 'light' | 'dark';
  }): Promise<{ page: Page; requests: string[]; problems: string[] }>;
  close(): Promise<void>;
}

/** Builds the viewer and the host page into a folder of its own, and serves it. */
export async function startHarness(): Promise<Harness> {
  const folder = await mkdtemp(join(tmpdir(), 'second-factor-inspect-'));
  await promisify(execFile)(process.execPath, [join(ROOT, 'scripts/build-inspect.mjs'), folder]);
  await build({
    entryPoints: [join(ROOT, 'test/e2e/inspect/host.ts')],
    outdir: folder,
    bundle: true,
    format: 'esm',
    splitting: true,
    logLevel: 'warning',
  });
  const page =
    '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><style>body{margin:0}iframe{border:0;width:100vw;height:100vh;display:block}</style><body><script type="module" src="host.js"></script>';
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/host.html') {
      response.setHeader('content-type', 'text/html; charset=utf-8').end(page);
      return;
    }
    try {
      const content = await readFile(join(folder, normalize(pathname)));
      response.setHeader('content-type', TYPES[extname(pathname)] ?? 'application/octet-stream');
      response.end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const browser = await launchBrowser();
  return {
    origin,
    browser,
    async open({ width = 1440, height = 900, colorScheme = 'light' } = {}) {
      const context = await browser.newContext({ viewport: { width, height }, colorScheme });
      const opened = await context.newPage();
      // The browser may be closed by then, and the context with it.
      opened.on('close', () => void context.close().catch(() => {}));
      const requests: string[] = [];
      const problems: string[] = [];
      context.on('request', (request) => requests.push(request.url()));
      opened.on('pageerror', (error) => problems.push(String(error)));
      opened.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning')
          problems.push(message.text());
      });
      await opened.goto(`${origin}/host.html`);
      await opened.waitForFunction(() => 'host' in window);
      return { page: opened, requests, problems };
    },
    async close() {
      await browser.close();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true });
    },
  };
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

/** Waits for what comes in its own time; two cores that are busy take theirs. */
export const eventually = <T>(read: () => T | Promise<T>) => expect.poll(read, { timeout: 15_000 });
