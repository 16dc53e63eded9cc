import { ASK, CONNECTED, CONNECTED_XSTATE4, type SendRequest } from '../wire.ts';

/** The host page or process, as the viewer sees it. */
export interface Host {
  /** Whether anything was heard of it. */
  isConnected(): boolean;
  readonly canSend: boolean;
  /** What to tell people who see nothing yet. */
  readonly hint: string;
  /** Asks the host to send an event to one of its actors. */
  send(sessionId: string, event: Readonly<Record<string, unknown>>): void;
}

/** What is told of a host. */
export interface HostListener {
  /** It said something. */
  hear(message: unknown): void;
  /** Another one is there, or the same one again: it begins from the start. */
  began(): void;
  /** It is there now, or no longer. */
  changed(): void;
}

/** A process that is started again listens again after a moment. */
const RETRY_MS = 1_000;

/**
 * Connects to whoever opened this page: the window that framed or opened it, or with
 * `?server=localhost:8888` a process on this computer. `?inspect` speaks the protocol of
 * `@xstate/inspect`, else it is that of `@statelyai/inspect`.
 */
export function connect({ hear, began, changed }: HostListener): Host {
  const parameters = new URLSearchParams(location.search);
  const server = parameters.get('server');
  const isXState4 = parameters.has('inspect') || server !== null;
  let isConnected = false;
  const heard = (message: unknown): void => {
    if (!isConnected) {
      isConnected = true;
      changed();
    }
    hear(message);
  };
  const request = (sessionId: string, event: Readonly<Record<string, unknown>>): object =>
    isXState4
      ? {
          type: 'xstate.event',
          event: JSON.stringify({
            name: event.type,
            data: event,
            $$type: 'scxml',
            type: 'external',
            origin: sessionId,
          }),
        }
      : ({ type: 'second-factor.send', sessionId, event } satisfies SendRequest);
  const hello = { type: isXState4 ? CONNECTED_XSTATE4 : CONNECTED };

  const lost = (): void => {
    if (!isConnected) return;
    isConnected = false;
    changed();
  };

  if (server !== null) {
    return connectToProcess(server, hello, { heard, began, lost }, request, () => isConnected);
  }

  const host: Window | null = window.opener ?? (window.parent === window ? null : window.parent);
  /** Whom the first message came from; a host that went elsewhere since is another one. */
  let origin: string | null = null;
  addEventListener('message', (event) => {
    if (!host || event.source !== host) return;
    origin ??= event.origin;
    if (event.origin !== origin) return;
    if (event.data?.type === ASK) {
      began();
      greet();
    } else heard(event.data);
  });
  // The origin of a file is opaque and can't be named.
  const target = () => (origin === null || origin === 'null' ? '*' : origin);
  // A host that listens for `load` first would miss an earlier hello.
  const greet = () => setTimeout(() => host?.postMessage(hello, '*'));
  if (document.readyState === 'complete') greet();
  else addEventListener('load', greet);
  setInterval(() => {
    if (host?.closed) lost();
  }, RETRY_MS);
  return {
    isConnected: () => isConnected,
    canSend: host !== null,
    hint: host
      ? 'Waiting for an actor. It shows up as soon as it starts.'
      : 'Open this page from your app, or open a recorded session.',
    send: (sessionId, event) => host?.postMessage(request(sessionId, event), target()),
  };
}

function connectToProcess(
  server: string,
  hello: object,
  { heard, began, lost }: Record<'began' | 'lost', () => void> & { heard(message: unknown): void },
  request: (sessionId: string, event: Readonly<Record<string, unknown>>) => object,
  isConnected: () => boolean,
): Host {
  let socket: WebSocket | null = null;
  const open = () => {
    try {
      socket = new WebSocket(`ws://${server}`);
    } catch {
      return; // no address: the page goes on waiting for the one that it names
    }
    socket.addEventListener('open', () => {
      began();
      socket?.send(JSON.stringify(hello));
    });
    socket.addEventListener('close', () => {
      lost();
      setTimeout(open, RETRY_MS);
    });
    socket.addEventListener('message', ({ data }) => {
      try {
        heard(JSON.parse(String(data)));
      } catch {
        // A message that is no JSON is none of ours.
      }
    });
  };
  open();
  return {
    isConnected,
    canSend: true,
    hint: `Waiting for an actor of ${server}.`,
    send: (sessionId, event) => {
      if (socket?.readyState === WebSocket.OPEN)
        socket.send(JSON.stringify(request(sessionId, event)));
    },
  };
}
