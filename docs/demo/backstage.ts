import type { WorldAction, WorldState } from './backend/world-state.ts';

/** The world beside the sign-in, as the page knows it. */
export interface Backstage {
  readonly state: WorldState;
  /** The time by the world's clock, in ms since the epoch. */
  now(): number;
  act(action: WorldAction): Promise<void>;
  /** Tells of each new state, and of the one at hand. */
  subscribe(listener: (state: WorldState) => void): void;
}

/** Connects to the world that the server keeps for this visitor. */
export async function openBackstage(): Promise<Backstage> {
  const listeners = new Set<(state: WorldState) => void>();
  let state = await readState(await fetch('/demo/state'));
  const take = (next: WorldState) => {
    state = next;
    for (const listener of listeners) listener(next);
  };

  let events: EventSource | null = null;
  // A browser keeps few connections to one server; a tab that nobody sees needs none.
  const connectWhileVisible = () => {
    events?.close();
    events = null;
    if (document.visibilityState === 'hidden') return;
    events = new EventSource('/demo/events');
    events.onmessage = ({ data }) => take(JSON.parse(data) as WorldState);
  };
  document.addEventListener('visibilitychange', connectWhileVisible);
  connectWhileVisible();

  return {
    get state() {
      return state;
    },
    now: () => Date.now() + state.clockOffsetMs,
    async act(action) {
      const response = await fetch('/demo/actions', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(action),
      });
      take(await readState(response));
    },
    subscribe(listener) {
      listeners.add(listener);
      listener(state);
    },
  };
}

async function readState(response: Response): Promise<WorldState> {
  if (!response.ok) throw new Error(`The demo's server answered ${response.status}.`);
  return (await response.json()) as WorldState;
}
