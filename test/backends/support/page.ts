import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';

/** A page of this computer, on an origin of its own. */
export interface ServedPage {
  /** `http://localhost:<port>`: browsers allow passkeys there, and not on an IP address. */
  readonly url: string;
  /** Stops listening. */
  close(): Promise<void>;
}

const HTML =
  '<!doctype html><meta charset="utf-8"><title>Test</title><script type="module" src="/page.js"></script>';
const source = fileURLToPath(new URL('../../../src/', import.meta.url));

/**
 * Serves a page whose one script is a module, bundled with what it imports.
 *
 * @param entry - the module; what it puts into `window.api` is called by `caller()`
 */
export async function servePage(entry: URL): Promise<ServedPage> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    write: false,
    alias: {
      'second-factor/clerk': `${source}adapters/clerk.ts`,
      'second-factor/sandbox': `${source}sandbox/index.ts`,
      'second-factor': `${source}index.ts`,
    },
  });
  const script = outputFiles[0]?.text ?? '';
  const server = createServer((request, response) => {
    const isScript = request.url === '/page.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : HTML);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // SAFETY: a server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What a page offers to a test: functions whose arguments and results are plain data. */
type Api = Readonly<Record<string, (...args: never[]) => unknown>>;

/**
 * Calls a function that the module of a page offers as `window.api`.
 *
 * @returns what the function resolves with
 */
export function caller<Offered extends Api>(page: Page) {
  return <Name extends keyof Offered & string>(
    name: Name,
    ...args: Parameters<Offered[Name]>
  ): Promise<Awaited<ReturnType<Offered[Name]>>> =>
    page.evaluate(([called, given]) => Reflect.get(window, 'api')[called](...given), [
      name,
      args,
    ] as const);
}
