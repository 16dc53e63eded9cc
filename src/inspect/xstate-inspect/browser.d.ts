// What `entry-browser.ts` exports. It stands for itself, so that nobody who builds this package
// needs the types of XState 4.

/** Where the inspector is, and who hears it. */
export interface BrowserConnection {
  readonly url: string;
  readonly iframe: HTMLIFrameElement | null;
  readonly targetWindow: Window | null;
  readonly ear: (event: MessageEvent, deliver: () => void) => void;
  readonly opened: (target: Window | null) => void;
}

/** The part of an inspector of `@xstate/inspect` that is used. */
export interface Inspector {
  send(message: object): void;
  disconnect(): void;
}

/** Starts `@xstate/inspect`. */
export declare function connect(connection: BrowserConnection): Inspector | undefined;
