import { ASK } from './wire.ts';

/** Where a viewer is shown. */
export interface ViewerPlace {
  /** An iframe that the viewer's page is loaded into. */
  readonly iframe?: HTMLIFrameElement | null;
  /** A window that already shows the viewer, or will. Without it and an iframe one is opened. */
  readonly targetWindow?: Window | null;
}

/** The window of a viewer. It may be closed, and opened again. */
export interface ViewerWindow {
  /** Whether a message comes from the viewer: from its window, and from its page. */
  isSource(event: MessageEvent): boolean;
  post(message: unknown): void;
  /** Opens the window where there is none, or brings it to the front. */
  open(): void;
}

/** What is said when a browser opens no window. */
export const BLOCKED =
  'The browser blocked the window of the inspector, and the flow goes on. Allow pop-ups for this page, or give the inspector an `iframe`.';

/** The origin of a page. That of a file is opaque and can't be named: there, the window alone must do. */
export function originOf(url: URL): string {
  return url.origin === 'null' ? '*' : url.origin;
}

/** Whether a message comes from a window that shows a page of an origin. */
export function comesFrom(
  { source, origin: from }: MessageEvent,
  target: Window | null | undefined,
  origin: string,
): boolean {
  return source !== null && source === target && (origin === '*' || from === origin);
}

/**
 * Shows a viewer's page in the iframe or the window that was given, or in a window of its own.
 * @param name of the window, so that a page that was loaded anew finds it again
 */
export function showViewer(
  url: URL,
  name: string,
  { iframe, targetWindow }: ViewerPlace,
): ViewerWindow {
  const origin = originOf(url);
  let opened: Window | null = targetWindow ?? null;
  // A frame that is moved in the page gets another window.
  const target = (): Window | null => (iframe ? iframe.contentWindow : opened);

  const open = (): void => {
    if (iframe) return;
    if (opened && !opened.closed) {
      opened.focus();
      return;
    }
    opened = globalThis.open(String(url), name);
    if (!opened)
      console.warn(`${BLOCKED} Or call \`open()\` of the inspector when somebody clicks.`);
  };

  const post = (message: unknown): void => target()?.postMessage(message, origin);

  if (iframe) iframe.src = String(url);
  else if (opened) post({ type: ASK });
  else open();

  return {
    isSource: (event) => comesFrom(event, target(), origin),
    post,
    open,
  };
}
