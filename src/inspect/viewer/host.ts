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

/**
 * Connects to whoever opened this page: the window that framed or opened it, or with
 * `?server=localhost:8888` a process on this computer. `?inspect` speaks the protocol of
 * `@xstate/inspect`, else it is that of `@statelyai/inspect`.
 */
export function connect(hear: (message: unknown) => void, changed: () => void): Host {
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
      : { type: 'second-factor.send', sessionId, event };
  const hello = { type: isXState4 ? 'xstate.inspecting' : '@statelyai.connected' };

  if (server !== null) return connectToProcess(server, hello, heard, request, () => isConnected);

  const host: Window | null = window.opener ?? (window.parent === window ? null : window.parent);
  /** Whom the first message came from; a host that went elsewhere since is another one. */
  let origin: string | null = null;
  addEventListener('message', (event) => {
    if (!host || event.source !== host) return;
    origin ??= event.origin;
    if (event.origin === origin) heard(event.data);
  });
  // The origin of a file is opaque and can't be named.
  const target = () => (origin === null || origin === 'null' ? '*' : origin);
  // A host that listens for `load` first would miss an earlier hello.
  const greet = () => setTimeout(() => host?.postMessage(hello, '*'));
  if (document.readyState === 'complete') greet();
  else addEventListener('load', greet);
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
  heard: (message: unknown) => void,
  request: (sessionId: string, event: Readonly<Record<string, unknown>>) => object,
  isConnected: () => boolean,
): Host {
  let socket: WebSocket | null = null;
  const open = () => {
    try {
      socket = new WebSocket(`ws://${server}`);
    } catch {
      return;
    }
    socket.addEventListener('open', () => socket?.send(JSON.stringify(hello)));
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
