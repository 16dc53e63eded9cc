import type { EventObject, InspectionEvent } from 'xstate';
import { xstate5Config } from './chart.ts';
import type { InspectorMessage } from './messages.ts';
import { createRecorder, DEFAULT_BACKLOG, type InspectorOptions } from './recorder.ts';
import { showerOfSnapshot, statusOf } from './shapes.ts';
import type { Json } from './show.ts';
import { whyNot } from './viewer-url.ts';
import { BLOCKED, comesFrom, originOf } from './viewer-window.ts';
import { isSendRequest } from './wire.ts';

/** The part of an inspector of `@statelyai/inspect` that is used. */
export interface StatelyInspector {
  /** Absent where there is no window. */
  readonly adapter?: { send(message: never): void; targetWindow?: Window | null };
  stop?(): void;
}

/** What an inspector hands back. */
export interface Inspection {
  /** Hand it to `createActor(machine, { inspect })`. It never throws. */
  readonly inspect: (event: InspectionEvent) => void;
  /** Disconnects the viewer. The flow goes on. */
  stop(): void;
}

/**
 * Shows actors in an inspector of `@statelyai/inspect`, with what shapes name, and lets our own
 * viewer's page in its iframe send events back.
 *
 * The package's `sanitizeEvent` and `sanitizeContext` leave inputs, outputs and errors as they are,
 * and its `inspect` throws for a bigint outside of anybody's reach; so messages are made here and
 * handed to its adapter. `serialize` is set as well: what you send through it yourself is told by kind.
 *
 * @param create `createBrowserInspector` or `createWebSocketInspector` of `@statelyai/inspect`
 * @param options theirs, and ours; a `serialize` of yours gets what may be shown
 *
 * ```ts
 * import { createBrowserInspector } from '@statelyai/inspect';
 * const { inspect } = inspectWithStately(createBrowserInspector, { iframe });
 * const flow = createSecondFactor({ signIn, services, inspect });
 * ```
 */
export function inspectWithStately<Options extends object>(
  create: (options?: Options) => StatelyInspector,
  options?: Options & InspectorOptions,
): Inspection {
  const recorder = createRecorder(options);
  const { iframe, window: host, url, serialize } = (options ?? {}) as BrowserOptions;
  const page = host ?? (typeof window === 'undefined' ? undefined : window);
  const origin = page ? originOf(addressOf(url, page)) : '*';
  const listening = new AbortController();
  /** What was made here and may be shown. */
  const made = new WeakSet<object>();
  let inspector: StatelyInspector | undefined;
  let target: Window | null = null;
  const isViewer = (event: MessageEvent) =>
    comesFrom(
      event,
      iframe ? iframe.contentWindow : (target ?? inspector?.adapter?.targetWindow),
      origin,
    );

  const own = {
    // Theirs are 200, which a viewer that comes late would miss.
    maxDeferredEvents: options?.maxBacklog ?? DEFAULT_BACKLOG,
    ...options,
    ...(page && { window: onlyFrom(page, isViewer, listening.signal) }),
    serialize: (message: object) => {
      const shown = made.has(message) ? (message as Json) : showForeign(message);
      return serialize ? serialize(shown) : shown;
    },
  };
  try {
    // SAFETY: the caller's options with their `serialize` and `window` replaced by ones of the same type.
    inspector = create(own as unknown as Options);
  } catch (error) {
    console.warn(`The inspector did not start and the flow goes on: ${whyNot(error)}`);
  }
  const adapter = inspector?.adapter;
  if (adapter && 'targetWindow' in adapter) {
    if (!iframe && !adapter.targetWindow) console.warn(BLOCKED);
    // The adapter waits for the iframe's `load`; a viewer that connects earlier would miss the backlog.
    target = adapter.targetWindow ?? iframe?.contentWindow ?? null;
    // It would also tell everything to whatever page its window shows by then.
    Object.defineProperty(adapter, 'targetWindow', {
      get: () =>
        target && { postMessage: (message: unknown) => target?.postMessage(message, origin) },
      set: (window: Window | null) => {
        target = window;
      },
    });
  }
  page?.addEventListener(
    'message',
    (event) => {
      if (!isViewer(event) || !isSendRequest(event.data)) return;
      recorder.send(event.data.sessionId, event.data.event);
    },
    { signal: listening.signal },
  );
  const unsubscribe = recorder.subscribe((message) => {
    const told = toStately(message);
    made.add(told);
    // SAFETY: the adapter takes the messages of its package, which these extend.
    adapter?.send(told as never);
  });

  return {
    inspect: recorder.inspect,
    stop() {
      unsubscribe();
      listening.abort();
      inspector?.stop?.();
    },
  };
}

/** Where `createBrowserInspector` looks by default. */
const STATELY_PAGE = 'https://stately.ai/inspect';

/** The address of the inspecting page; theirs where it is none. */
function addressOf(url: string | URL = STATELY_PAGE, page: Window): URL {
  const base = page.location?.href ?? STATELY_PAGE;
  return URL.canParse(url, base) ? new URL(url, base) : new URL(STATELY_PAGE);
}

interface BrowserOptions {
  readonly iframe?: HTMLIFrameElement | null;
  readonly window?: Window;
  readonly url?: string | URL;
  readonly serialize?: (message: Json) => unknown;
}

function toStately(message: InspectorMessage): InspectorMessage {
  if (message.type !== '@xstate.actor') return message;
  const { chart, name } = message;
  return { ...message, definition: JSON.stringify(chart ? xstate5Config(chart) : { id: name }) };
}

/** A message that somebody sent through the package itself: who, what type, and kinds. */
function showForeign(message: object): Json {
  const { event, snapshot, ...envelope } = message as Record<string, unknown>;
  const { event: showEvent } = showerOfSnapshot(null, {});
  const texts = Object.entries(envelope).filter(
    ([name, value]) => ENVELOPE.includes(name) && typeof value === 'string',
  );
  return {
    ...(Object.fromEntries(texts) as { [name: string]: Json }),
    ...(event !== undefined && { event: showEvent(Object(event) as EventObject) }),
    ...(snapshot !== undefined && { snapshot: { status: statusOf(snapshot) } }),
  };
}

const ENVELOPE = ['type', 'sessionId', 'rootId', 'sourceId', 'parentId', 'name', 'createdAt'];

/** A window that hears the viewer only: the adapter asks nobody where a message comes from. */
function onlyFrom(
  page: Window,
  isViewer: (event: MessageEvent) => boolean,
  signal: AbortSignal,
): Pick<Window, 'open' | 'addEventListener'> {
  return {
    open: (...given) => page.open(...given),
    addEventListener: (type: string, listener: EventListenerOrEventListenerObject) => {
      const heard = (event: Event) => {
        if (!(event instanceof MessageEvent) || !isViewer(event)) return;
        try {
          if (typeof listener === 'function') listener.call(page, event);
          else listener.handleEvent(event);
        } catch {
          // A `serialize` of somebody else may throw; what it says may hold what it was given.
          console.warn('The inspector can’t be told what was recorded, and the flow goes on.');
        }
      };
      page.addEventListener(type, heard, { signal });
    },
  };
}
