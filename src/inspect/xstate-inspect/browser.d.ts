// What `entry-browser.ts` exports. It stands for itself, so that nobody who builds this package
// needs the types of XState 4.

/** Where the inspector is. */
export interface BrowserConnection {
  readonly url: string;
  /** Says something to it, whichever window it is in now. */
  readonly post: (message: unknown) => void;
}

/** The part of an inspector of `@xstate/inspect` that is used. */
export interface Inspector {
  send(message: object): void;
  disconnect(): void;
}

/** Starts `@xstate/inspect`, and gives back what it hears messages with. */
export declare function connect(
  connection: BrowserConnection,
): { readonly inspector: Inspector; readonly deliver: (event: MessageEvent) => void } | undefined;
