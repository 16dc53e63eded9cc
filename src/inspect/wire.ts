const SEND = 'second-factor.send';

/** A viewer asks the host to send an event to an actor. */
export interface SendRequest {
  readonly type: typeof SEND;
  readonly sessionId: string;
  /** The event as plain data; `$offer` refers to one that the host offered. */
  readonly event: unknown;
}

/** Whether a message of a viewer is a request to send an event. */
export function isSendRequest(message: unknown): message is SendRequest {
  return isOfType(message, SEND) && typeof Object(message).sessionId === 'string';
}

/** What our viewer says once it listens, in the words of `@statelyai/inspect`. */
export const CONNECTED = '@statelyai.connected';

/** What a viewer says once it listens, in the words of `@xstate/inspect`. */
export const CONNECTED_XSTATE4 = 'xstate.inspecting';

/** Whether a message is of that type. */
export function isOfType(message: unknown, type: string): boolean {
  return Object(message).type === type;
}

/** What a host says to a window that was there before it, whose hello nobody heard. */
export const ASK = 'second-factor.ask';

/** What an app says that was loaded where a viewer should be, and would open itself again in there. */
export const NO_VIEWER = 'second-factor.no-viewer';
