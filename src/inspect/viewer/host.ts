import { ASK, CONNECTED, CONNECTED_XSTATE4, type SendRequest } from '../wire.ts';

/** The host page or process, as the viewer sees it. */
export interface Host {
  isConnected(): boolean;
  readonly canSend: boolean;
  /** What to tell people who see nothing yet. */
  readonly hint: string;
  /** Asks the host to send an event to one of its actors. */
  send(sessionId: string, event: Readonly<Record<string, unknown>>): void;
}

/** What is told of a host: that it spoke, that it begins from the start, that it is there or no longer. */
export interface HostListener {
  hear(message: unknown): void;
  began(): void;
  changed(): void;
}

/** A process that is started again listens again after a moment. */
const RETRY_MS = 1_000;

/**
 * Connects to whoever opened this page: the window that framed or opened it, or with
 * `?server=localhost:8888` a process on this computer.
 */
export function connect(listener: HostListener): Host {
  const server = new URLSearchParams(location.search).get('server');
  return server === null ? connectToWindow(listener) : connectToProcess(server, listener);
}

/** In the words of either inspector: a host knows its own. */
const HELLOS = [{ type: CONNECTED }, { type: CONNECTED_XSTATE4 }];

/** What both connections have: whether the other end is there. */
function presence({ hear, changed }: HostListener) {
  let isConnected = false;
  const set = (is: boolean): void => {
    if (isConnected === is) return;
    isConnected = is;
    changed();
  };
  return {
    isConnected: () => isConnected,
    lost: () => set(false),
    heard(message: unknown): void {
      set(true);
      hear(message);
    },
  };
}

const request = (sessionId: string, event: Readonly<Record<string, unknown>>): SendRequest => ({
  type: 'second-factor.send',
  sessionId,
  event,
});

function connectToWindow(listener: HostListener): Host {
  const { isConnected, lost, heard } = presence(listener);
  const host: Window | null = window.opener ?? (window.parent === window ? null : window.parent);
  /** Whom the first message came from; a host that went elsewhere since is another one. */
  let origin: string | null = null;
  // A host that listens for `load` first would miss an earlier hello.
  const greet = () =>
    setTimeout(() => {
      for (const hello of HELLOS) host?.postMessage(hello, '*');
    });
  addEventListener('message', (event) => {
    if (!host || event.source !== host) return;
    origin ??= event.origin;
    if (event.origin !== origin) return;
    if (event.data?.type !== ASK) return heard(event.data);
    listener.began();
    greet();
  });
  if (document.readyState === 'complete') greet();
  else addEventListener('load', greet);
  setInterval(() => {
    if (host?.closed) lost();
  }, RETRY_MS);
  return {
    isConnected,
    canSend: host !== null,
    hint: host
      ? 'Waiting for an actor. It shows up as soon as it starts.'
      : 'Open this page from your app, or open a recorded session.',
    send(sessionId, event) {
      // The origin of a file is opaque and can't be named.
      const target = origin === null || origin === 'null' ? '*' : origin;
      host?.postMessage(request(sessionId, event), target);
    },
  };
}

function connectToProcess(server: string, listener: HostListener): Host {
  const { isConnected, lost, heard } = presence(listener);
  let socket: WebSocket | null = null;
  const say = (message: object) => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  };
  const open = () => {
    try {
      socket = new WebSocket(`ws://${server.replace(/^wss?:\/\//, '')}`);
    } catch {
      return; // no address: the page goes on waiting for the one that it names
    }
    socket.addEventListener('open', () => {
      listener.began();
      HELLOS.forEach(say);
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
    send: (sessionId, event) => say(request(sessionId, event)),
  };
}
