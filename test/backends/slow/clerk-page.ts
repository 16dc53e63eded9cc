import { Clerk } from '@clerk/clerk-js/no-rhc';
import { createSecondFactor, isSecondFactorError, type SecondFactorFlow } from 'second-factor';
import { clerkSignIn, clerkStepUp } from 'second-factor/clerk';

// The page of clerk.test.ts: the real clerk-js in a browser, with cookies, and a flow over its resource.

let clerk: Clerk;
let flow: SecondFactorFlow;

type ClerkSignIn = NonNullable<Clerk['client']>['signIn'];

function signInOf({ client }: Clerk): ClerkSignIn {
  if (!client) throw new Error('clerk-js has no client.');
  return client.signIn;
}

/** How a step of the flow ended. */
async function outcomeOf(step: Promise<{ status: string }>): Promise<string> {
  try {
    return (await step).status;
  } catch (error) {
    if (isSecondFactorError(error)) return error.code;
    throw error;
  }
}

const whoIsHere = () => ({ session: clerk.session?.id ?? null, user: clerk.user?.id ?? null });

export type Way = keyof typeof FLOWS;

const FLOWS = {
  'the resource as it is': (signIn: ClerkSignIn) => createSecondFactor({ signIn }),
  classic: (signIn: ClerkSignIn) =>
    createSecondFactor(clerkSignIn({ signIn, redirectUrl: location.href })),
  future: ({ __internal_future: signIn }: ClerkSignIn) =>
    createSecondFactor(clerkSignIn({ signIn })),
  both: (classic: ClerkSignIn) =>
    createSecondFactor(
      clerkSignIn({
        signIn: classic.__internal_future,
        classic,
        redirectUrl: location.href,
      }),
    ),
};

export const api = {
  async load(key: string, proxyUrl: string) {
    clerk = new Clerk(key, { proxyUrl });
    await clerk.load({ telemetry: false });
  },
  /** Signs in with the password, and begins a flow over one of the ways to do so. */
  async begin(identifier: string, password: string, way: Way) {
    await signInOf(clerk).create({ strategy: 'password', identifier, password });
    flow = FLOWS[way](signInOf(clerk));
  },
  bookmark: () => flow.bookmark(),
  /** Goes on with the sign-in that the server still has, after a reload of the page. */
  resume(bookmark: unknown) {
    flow = createSecondFactor({ signIn: signInOf(clerk), resume: bookmark });
    return flow.actor.getSnapshot().value;
  },
  prepare: (strategy: string, phoneNumberId?: string) =>
    outcomeOf(flow.prepareSecondFactor({ strategy, ...(phoneNumberId && { phoneNumberId }) })),
  attempt: (strategy: string, code?: string) =>
    outcomeOf(flow.attemptSecondFactor({ strategy, ...(code !== undefined && { code }) })),
  /** Where the flow is. */
  state: () => JSON.stringify(flow.actor.getSnapshot().value),
  async activate() {
    const { createdSessionId = null } = flow.actor.getSnapshot().output?.signIn ?? {};
    await clerk.setActive({ session: createdSessionId });
    return whoIsHere();
  },
  whoIsHere,
  /** Begins a flow over a step-up of whoever is signed in. */
  async startStepUp() {
    const { session } = clerk;
    const verification = await session?.startVerification({ level: 'second_factor' });
    if (!session || !verification) throw new Error('Nobody is signed in.');
    flow = createSecondFactor(clerkStepUp({ session, verification }));
  },
  async signOut() {
    await clerk.signOut({ redirectUrl: '#' });
  },
};
Object.assign(window, { api });
