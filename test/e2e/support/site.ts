import type { ServerResponse } from 'node:http';
import { type Http2Bindings, type HttpBindings, serve } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { createSandboxApp } from '../../../src/sandbox/app.ts';
import { createSandbox, DEFAULT_USER, type Sandbox } from '../../../src/sandbox/index.ts';
import { breakOff } from '../../../src/sandbox/server.ts';
import type { StoppedClock } from './clock.ts';

/** Somebody who has nothing but one phone. */
const GRACE = { identifier: 'grace@example.com', phones: [{ number: '+15555550102' }] };

/** Pages, and a sandbox behind them. */
export interface Site {
  readonly url: string;
  /** The sandbox of the current visit. */
  readonly sandbox: Sandbox;
  /** Puts a new sandbox there. */
  renew(): void;
  close(): Promise<void>;
}

/** What a site is made of. */
export interface SiteParts {
  /** The time of the sandbox. */
  readonly clock: StoppedClock;
  /** Sends a page, or a file of one. */
  send(pathname: string): Response | Promise<Response>;
  /** Each answer of the sandbox waits for this. */
  mayAnswer?(pathname: string): Promise<void>;
}

/** Serves pages and a sandbox from an origin of their own. */
export function openSite({ clock, send, mayAnswer }: SiteParts): Promise<Site> {
  const create = () => {
    const sandbox = createSandbox({ clock, users: [DEFAULT_USER, GRACE] });
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
          if (!pathname.startsWith('/v1/')) return send(pathname);
          const [answer] = await Promise.allSettled([
            current.app.fetch(request, env),
            mayAnswer?.(pathname),
          ]);
          if (answer.status === 'fulfilled') return answer.value;
          breakOff(env.outgoing as ServerResponse); // SAFETY: `serve` makes an HTTP/1 server by itself
          return RESPONSE_ALREADY_SENT;
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
          close: () =>
            new Promise((done) => {
              server.close(() => done());
              if ('closeAllConnections' in server) server.closeAllConnections();
            }),
        }),
    );
    server.once('error', reject);
  });
}
