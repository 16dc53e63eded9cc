import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What happens to one exchange between a client and the server behind the proxy. */
export type ProxyFault =
  /** The request never arrives, and the connection ends. */
  | 'dropRequest'
  /** The server has answered, and the connection ends before the client hears a byte of it. */
  | 'dropReply'
  /** The client gets the headers and half of the body, and then the connection ends. */
  | 'cutBody'
  /** The server has answered, and the answer waits until this promise resolves. */
  | { readonly until: Promise<unknown> }
  /** Somebody on the way answers. With `takesEffect` the server was asked all the same. */
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
      readonly takesEffect?: boolean;
    };

/** One request that came to the proxy, and what the proxy did to it. */
export interface ProxyEntry {
  /** Method and path, as in `POST /two-factor/verify-otp?x=1`. */
  readonly request: string;
  readonly fault: ProxyFault | null;
}

/** A proxy on the loopback interface that spoils single answers, as a test says. */
export interface FaultProxy {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string;
  /** Each request, in the order in which they came. */
  readonly log: readonly ProxyEntry[];
  /** How many faults have not been used yet. */
  readonly pending: number;
  /**
   * Queues a fault for the next request whose method and path match. Each is used once.
   *
   * @param match - is held against `POST /path`
   */
  next(match: RegExp, ...faults: readonly ProxyFault[]): void;
  /** Ends open connections and stops listening. */
  close(): Promise<void>;
}

/** A page such as a gateway answers with, where JSON should be. */
export const HTML_PAGE = {
  status: 502,
  headers: { 'content-type': 'text/html' },
  body: '<!doctype html><title>502 Bad Gateway</title>',
} satisfies ProxyFault;

/**
 * Browsers send a request again, a POST too, where a connection that they kept open ends early: none is
 * kept open.
 */
const OWN_HEADERS = ['connection', 'close'];

/** Headers that speak of one connection, not of the answer. */
const OF_THE_CONNECTION = /^(connection|content-length|keep-alive|transfer-encoding)$/i;

/**
 * Starts a proxy in front of a server.
 *
 * @param target - the server's URL, without a slash at the end; a function for a server that is started
 * after its proxy
 */
export async function startFaultProxy(target: string | (() => string)): Promise<FaultProxy> {
  const queue: { match: RegExp; fault: ProxyFault }[] = [];
  const log: ProxyEntry[] = [];

  const server = createServer(async (incoming, outgoing) => {
    const name = `${incoming.method} ${incoming.url}`;
    const place = queue.findIndex(({ match }) => match.test(name));
    const fault = place < 0 ? null : (queue.splice(place, 1)[0]?.fault ?? null);
    log.push({ request: name, fault });
    try {
      await carry(incoming, outgoing, typeof target === 'string' ? target : target(), fault);
    } catch {
      outgoing.destroy(); // one side has gone
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // SAFETY: a server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    log,
    get pending() {
      return queue.length;
    },
    next(match, ...faults) {
      queue.push(...faults.map((fault) => ({ match, fault })));
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function carry(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  target: string,
  fault: ProxyFault | null,
): Promise<void> {
  const sent = await readAll(incoming);
  if (fault === 'dropRequest') return void incoming.socket.destroy();
  const replaces = fault !== null && typeof fault === 'object' && 'status' in fault;
  if (replaces && !fault.takesEffect) return replace(outgoing, fault);

  const answer = await ask(incoming, sent, target);
  const body = await readAll(answer);
  if (fault !== null && typeof fault === 'object' && 'until' in fault) await fault.until;
  if (fault === 'dropReply') return void incoming.socket.destroy();
  if (replaces) return replace(outgoing, fault);

  const headers = answer.rawHeaders.flatMap((name, index, all) =>
    index % 2 === 1 || OF_THE_CONNECTION.test(name) ? [] : [name, all[index + 1] ?? ''],
  );
  outgoing.writeHead(answer.statusCode ?? 502, [
    ...headers,
    ...OWN_HEADERS,
    'content-length',
    `${body.length}`,
  ]);
  if (fault !== 'cutBody') return void outgoing.end(body);
  outgoing.write(body.subarray(0, Math.ceil(body.length / 2)), () => outgoing.destroy());
}

/** Asks the server what the client asked, on a connection of its own. */
function ask(incoming: IncomingMessage, body: Buffer, target: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const forwarded = request(`${target}${incoming.url}`, {
      method: incoming.method,
      headers: { ...incoming.headers, connection: 'close' },
    });
    forwarded.once('response', resolve).once('error', reject);
    forwarded.end(body);
  });
}

function replace(
  outgoing: ServerResponse,
  { status, headers = {}, body = '' }: Extract<ProxyFault, { status: number }>,
): void {
  outgoing.writeHead(status, { ...headers, connection: 'close' });
  outgoing.end(body);
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
