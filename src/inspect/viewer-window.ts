import type { Recorder } from './recorder.ts';
import { errorKind } from './show.ts';
import { ASK, isOfType, isSendRequest, NO_VIEWER } from './wire.ts';

/** Where a viewer is shown. */
export interface ViewerPlace {
  /** An iframe that the viewer's page is loaded into. */
  readonly iframe?: HTMLIFrameElement | null;
  /** A window that already shows the viewer, or will. Without it and an iframe one is opened. */
  readonly targetWindow?: Window | null;
}

/** The window of a viewer. It may be closed, and opened again. */
export interface ViewerWindow {
  /** Hears the viewer: its window, and its page. What that asks for is sent already. */
  listen(hear: (event: MessageEvent) => void, recorder: Recorder, signal: AbortSignal): void;
  post(message: unknown): void;
  /** Opens the window where there is none, or brings it to the front. */
  open(): void;
}

/** Names of windows that viewers are shown in: a page that was loaded anew finds its own again. */
export const VIEWER = 'second-factor-viewer';
export const XSTATE_VIEWER = 'xstateinspector';
/** Stands in the page of the viewer, by which it is told apart from an app that is served instead. */
const MARK = 'content="second-factor viewer"';
/** How long after its page a viewer may take to say hello, in ms. */
const HELLO_MS = 5_000;

/**
 * Shows a viewer's page in the iframe or the window that was given, or in a window of its own. What is
 * no viewer is refused, with a warning that names the way: a dev server that does not know the page
 * would answer with the app itself.
 *
 * @param name - of the window
 * @param isOurs - whether the page has to be the viewer of this package
 */
export function showViewer(
  url: URL,
  name: string,
  { iframe, targetWindow }: ViewerPlace,
  isOurs: boolean,
): ViewerWindow {
  // The origin of a file is opaque and can't be named: there, the window alone must do.
  const origin = url.origin === 'null' ? '*' : url.origin;
  // This app was loaded where a viewer should be: it must not open one in there.
  const isInside = [VIEWER, XSTATE_VIEWER].includes(globalThis.window?.name);
  let opened: Window | null = targetWindow ?? null;
  let isRefused = false;
  let patience: ReturnType<typeof setTimeout> | undefined;
  // A frame that is moved in the page gets another window.
  const target = (): Window | null => (iframe ? iframe.contentWindow : opened);

  const refuse = (): void => {
    clearTimeout(patience);
    if (isRefused) return;
    isRefused = true;
    if (iframe) iframe.src = 'about:blank';
    else if (!targetWindow) opened?.close();
    console.warn(
      `second-factor/inspect: ${url.href} is not the viewer, and the flow goes on. With Vite, add the plugin of second-factor/inspect/vite. Elsewhere, serve the folder dist/src/inspect/viewer of this package and pass its page as \`url\`.`,
    );
  };
  const awaitHello = (): void => {
    clearTimeout(patience);
    patience = setTimeout(refuse, HELLO_MS);
  };
  const open = (): void => {
    if (iframe || isInside) return;
    if (opened && !opened.closed) {
      opened.focus();
      return;
    }
    opened = globalThis.open(String(url), name);
    if (opened) awaitHello();
    else {
      console.warn(
        'The browser blocked the window of the inspector, and the flow goes on. Allow pop-ups for this page, or give the inspector an `iframe`. Or call `open()` of the inspector when somebody clicks.',
      );
    }
  };
  const frame = async (frame: HTMLIFrameElement): Promise<void> => {
    if (isOurs && url.origin === location.origin && !(await isViewer(url))) return refuse();
    frame.name = name;
    frame.addEventListener('load', awaitHello, { once: true });
    frame.src = String(url);
  };
  const post = (message: unknown): void => target()?.postMessage(message, origin);

  if (isInside) (globalThis.opener ?? parent).postMessage({ type: NO_VIEWER }, '*');
  else if (iframe) void frame(iframe);
  else if (opened) post({ type: ASK });
  else open();

  return {
    post,
    open,
    listen(hear, recorder, signal) {
      const listener = (event: MessageEvent) => {
        const { source, origin: from, data } = event;
        const isViewer = source !== null && source === target();
        if (!isViewer || isRefused || (origin !== '*' && from !== origin)) return;
        if (isOfType(data, NO_VIEWER)) return refuse();
        clearTimeout(patience);
        if (isSendRequest(data)) return recorder.send(data.sessionId, data.event);
        try {
          hear(event);
        } catch (error) {
          console.warn(`The inspector can’t be reached: ${errorKind(error)}.`);
        }
      };
      globalThis.addEventListener('message', listener, { signal });
    },
  };
}

/** Whether a page is the viewer; of one that can't be read its hello will tell. */
async function isViewer(url: URL): Promise<boolean> {
  try {
    const page = await fetch(url);
    return (await page.text()).includes(MARK);
  } catch {
    return true;
  }
}
