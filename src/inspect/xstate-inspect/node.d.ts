// What `entry-node.ts` exports; see `browser.d.ts`.

/** The part of a WebSocket server that `@xstate/inspect` uses. */
export interface ServedServer {
  readonly clients: readonly object[];
  on(event: string, listener: (socket: ServedSocket) => void): void;
  close(): void;
}

/** The part of a socket that it uses, beside those of `clients`. */
export interface ServedSocket {
  on(event: string, listener: (data: { toString(): string }, isBinary: boolean) => void): void;
}

/** Starts `@xstate/inspect` on a server. */
export declare function serve(server: ServedServer): { send(message: object): void };
