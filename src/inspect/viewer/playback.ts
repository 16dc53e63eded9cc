import type { SnapshotMessage } from '../messages.ts';
import { type ActorView, Recording } from './session.ts';

/** What the page looks at: which recording, which moment of it, which actor. */
export class Playback {
  /** What is recorded now, also while a file is looked at. */
  live = new Recording();
  /** A file that was opened. */
  opened: { readonly name: string; readonly recording: Recording } | null = null;
  /** What has to be said, such as why a file is not shown. */
  problem: string | null = null;
  /** The message that is looked at; `null` follows the newest. */
  #moment: number | null = null;
  #selected: string | null = null;

  get recording(): Recording {
    return this.opened?.recording ?? this.live;
  }

  get newest(): number {
    return this.recording.messages.length - 1;
  }
  get index(): number {
    return this.#moment ?? this.newest;
  }

  /** Whether it is the newest of what is recorded now. */
  get isLive(): boolean {
    return this.opened === null && this.#moment === null;
  }

  /** When it is there, in ms since the epoch. */
  get now(): number {
    const message = this.recording.messages[this.index];
    return this.isLive || !message ? Date.now() : Number(message.createdAt);
  }

  /** The actors at this moment, and the one that is looked at. */
  actors(): ReadonlyMap<string, ActorView> {
    return this.recording.at(this.index);
  }
  actor(): ActorView | undefined {
    const actors = this.actors();
    const chosen = this.#selected === null ? undefined : actors.get(this.#selected);
    // The first machine is the one that people came for.
    return chosen ?? [...actors.values()].find(({ chart }) => chart) ?? [...actors.values()][0];
  }

  select(id: string): void {
    this.#selected = id;
  }

  /** Goes to a message, and to its actor where that has states. */
  goTo(index: number, message?: SnapshotMessage): void {
    if (message && message.snapshot.value !== undefined) this.#selected = message.sessionId;
    this.problem = null;
    const last = this.newest;
    this.#moment = !this.opened && index >= last ? null : Math.min(Math.max(index, 0), last);
  }

  /** Goes to the next message at which something changed, or as far as there are messages. */
  step(direction: 1 | -1): void {
    const { messages } = this.recording;
    let index = this.index + direction;
    while (index > 0 && index < messages.length && messages[index]?.type !== '@xstate.snapshot') {
      index += direction;
    }
    this.goTo(index);
  }

  /** Follows what is recorded now. */
  follow(): void {
    this.opened = null;
    this.problem = null;
    this.#moment = null;
  }

  /** Forgets what was recorded; an open file stays open. */
  startOver(): void {
    this.live = new Recording();
    if (this.opened) return;
    this.#selected = null;
    this.#moment = null;
  }

  /** Opens a saved session, or keeps the reason why it can't be. */
  async open(file: File): Promise<void> {
    try {
      this.opened = { name: file.name, recording: Recording.open(await file.text()) };
      this.#selected = null;
      this.problem = null;
      this.#moment = this.newest;
    } catch (error) {
      this.problem = `${file.name}: ${error instanceof Error ? error.message : 'can’t be read'}`;
    }
  }
}
