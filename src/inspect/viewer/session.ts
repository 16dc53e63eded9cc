import { createBacklog } from '../backlog.ts';
import type { ActorMessage, InspectorMessage, SnapshotMessage } from '../messages.ts';
import { SESSION_FORMAT, SESSION_VERSION, type Session } from '../session.ts';
import type { Json } from '../show.ts';
import { readMessages } from './read.ts';

/** An actor at one moment. */
export interface ActorView {
  readonly id: string;
  readonly name: string;
  readonly parentId: string | undefined;
  readonly chart: ActorMessage['chart'];
  /** The latest snapshot at that moment. */
  readonly now: SnapshotMessage | undefined;
  readonly before: SnapshotMessage | undefined;
}

/** More than this is not kept; see `createBacklog` for what stays. */
const MAX_MESSAGES = 5_000;

/** The messages of one session, and what they say about any moment. */
export class Recording {
  #backlog = createBacklog(MAX_MESSAGES);
  /** The last answer of {@link at}, which everything on a page asks for. */
  #asked: { readonly index: number; readonly actors: ReadonlyMap<string, ActorView> } | null = null;

  get messages(): readonly InspectorMessage[] {
    return this.#backlog.messages;
  }

  get dropped(): number {
    return this.#backlog.dropped;
  }

  /** Takes a message of either protocol; anything else is ignored. */
  add(message: unknown): boolean {
    const read = readMessages(message);
    for (const one of read) this.#backlog.push(one);
    this.#asked = null;
    return read.length > 0;
  }

  /** The actors at the moment of one message. */
  at(index: number): ReadonlyMap<string, ActorView> {
    if (this.#asked?.index === index) return this.#asked.actors;
    const actors = new Map<string, { -readonly [Key in keyof ActorView]: ActorView[Key] }>();
    for (let at = 0; at <= index; at += 1) {
      const message = this.messages[at];
      const known = actors.get(message?.sessionId ?? '');
      if (message?.type === '@xstate.actor') {
        const { sessionId: id, name, parentId, chart } = message;
        const { now, before } = known ?? {}; // introduced again, it did not begin anew
        actors.set(id, { id, name, parentId, chart, now, before });
      } else if (message?.type === '@xstate.snapshot' && known) {
        known.before = known.now;
        known.now = message;
      }
    }
    this.#asked = { index, actors };
    return actors;
  }

  /** What is saved. */
  toSession(): Session {
    return { format: SESSION_FORMAT, version: SESSION_VERSION, messages: this.messages };
  }

  /**
   * Opens a saved session.
   * @throws Error that says what is wrong with it
   */
  static open(text: string): Recording {
    let session: { [key: string]: Json } | null;
    try {
      session = JSON.parse(text);
    } catch {
      throw new Error('This file is not JSON.');
    }
    if (session?.format !== SESSION_FORMAT) throw new Error('This file is no recorded session.');
    if (session.version !== SESSION_VERSION) {
      const has = JSON.stringify(session.version);
      throw new Error(`This session has version ${has}, and this viewer reads version 1.`);
    }
    const recording = new Recording();
    if (Array.isArray(session.messages)) for (const one of session.messages) recording.add(one);
    if (recording.messages.length === 0) throw new Error('Nothing was recorded in this session.');
    return recording;
  }
}
