import { inspect } from '@xstate/inspect/lib/server.js';

/** The server that `@xstate/inspect` talks through. */
type Server = Parameters<typeof inspect>[0]['server'];

/** Starts `@xstate/inspect` on a server. */
export function serve(server: Server) {
  const before: unknown = Reflect.get(globalThis, '__xstate__');
  try {
    return inspect({ server });
  } finally {
    // The package leaves its dev tools on `globalThis`; ours go by another way.
    if (before === undefined) Reflect.deleteProperty(globalThis, '__xstate__');
    else Reflect.set(globalThis, '__xstate__', before);
  }
}
