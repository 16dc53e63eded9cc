/** Hears a message meant for `@xstate/inspect`, and decides whether it gets there. */
export type Ear = (event: MessageEvent, deliver: () => void) => void;

type Heard = (event: Event) => void;

let ear: Ear | null = null;
let opened: ((target: Window | null) => void) | null = null;

/** Runs `@xstate/inspect` with an ear in front of the listeners that it adds meanwhile. */
export function withEar<T>(
  options: { ear: Ear; opened: (target: Window | null) => void },
  run: () => T,
): T {
  ear = options.ear;
  opened = options.opened;
  try {
    return run();
  } finally {
    ear = null;
    opened = null;
  }
}

const wrapped = new WeakMap<Heard, Heard>();

/**
 * What `@xstate/inspect` takes for `window`: the package asks nobody where a message comes from, so
 * any window could drive the actors.
 */
export const inspectWindow = {
  addEventListener(type: string, listener: Heard): void {
    const hears = ear;
    if (type !== 'message' || !hears) {
      // `unload` keeps a page out of the back/forward cache, and browsers retire it.
      globalThis.addEventListener(type === 'unload' ? 'pagehide' : type, listener);
      return;
    }
    const own: Heard = (event) => {
      if (event instanceof MessageEvent) hears(event, () => listener(event));
    };
    wrapped.set(listener, own);
    globalThis.addEventListener(type, own);
  },
  removeEventListener(type: string, listener: Heard): void {
    globalThis.removeEventListener(type, wrapped.get(listener) ?? listener);
  },
  open(url: string, name: string): Window | null {
    const target = globalThis.open(url, name);
    opened?.(target);
    return target;
  },
};
