import type { SandboxMethod } from '../../../src/sandbox/index.ts';

/** A message on the demo's phone or in its mailbox. */
export interface WorldMessage {
  /** A telephone number or an e-mail address, unmasked: the devices belong to the person. */
  readonly to: string;
  readonly channel: 'sms' | 'email';
  readonly code: string;
  /** In ms since the epoch, by the world's clock. */
  readonly sentAt: number;
  /** `current`: the code that the backend waits for. */
  readonly standing: 'current' | 'replaced' | 'used' | 'expired';
}

/** What goes wrong in a world at the moment. */
export interface WorldTrouble {
  /** Nothing reaches the backend. */
  readonly offline: boolean;
  /** The next answer to a prepare or an attempt will be lost on its way. */
  readonly losesReply: boolean;
  /** Every answer takes its time. */
  readonly slow: boolean;
  /** The backend refuses the account. */
  readonly locked: boolean;
}

/** Everything that the panels beside the sign-in show. Plain data. */
export interface WorldState {
  /** How far the world's time is ahead of the clock that server and page go by, in ms. */
  readonly clockOffsetMs: number;
  /** Newest first. */
  readonly messages: readonly WorldMessage[];
  readonly authenticator: {
    readonly account: string;
    readonly code: string;
    /** The shared secret in base32, for an app that can't scan. */
    readonly secret: string;
    /** When another code is shown, in ms since the epoch by the world's clock. */
    readonly changesAt: number;
    /** Whether this code was accepted already; a TOTP is accepted once. */
    readonly isSpent: boolean;
  };
  readonly backupCodes: readonly string[];
  /** How many requests of each kind the page made. */
  readonly requests: Readonly<Record<Exclude<SandboxMethod, 'step_up'>, number>>;
  readonly trouble: WorldTrouble;
}

/** What the page may do to its world. */
export type WorldAction =
  | { readonly type: 'trouble'; readonly name: keyof WorldTrouble; readonly on: boolean }
  /** Lets time pass, for the backend and for the page alike. In ms. */
  | { readonly type: 'skip'; readonly ms: number }
  /** Starts over with a new backend; the authenticator keeps its secret. */
  | { readonly type: 'reset' };
