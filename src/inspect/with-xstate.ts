import type { Inspection } from './open-viewer.ts';
import { createRecorder, type InspectorOptions, type Recorder } from './recorder.ts';
import { pageUrl, viewerUrl, whyNot } from './viewer-url.ts';
import { showViewer, type ViewerPlace, type ViewerWindow, XSTATE_VIEWER } from './viewer-window.ts';
import { CONNECTED_XSTATE4, isOfType, isSendRequest } from './wire.ts';
import { createXState4Translator, type XState4Message } from './xstate4.ts';

/** A socket of a viewer, as `ws` has it. */
export interface InspectorSocket {
  readonly readyState: number;
  readonly OPEN: number;
  send(text: string): void;
  close(code?: number, reason?: string): void;
  on(event: 'message', listener: SocketListener): unknown;
  on(event: 'close' | 'error', listener: () => void): unknown;
}

/** What hears a socket of `ws`. */
export type SocketListener = (data: { toString(): string }, isBinary: boolean) => void;

type ConnectionListener = (
  socket: InspectorSocket,
  request: { headers: { origin?: string | undefined } },
) => void;

/** A WebSocket server, as `ws` has it. */
export interface InspectorServer {
  on(event: 'connection', listener: ConnectionListener): unknown;
  on(event: 'error', listener: (error: unknown) => void): unknown;
  close(): void;
}

/** Where `@xstate/inspect` shows the actors. */
export interface InspectWithXStateOptions extends InspectorOptions, ViewerPlace {
  /**
   * The viewer's page: absolute, or relative to this one. Stately's own is
   * `https://stately.ai/viz?inspect`, and then what is shown goes to that page.
   * @defaultValue the offline viewer of this package
   */
  readonly url?: string | URL;
  /** In Node: a `WebSocketServer` of `ws`, listening on the loopback interface. */
  readonly server?: InspectorServer;
  /**
   * In Node: origins of pages that may connect, beside those on the loopback interface. Any other
   * page in a browser on this computer could read the flow and drive it.
   */
  readonly origins?: readonly string[];
}

/** What {@link inspectWithXState} gives back. */
export interface XStateInspection extends Inspection {
  /**
   * Resolves when `@xstate/inspect` is loaded, or could not be, which is warned of; never rejects. The
   * viewer may still come later.
   */
  readonly ready: Promise<void>;
  /**
   * Opens the viewer's window again, where it was closed or the browser blocked it. Browsers let a
   * page open a window when somebody clicks. It does nothing to an iframe, and in Node.
   */
  open(): void;
}

/**
 * Shows XState 5 actors in `@xstate/inspect` 0.8, which speaks XState 4, and lets the inspecting
 * window, and no other, send events to them. Both packages come with this one.
 *
 * A viewer that connects late, or again, gets everything that was recorded, once and in order.
 * Whatever happens to the inspector, the flow goes on.
 *
 * ```ts
 * const { inspect } = inspectWithXState({ iframe });
 * const flow = createSecondFactor({ signIn, services, inspect });
 * ```
 */
export function inspectWithXState(options: InspectWithXStateOptions = {}): XStateInspection {
  return startXStateInspection(options);
}

/** Serves what is recorded to viewers that connect. */
export type Serve = (
  recorder: Recorder,
  server: InspectorServer,
  origins: readonly string[],
) => Promise<() => void>;

/** @param serve - absent in the build for pages: what it needs of Node stays out of them */
export function startXStateInspection(
  options: InspectWithXStateOptions,
  serve?: Serve,
): XStateInspection {
  const recorder = createRecorder(options);
  let viewer: ViewerWindow | null = null;
  let disconnect: (() => void) | null = null;
  let isStopped = false;

  const start = async (): Promise<void> => {
    if (options.server) {
      if (!serve) throw new Error('A page can’t serve; `server` is for Node.');
      disconnect = await serve(recorder, options.server, options.origins ?? []);
    } else {
      const url = new URL(options.url ?? viewerUrl(), pageUrl());
      // At once: a browser lets a click open a window for a moment only.
      viewer = showViewer(url, XSTATE_VIEWER, options, options.url === undefined);
      disconnect = await connectInBrowser(recorder, viewer, String(url));
    }
    if (isStopped) disconnect();
  };
  const ready = start().catch((error: unknown) => {
    console.warn(`@xstate/inspect did not start and the flow goes on: ${whyNot(error)}`);
  });

  return {
    inspect: recorder.inspect,
    ready,
    open: () => viewer?.open(),
    stop() {
      isStopped = true;
      disconnect?.();
      disconnect = null;
    },
  };
}

async function connectInBrowser(
  recorder: Recorder,
  viewer: ViewerWindow,
  url: string,
): Promise<() => void> {
  const listening = new AbortController();
  let translate = createXState4Translator();
  let connection: ReturnType<typeof connect>;
  /** A hello that came before the package was loaded. */
  let early: MessageEvent | null = null;
  const forward = (message: XState4Message): void => void connection?.inspector.send(message);

  const hear = (event: MessageEvent): void => {
    if (isRequest(recorder, event.data)) return;
    const isHello = isOfType(event.data, CONNECTED_XSTATE4);
    if (isHello && !connection) early = event;
    connection?.deliver(event);
    if (!connection || !isHello) return;
    // The page is new, so it gets everything from the start.
    translate = createXState4Translator();
    for (const message of recorder.backlog) translate(message).forEach(forward);
  };
  viewer.listen(hear, recorder, listening.signal);

  const { connect } = await import('./xstate-inspect/browser.js').catch((error: unknown) => {
    listening.abort(); // what is not there must not be driven
    throw error;
  });
  connection = connect({ url, post: viewer.post });
  if (early) hear(early);
  // Before a viewer is there the package drops what it is given; the backlog waits for its hello.
  const unsubscribe = recorder.subscribe((message) => translate(message).forEach(forward));
  return () => {
    listening.abort();
    unsubscribe();
    connection?.inspector.disconnect();
  };
}

/**
 * Sends what a viewer asks for, in its words of `@xstate/inspect` or ours. The package would
 * repeat the event to the viewer as it came, with what was typed.
 */
export function isRequest(recorder: Recorder, message: unknown): boolean {
  if (isSendRequest(message)) {
    recorder.send(message.sessionId, message.event);
    return true;
  }
  if (!isOfType(message, 'xstate.event')) return false;
  const { origin, name, data } = Object(parse(Object(message).event));
  if (typeof origin === 'string') recorder.send(origin, { type: name, ...data });
  return true;
}

/** What a text of JSON stands for, or `null`. */
export function parse(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return null;
  }
}
