import { xstate5Config } from './chart.ts';
import type { InspectorMessage } from './messages.ts';
import { connectViewer, type Inspection } from './open-viewer.ts';
import { createRecorder, DEFAULT_BACKLOG, type InspectorOptions } from './recorder.ts';
import { whyNot } from './viewer-url.ts';
import { type ViewerPlace, XSTATE_VIEWER } from './viewer-window.ts';

/** The part of an inspector of `@statelyai/inspect` that is used. */
export interface StatelyInspector {
  /** With a `targetWindow` where the inspector is a page. */
  readonly adapter?: { send(message: never): void; targetWindow?: Window | null };
  start?(): void;
  stop?(): void;
}

/** Where `createBrowserInspector` looks by default. */
const STATELY_PAGE = 'https://stately.ai/inspect';

/**
 * Shows actors in an inspector of `@statelyai/inspect`, with what shapes name, and lets our own
 * viewer's page in its iframe send events back.
 *
 * The package's `sanitizeEvent` and `sanitizeContext` leave inputs, outputs and errors as they are; its
 * `inspect` throws for a bigint; and its adapter for pages hears every window and tells every page. So
 * messages are made here, and a page is told them by us. Of what you send through the package yourself
 * the type is told.
 *
 * @param create - `createBrowserInspector` or `createWebSocketInspector` of `@statelyai/inspect`
 * @param options - theirs, and ours; a `serialize` of yours gets what may be shown
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
  const { url = STATELY_PAGE, serialize, autoStart, ...place } = (options ?? {}) as PageOptions;
  /** What was made here and may be shown. */
  const made = new WeakSet<object>();
  const own = (message: object): unknown => {
    const shown = made.has(message) ? message : { type: (message as { type?: unknown }).type };
    return serialize ? serialize(shown) : shown;
  };
  const tell = (message: InspectorMessage): object => {
    const isActor = message.type === '@xstate.actor';
    const config = isActor && (message.chart ? xstate5Config(message.chart) : { id: message.name });
    const told = { ...message, ...(config && { definition: JSON.stringify(config) }) };
    made.add(told);
    return told;
  };

  let inspector: StatelyInspector | undefined;
  try {
    const settings = { maxDeferredEvents: DEFAULT_BACKLOG, ...options, serialize: own };
    // SAFETY: the caller's options with a `serialize` of the same type; it starts below.
    inspector = create({ ...settings, autoStart: false } as unknown as Options);
  } catch (error) {
    console.warn(`The inspector did not start and the flow goes on: ${whyNot(error)}`);
  }
  const { adapter } = inspector ?? {};
  let stop: () => void;
  if (adapter && 'targetWindow' in adapter) {
    const at = { ...place, url };
    ({ stop } = connectViewer(recorder, at, XSTATE_VIEWER, false, (message) => own(tell(message))));
  } else {
    if (autoStart !== false) inspector?.start?.();
    // SAFETY: the adapter takes the messages of its package, which these extend.
    stop = recorder.subscribe((message) => adapter?.send(tell(message) as never));
  }
  return {
    inspect: recorder.inspect,
    stop() {
      stop();
      inspector?.stop?.();
    },
  };
}

interface PageOptions extends ViewerPlace {
  readonly url?: string | URL;
  readonly autoStart?: boolean;
  readonly serialize?: (message: unknown) => unknown;
}
