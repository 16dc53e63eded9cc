/** Takes a message that is meant for `@xstate/inspect`. */
export type Deliver = (event: MessageEvent) => void;

let listening: Deliver[] | null = null;

/** Runs `@xstate/inspect`, and gives back what it would hear messages with. */
export function withoutMessages<T>(run: () => T): { result: T; deliver: Deliver } {
  const listeners: Deliver[] = [];
  listening = listeners;
  try {
    const result = run();
    return { result, deliver: (event) => listeners.forEach((listener) => void listener(event)) };
  } finally {
    listening = null;
  }
}

/**
 * What `@xstate/inspect` takes for `window`: the package asks nobody where a message comes from, so
 * any window could drive the actors. Here it hears what is delivered to it, and nothing else.
 */
export const inspectWindow = {
  addEventListener(type: string, listener: Deliver & ((event: Event) => void)): void {
    if (type === 'message') listening?.push(listener);
    // `unload` keeps a page out of the back/forward cache, and browsers retire it.
    else globalThis.addEventListener(type === 'unload' ? 'pagehide' : type, listener);
  },
  removeEventListener(type: string, listener: (event: Event) => void): void {
    globalThis.removeEventListener(type, listener);
  },
};
