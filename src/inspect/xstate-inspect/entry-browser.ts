import { createDevTools, inspect } from '@xstate/inspect';
import type { BrowserConnection } from './browser.js';
import { withoutMessages } from './window.ts';

/** Starts `@xstate/inspect` with dev tools of its own: nothing is left on `globalThis`. */
export function connect({ url, post }: BrowserConnection) {
  const { result: inspector, deliver } = withoutMessages(() =>
    inspect({
      url,
      iframe: null,
      // SAFETY: nothing else of the window is used.
      targetWindow: { postMessage: post } as unknown as Window,
      devTools: createDevTools(),
    }),
  );
  return inspector && { inspector, deliver };
}
