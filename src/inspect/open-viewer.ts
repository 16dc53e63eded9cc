import type { InspectionEvent } from 'xstate';
import type { InspectorMessage } from './messages.ts';
import { createRecorder, type InspectorOptions, type Recorder } from './recorder.ts';
import { SESSION_FORMAT, SESSION_VERSION, type Session } from './session.ts';
import { pageUrl, viewerUrl, whyNot } from './viewer-url.ts';
import { showViewer, VIEWER, type ViewerPlace, type ViewerWindow } from './viewer-window.ts';
import { CONNECTED, isOfType } from './wire.ts';

/** What an inspector hands back. */
export interface Inspection {
  /** Hand it to `createActor(machine, { inspect })`. It never throws. */
  readonly inspect: (event: InspectionEvent) => void;
  /** Disconnects the viewer. The flow goes on. */
  stop(): void;
}

/** Where the viewer is shown. */
export interface OpenViewerOptions extends InspectorOptions, ViewerPlace {
  /**
   * The viewer's page: absolute, or relative to this one.
   * @defaultValue where the Vite plugin serves it, else the page beside this module
   */
  readonly url?: string | URL;
}

/** What {@link openViewer} gives back. */
export interface ViewerInspection extends Inspection {
  /** What was recorded, as the viewer saves and opens it. */
  session(): Session;
  /**
   * Opens the viewer's window again, where it was closed or the browser blocked it. Browsers let a
   * page open a window when somebody clicks. It does nothing to an iframe.
   */
  open(): void;
}

/**
 * Opens the offline viewer: the statechart with its active states, the transition just taken, what
 * is accepted now and why the rest is not, what changed, and a log to go back and forth in.
 *
 * Its page makes no request to anywhere. It works for any XState 5 machine. Only the window that
 * was opened or framed here can send events to the actors.
 *
 * ```ts
 * const { inspect } = openViewer({ iframe });
 * const flow = createSecondFactor({ signIn, services, inspect });
 * ```
 */
export function openViewer(options: OpenViewerOptions = {}): ViewerInspection {
  const recorder = createRecorder(options);
  const connection = connectViewer(recorder, options, VIEWER, true, (message) => message);
  return { inspect: recorder.inspect, session: () => sessionOf(recorder), ...connection };
}

/**
 * Shows what is recorded in a viewer that speaks the words of `@statelyai/inspect`.
 *
 * @param tell - makes what is posted of a message
 */
export function connectViewer(
  recorder: Recorder,
  options: Pick<OpenViewerOptions, 'url' | keyof ViewerPlace>,
  name: string,
  isOurs: boolean,
  tell: (message: InspectorMessage) => unknown,
): { open(): void; stop(): void } {
  const listening = new AbortController();
  let isConnected = false;
  let viewer: ViewerWindow | null = null;
  const post = (message: InspectorMessage): void => {
    if (isConnected) viewer?.post(tell(message));
  };
  try {
    viewer = showViewer(new URL(options.url ?? viewerUrl(), pageUrl()), name, options, isOurs);
    const hear = ({ data }: MessageEvent): void => {
      if (!isOfType(data, CONNECTED)) return;
      // A viewer that was loaded anew is empty, so it gets everything.
      isConnected = true;
      for (const message of recorder.backlog) post(message);
    };
    viewer.listen(hear, recorder, listening.signal);
  } catch (error) {
    console.warn(`The viewer did not open and the flow goes on: ${whyNot(error)}`);
  }
  const unsubscribe = recorder.subscribe(post);
  return {
    open: () => viewer?.open(),
    stop() {
      unsubscribe();
      listening.abort();
    },
  };
}

/** What {@link recordSession} gives back. */
export interface SessionRecorder extends Pick<ViewerInspection, 'inspect' | 'session'> {}

/**
 * Records a session without showing it, in a browser or in Node: a test or a server can keep it as
 * JSON, and the viewer opens it later.
 *
 * ```ts
 * const { inspect, session } = recordSession();
 * await writeFile('session.json', JSON.stringify(session()));
 * ```
 */
export function recordSession(options: InspectorOptions = {}): SessionRecorder {
  const recorder = createRecorder(options);
  return { inspect: recorder.inspect, session: () => sessionOf(recorder) };
}

function sessionOf({ backlog }: Recorder): Session {
  return { format: SESSION_FORMAT, version: SESSION_VERSION, messages: [...backlog] };
}
