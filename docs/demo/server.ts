import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { getRequestListener } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Hono } from 'hono';
import { breakOff } from '../../src/sandbox/server.ts';
import { createBackstageApp } from './backend/backstage.ts';
import { createWorld, REAL_TIME, type World, type WorldClock } from './backend/world.ts';
import { builtPage } from './built-page.ts';
import { sendExample } from './examples.ts';
import { buildViewer, sendViewerFile } from './viewer.ts';

/** The port that is tried first. */
export const DEFAULT_PORT = 4242;
/** How many ports are tried, one after the other. */
const MOST_PORTS = 50;
/** How many visitors are remembered; the one who was away longest is forgotten first. */
const MOST_VISITORS = 200;
const COOKIE = 'second-factor-demo';

const PAGE = fileURLToPath(new URL('.', import.meta.url));
const source = (path: string) => fileURLToPath(new URL(`../../src/${path}`, import.meta.url));
const page = builtPage(`${PAGE}index.html`, {
  configFile: false,
  root: PAGE,
  // To be read in the browser's tools.
  build: { target: 'es2022', minify: false, sourcemap: true, assetsInlineLimit: 0 },
  resolve: {
    // So that the page reads like the code of somebody who installed the package.
    alias: [
      // The client alone: the backend itself stays on the server.
      { find: 'second-factor/sandbox', replacement: source('sandbox/http-client.ts') },
      { find: 'second-factor/inspect', replacement: source('inspect/index.ts') },
      { find: /^second-factor$/, replacement: source('index.ts') },
    ],
  },
});

const HEADERS = {
  // The page runs under the policy that a sign-in page should have.
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "frame-src 'self'", // the inspector, and the examples
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** A running demo. */
export interface Demo {
  /** Where the page is, without a slash at the end. */
  readonly url: string;
  /** The port it got, which is another one than was asked for where that was taken. */
  readonly port: number;
  /** Ends open connections and stops listening. */
  close(): Promise<void>;
}

interface Visitor {
  readonly world: World;
  readonly backstage: Hono;
}

/**
 * Serves the demo page and its backend from one port. Each visitor, told apart by a cookie, has a
 * backend, a phone and an authenticator of their own.
 *
 * @param options - `port` defaults to 4242; where it is taken the next free one is used; 0 is any
 * free one. `host` defaults to the loopback interface, `clock` to the real one
 * @throws the error of the socket, other than `EADDRINUSE`
 */
export async function startDemo(
  options: { port?: number; host?: string; clock?: WorldClock } = {},
): Promise<Demo> {
  const { port = DEFAULT_PORT, host = '127.0.0.1', clock = REAL_TIME } = options;
  const visitors = new Map<string, Visitor>();
  await buildViewer();

  const api = getRequestListener(async (request, { incoming, outgoing }) => {
    const id = readCookie(incoming);
    if (id === null) return new Response('Open the page first.', { status: 403 });
    const { world, backstage } = visit(visitors, id, clock);
    if (!isBackend(request.url)) return backstage.fetch(request);
    try {
      return await world.fetch(request);
    } catch {
      breakOff(outgoing as ServerResponse);
      return RESPONSE_ALREADY_SENT;
    }
  });

  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    if (isApi(request.url ?? '/')) {
      void api(request, response);
      return;
    }
    if (request.url?.startsWith('/viewer/')) {
      void sendViewerFile(request.url, response);
      return;
    }
    if (request.url?.startsWith('/examples/')) {
      void sendExample(request, response);
      return;
    }
    void sendPage(request, response);
  });

  const listen = (candidate: number) =>
    new Promise<number>((resolve, reject) => {
      server.once('error', reject);
      server.listen(candidate, host, () => {
        server.off('error', reject);
        const address = server.address();
        resolve(typeof address === 'object' && address ? address.port : candidate);
      });
    });

  const close = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  };

  for (let candidate = port; ; candidate += 1) {
    try {
      const taken = await listen(candidate);
      return { url: `http://${isEvery(host) ? 'localhost' : host}:${taken}`, port: taken, close };
    } catch (error) {
      const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      if (!isTaken || candidate >= port + MOST_PORTS) throw error;
    }
  }
}

/** Sends the page, or a file that it asks for. */
function sendPage(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url?.replace(/\?.*/, '') ?? '/';
  if (path !== '/' && path !== '/index.html') return page.send(response, path.slice(1));
  if (readCookie(request) === null) {
    const cookie = `${COOKIE}=${crypto.randomUUID()}; Path=/; HttpOnly; SameSite=Strict`;
    response.setHeader('set-cookie', cookie);
  }
  return page.send(response);
}

function visit(visitors: Map<string, Visitor>, id: string, clock: WorldClock): Visitor {
  const known = visitors.get(id);
  const world = known?.world ?? createWorld(clock);
  const visitor = known ?? { world, backstage: createBackstageApp(world, clock) };
  visitors.delete(id); // a map keeps the order of insertion: the newest visit goes last
  visitors.set(id, visitor);
  for (const oldest of visitors.keys()) {
    if (visitors.size <= MOST_VISITORS) break;
    visitors.delete(oldest);
  }
  return visitor;
}

function readCookie(request: Pick<IncomingMessage, 'headers'>): string | null {
  const cookies = (request.headers.cookie ?? '').split(/;\s*/);
  const own = cookies.find((cookie) => cookie.startsWith(`${COOKIE}=`));
  const id = own?.slice(COOKIE.length + 1) ?? '';
  return /^[\da-f-]{36}$/.test(id) ? id : null;
}

function isApi(url: string): boolean {
  return url.startsWith('/v1/') || url.startsWith('/demo/');
}

function isBackend(url: string): boolean {
  return new URL(url).pathname.startsWith('/v1/');
}

function isEvery(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}
