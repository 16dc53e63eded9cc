import type { InspectorMessage } from './messages.ts';

/** A bounded list of messages, of which what is left can still be read. */
export interface Backlog {
  readonly messages: readonly InspectorMessage[];
  /** How many had to go. */
  readonly dropped: number;
  push(message: InspectorMessage): void;
}

/**
 * Makes a backlog. Past its bound the oldest messages go. Those that introduce actors stay, since
 * without them the rest would be unreadable; where a machine invokes so much that half of all are
 * introductions, the oldest actors that have ended go altogether.
 */
export function createBacklog(max: number): Backlog {
  const messages: InspectorMessage[] = [];
  /** The actors that were introduced, and whether they have ended. */
  const actors = new Map<string, boolean>();
  let dropped = 0;

  /** Drops an actor that has ended with all that was said of it; says whether there is one. */
  const dropEnded = (): boolean => {
    const [ended] = [...actors].find(([, hasEnded]) => hasEnded) ?? [];
    if (ended === undefined) return false;
    actors.delete(ended);
    const kept = messages.filter((message) => message.sessionId !== ended);
    dropped += messages.length - kept.length;
    messages.splice(0, messages.length, ...kept);
    return true;
  };

  const dropOldest = (): void => {
    const index = messages.findIndex(({ type }) => type !== '@xstate.actor');
    messages.splice(Math.max(index, 0), 1);
    dropped += 1;
  };

  return {
    messages,
    get dropped() {
      return dropped;
    },
    push(message) {
      messages.push(message);
      const { sessionId, type } = message;
      if (type === '@xstate.actor') actors.set(sessionId, actors.get(sessionId) ?? false);
      else if (type === '@xstate.snapshot' && message.snapshot.status !== 'active') {
        if (actors.has(sessionId)) actors.set(sessionId, true);
      }
      while (messages.length > max) {
        if (actors.size * 2 <= max || !dropEnded()) dropOldest();
      }
    },
  };
}
