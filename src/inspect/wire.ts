/** A viewer asks the host to send an event to an actor. */
export interface SendRequest {
  readonly type: 'second-factor.send';
  readonly sessionId: string;
  /** The event as plain data; `$offer` refers to one that the host offered. */
  readonly event: unknown;
}

/** Whether a message of a viewer is a request to send an event. */
export function isSendRequest(message: unknown): message is SendRequest {
  if (typeof message !== 'object' || message === null) return false;
  const { type, sessionId } = message as Partial<SendRequest>;
  return type === 'second-factor.send' && typeof sessionId === 'string';
}

/** What our viewer says once it listens, in the words of `@statelyai/inspect`. */
export const CONNECTED = '@statelyai.connected';

/** What a host says to a window that was there before it, whose hello nobody heard. */
export const ASK = 'second-factor.ask';
