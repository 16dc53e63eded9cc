// What the framed page gets for `examples/shared/start-flow.ts`: the flow of the page around it, which
// has passed the password, shows each step in its chart and keeps the bookmark.
import type { SecondFactorFlow } from '../../../src/index.ts';
import { demo } from './demo.ts';

export async function startFlow(): Promise<Pick<SecondFactorFlow, 'actor'>> {
  Date.now = demo.now; // a visitor can let time pass
  demo.onStart();
  return { actor: demo.actor };
}

/** The demo sends nothing before it is asked to, so that nothing is sent by a look at a framework. */
export function sendOnArrival(): void {}
