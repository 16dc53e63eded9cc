import {
  connect,
  createSecondFactor,
  type SecondFactorFlow,
  type SecondFactorView,
  submitTextMessages,
} from 'second-factor';
import { createHttpSignIn, DEFAULT_PASSWORD, sandboxServices } from 'second-factor/sandbox';

const STORED = 'second-factor-example';

/**
 * What each of these pages starts with: a sign-in whose password was right, or the one that a reload
 * interrupted. Nothing in here is about a framework.
 */
export async function startFlow(): Promise<SecondFactorFlow> {
  const stored = readStored();
  const signIn = stored ? await reload(stored.signInId) : await signInAgain();
  const services = sandboxServices({ signInId: signIn.id });
  const flow = createSecondFactor({ signIn, services, resume: stored });
  const keep = ({ status }: { status: string }) => {
    if (status === 'active') sessionStorage.setItem(STORED, JSON.stringify(flow.bookmark()));
    else sessionStorage.removeItem(STORED);
  };
  keep(flow.actor.getSnapshot()); // subscribers hear nothing of a flow that has ended already
  flow.actor.subscribe(keep);
  submitTextMessages(flow.actor);
  return flow;
}

/**
 * Has the code of the first factor sent on arrival, where it needs one. Calling it twice, as React's
 * StrictMode does, sends once: the machine refuses the second one.
 */
export function sendOnArrival({ actor }: SecondFactorFlow): void {
  const view: SecondFactorView = connect(actor.getSnapshot(), actor.send, { now: Date.now });
  if (view.state === 'needs_second_factor') view.prepare();
}

function signInAgain() {
  const identifier = new URLSearchParams(location.search).get('as') ?? 'ada@example.com';
  return createHttpSignIn({ identifier, password: DEFAULT_PASSWORD });
}

/** A sign-in that is gone is replaced by a new one. */
async function reload(signInId: string) {
  try {
    const { signal } = new AbortController();
    return await sandboxServices({ signInId }).reloadSignIn({ signal });
  } catch {
    return signInAgain();
  }
}

function readStored(): { signInId: string } | null {
  try {
    return JSON.parse(sessionStorage.getItem(STORED) ?? 'null');
  } catch {
    return null;
  }
}
