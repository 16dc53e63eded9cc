import type { SecondFactor } from '../../machines/factors.ts';
import { Listeners } from './listeners.ts';

/** A message that the sandbox delivered to a phone or a mailbox: it has a code or a link. */
export interface SandboxMessage {
  /** Where it went: a telephone number or an e-mail address, unmasked. */
  readonly to: string;
  /** The factor it was sent for. */
  readonly factor: SecondFactor;
  /** The code in it. */
  readonly code?: string;
  /** The link in it, whose opening is the proof: see `sandbox.openLink`. */
  readonly link?: string;
  /** When it was sent, in ms since the epoch by the sandbox's `now`. */
  readonly sentAt: number;
  /** The sign-in that asked for it. */
  readonly signInId: string;
}

/** Everything the sandbox delivered, oldest first. */
export interface SandboxInbox {
  /** The messages, oldest first; a fresh array each time. */
  readonly messages: readonly SandboxMessage[];
  /** The newest message, or the newest one to one address. */
  latest(to?: string): SandboxMessage | undefined;
  /**
   * The code of the newest message that has one, for tests that know there is one.
   *
   * @throws Error where none was delivered (to that address)
   */
  code(to?: string): string;
  /** The link of the newest message that has one. @throws Error where none was delivered */
  link(to?: string): string;
  /** Tells of each message as it is delivered. @returns a function that unsubscribes */
  subscribe(listener: (message: SandboxMessage) => void): () => void;
  /** Forgets the messages; their codes stay valid. */
  clear(): void;
}

/** Makes an inbox and the function that puts messages into it. */
export function createInbox(): { inbox: SandboxInbox; deliver(message: SandboxMessage): void } {
  let messages: SandboxMessage[] = [];
  const listeners = new Listeners<SandboxMessage>();
  const latest = (to?: string) =>
    messages.findLast((message) => to === undefined || message.to === to);
  const newest = (part: 'code' | 'link', to?: string): string => {
    const found = messages
      .filter((message) => to === undefined || message.to === to)
      .findLast((message) => message[part] !== undefined)?.[part];
    if (found === undefined) {
      throw new Error(`No ${part} was delivered${to === undefined ? '' : ` to ${to}`}.`);
    }
    return found;
  };
  return {
    deliver(message) {
      messages.push(message);
      listeners.tell(message);
    },
    inbox: {
      get messages() {
        return [...messages];
      },
      latest,
      code: (to) => newest('code', to),
      link: (to) => newest('link', to),
      subscribe: (listener) => listeners.add(listener),
      clear() {
        messages = [];
      },
    },
  };
}
