import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Http2Bindings, type HttpBindings, serve } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { build } from 'vite';
import { contentTypeOf } from '../../../docs/demo/content-type.ts';
import { createSandboxApp } from '../../../src/sandbox/app.ts';
import { createSandbox, DEFAULT_USER, type Sandbox } from '../../../src/sandbox/index.ts';

const EXAMPLES = join(import.meta.dirname, '../../../docs/examples');

/**
 * Builds all pages, with the frameworks' development builds: they are the ones that warn, and React's
 * StrictMode mounts twice in them alone.
 */
export async function buildExamples(outDir: string): Promise<void> {
  await build({
    configFile: join(EXAMPLES, 'vite.config.ts'),
    logLevel: 'error',
    mode: 'development',
    build: { outDir, emptyOutDir: true, chunkSizeWarningLimit: 2_000 },
  });
}

/** The built pages, and a sandbox behind them that is a new one for each visit. */
export interface Site {
  readonly url: string;
  /** The one of the visit that goes on. */
  readonly sandbox: Sandbox;
  /** Puts a new sandbox there. */
  renew(): void;
  /** Moves the sandboxes' clock forward, by ms. */
  pass(ms: number): void;
  close(): Promise<void>;
}

/** Serves the pages in `folder` from an origin of their own. */
export function openSite(folder: string): Promise<Site> {
  let passedMs = 0;
  const create = () => {
    const sandbox = createSandbox({
      now: () => Date.now() + passedMs,
      users: [
        DEFAULT_USER,
        { identifier: 'grace@example.com', phones: [{ number: '+15555550102' }] },
      ],
    });
    return { sandbox, app: createSandboxApp(sandbox) };
  };
  let current = create();
  return new Promise((resolve, reject) => {
    const server = serve(
      {
        port: 0,
        hostname: '127.0.0.1',
        async fetch(request, env: HttpBindings | Http2Bindings) {
          const { pathname } = new URL(request.url);
          if (!pathname.startsWith('/v1/')) return servePage(folder, pathname);
          try {
            return await current.app.fetch(request, env);
          } catch {
            env.incoming.socket.destroy(); // a lost request or reply
            return RESPONSE_ALREADY_SENT;
          }
        },
      },
      ({ port }) =>
        resolve({
          url: `http://localhost:${port}`,
          get sandbox() {
            return current.sandbox;
          },
          renew() {
            current = create();
          },
          pass: (ms) => {
            passedMs += ms;
          },
          close: () =>
            new Promise((done) => {
              server.close(() => done());
              if ('closeAllConnections' in server) server.closeAllConnections();
            }),
        }),
    );
    // Chromium sends a POST again by itself when a connection that it used before breaks.
    if ('maxRequestsPerSocket' in server) server.maxRequestsPerSocket = 1;
    server.once('error', reject);
  });
}

async function servePage(folder: string, pathname: string): Promise<Response> {
  const file = pathname.endsWith('/') ? `${pathname}index.html` : pathname;
  try {
    const body = await readFile(join(folder, file));
    const headers = {
      'content-type': contentTypeOf(file),
      // The scripts have a hash in their names; a browser that keeps them keeps them compiled, too.
      ...(file.startsWith('/assets/') && { 'cache-control': 'max-age=3600, immutable' }),
    };
    return new Response(new Uint8Array(body), { headers });
  } catch {
    return new Response('not found', { status: 404 });
  }
}
