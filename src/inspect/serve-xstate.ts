import type { Recorder } from './recorder.ts';
import { whyNot } from './viewer-url.ts';
import { CONNECTED_XSTATE4, isOfType } from './wire.ts';
import {
  type InspectorServer,
  type InspectorSocket,
  type InspectWithXStateOptions,
  isRequest,
  parse,
  type SocketListener,
  startXStateInspection,
  type XStateInspection,
} from './with-xstate.ts';
import type { ServedServer, ServedSocket } from './xstate-inspect/node.js';
import { createXState4Translator, type XState4Message } from './xstate4.ts';

/**
 * The same as in a page, and with a `server` from a process:
 *
 * ```ts
 * const server = new WebSocketServer({ port: 8888, host: '127.0.0.1' });
 * const { inspect } = inspectWithXState({ server });
 * const flow = createSecondFactor({ signIn, services, inspect });
 * ```
 */
export function inspectWithXState(options: InspectWithXStateOptions = {}): XStateInspection {
  return startXStateInspection(options, serveInNode);
}

async function serveInNode(
  recorder: Recorder,
  server: InspectorServer,
  origins: readonly string[],
): Promise<() => void> {
  // A port that is taken is no reason to end the process either.
  server.on('error', (error) => {
    console.warn(`The server of the inspector failed and the flow goes on: ${whyNot(error)}`);
  });
  const { serve } = await import('./xstate-inspect/node.js');
  const listening = new Set<InspectorSocket>();
  /** While one viewer gets the backlog, the others are not told again. */
  let only: InspectorSocket | null = null;
  let hasEnded = false;
  let send: ((message: XState4Message) => void) | null = null;

  const guarded: ServedServer = {
    get clients(): InspectorSocket[] {
      return only ? [only] : [...listening];
    },
    close: () => server.close(),
    on(event: string, listener: (socket: ServedSocket) => void) {
      if (event !== 'connection') return;
      server.on('connection', (socket, { headers }) => {
        // Without a listener an error of a socket ends the process.
        socket.on('error', () => listening.delete(socket));
        socket.on('close', () => listening.delete(socket));
        if (hasEnded || !mayConnect(headers.origin, origins)) {
          socket.close(1008, 'This origin may not inspect.');
          return;
        }
        listener(servedSocket(socket));
      });
    },
  };

  const servedSocket = (socket: InspectorSocket): ServedSocket => ({
    on(event: string, listener: SocketListener) {
      if (event !== 'message') return;
      socket.on('message', (data, isBinary) => {
        const message = isBinary ? null : parse(data.toString());
        if (isRequest(recorder, message) || !isOfType(message, CONNECTED_XSTATE4)) return;
        listening.add(socket);
        only = socket;
        try {
          listener(data, isBinary);
          for (const message of recorder.backlog.flatMap(createXState4Translator()))
            send?.(message);
        } finally {
          only = null;
        }
      });
    },
  });

  const inspector = serve(guarded);
  send = (message) => void inspector.send(message);
  const live = createXState4Translator();
  for (const recorded of recorder.backlog) live(recorded);
  const unsubscribe = recorder.subscribe((message) => {
    for (const one of live(message)) send?.(one);
  });
  return () => {
    hasEnded = true;
    unsubscribe();
    for (const socket of listening) socket.close();
    listening.clear();
  };
}

/** A program that is no browser sends no origin; a page can't leave its own out. */
function mayConnect(origin: string | undefined, allowed: readonly string[]): boolean {
  if (origin === undefined || allowed.includes(origin)) return true;
  try {
    return /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(new URL(origin).hostname);
  } catch {
    return false;
  }
}
