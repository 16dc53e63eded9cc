import { createDevTools, inspect } from '@xstate/inspect';
import { type Ear, withEar } from './window.ts';

/** Where the inspector is, and who hears it. */
export interface BrowserConnection {
  readonly url: string;
  readonly iframe: HTMLIFrameElement | null;
  readonly targetWindow: Window | null;
  readonly ear: Ear;
  readonly opened: (target: Window | null) => void;
}

/** Starts `@xstate/inspect` with dev tools of its own: nothing is left on `globalThis`. */
export function connect({ url, iframe, targetWindow, ear, opened }: BrowserConnection) {
  return withEar({ ear, opened }, () =>
    inspect({
      url,
      iframe,
      ...(targetWindow && { targetWindow }),
      devTools: createDevTools(),
    }),
  );
}
