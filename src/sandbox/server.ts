import type { ServerResponse } from 'node:http';
import { type Http2Bindings, type HttpBindings, serve } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { createSandboxApp } from './app.ts';
import { createSandbox, type Sandbox } from './sandbox.ts';

export { createSandboxApp };

/** The only interface that the server listens on: what it serves must not leave the machine. */
const HOSTNAME = '127.0.0.1';

/** A running sandbox server. */
export interface SandboxServer {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  readonly sandbox: Sandbox;
  /** Ends open connections and stops listening. */
  close(): Promise<void>;
}

/**
 * Serves a sandbox over HTTP on the loopback interface, in Node. A lost request or reply destroys
 * the connection.
 *
 * @param options - `port` defaults to 0, which is any free one; `sandbox` to a new one
 * @throws the error of the socket, such as `EADDRINUSE`
 */
export function serveSandbox(
  options: { port?: number; sandbox?: Sandbox } = {},
): Promise<SandboxServer> {
  const { port = 0, sandbox = createSandbox() } = options;
  const app = createSandboxApp(sandbox);
  return new Promise((resolve, reject) => {
    const server = serve(
      {
        port,
        hostname: HOSTNAME,
        async fetch(request, env: HttpBindings | Http2Bindings) {
          try {
            return await app.fetch(request, env);
          } catch {
            breakOff(env.outgoing as ServerResponse); // SAFETY: `serve` makes an HTTP/1 server by itself
            return RESPONSE_ALREADY_SENT;
          }
        },
      },
      (info) =>
        resolve({
          url: `http://${HOSTNAME}:${info.port}`,
          port: info.port,
          sandbox,
          close: () =>
            new Promise((done, fail) => {
              server.close((error) => (error ? fail(error) : done()));
              if ('closeAllConnections' in server) server.closeAllConnections();
            }),
        }),
    );
    server.once('error', reject);
  });
}

/**
 * Loses an answer: the connection ends in the middle of it. It must have begun, because browsers
 * send a request once more, a POST too, where a connection that they kept open ends without a byte.
 */
export function breakOff(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
  response.write('{', () => response.destroy());
}
