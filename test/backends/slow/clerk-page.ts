import { Clerk } from '@clerk/clerk-js/no-rhc';
import { createSecondFactor, isSecondFactorError, type SecondFactorFlow } from 'second-factor';

// The page of clerk.test.ts: the real clerk-js in a browser, with cookies, and a flow over its resource.

let clerk: Clerk;
let flow: SecondFactorFlow;

function signInOf({ client }: Clerk) {
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

export const api = {
  async load(key: string, proxyUrl: string) {
    clerk = new Clerk(key, { proxyUrl });
    await clerk.load({ telemetry: false });
  },
  async begin(identifier: string, password: string) {
    const signIn = await signInOf(clerk).create({ strategy: 'password', identifier, password });
    flow = createSecondFactor({ signIn });
  },
  bookmark: () => flow.bookmark(),
  /** Goes on with the sign-in that the server still has, after a reload of the page. */
  resume(bookmark: unknown) {
    flow = createSecondFactor({ signIn: signInOf(clerk), resume: bookmark });
    return flow.actor.getSnapshot().value;
  },
  prepare: (strategy: string, phoneNumberId?: string) =>
    outcomeOf(flow.prepareSecondFactor({ strategy, ...(phoneNumberId && { phoneNumberId }) })),
  attempt: (strategy: string, code: string) =>
    outcomeOf(flow.attemptSecondFactor({ strategy, code })),
  async activate() {
    const { createdSessionId = null } = flow.actor.getSnapshot().output?.signIn ?? {};
    await clerk.setActive({ session: createdSessionId });
    return whoIsHere();
  },
  whoIsHere,
  async startStepUp() {
    const verification = await clerk.session?.startVerification({ level: 'second_factor' });
    await clerk.session?.prepareSecondFactorVerification({ strategy: 'phone_code' });
    return verification?.status;
  },
  async stepUp(code: string) {
    const attempt = { strategy: 'phone_code', code } as const;
    return (await clerk.session?.attemptSecondFactorVerification(attempt))?.status;
  },
  async signOut() {
    await clerk.signOut({ redirectUrl: '#' });
  },
  async waitForLink(emailAddressId: string) {
    const { startEmailLinkFlow } = signInOf(clerk).createEmailLinkFlow();
    const redirectUrl = location.href;
    return (await startEmailLinkFlow({ emailAddressId, redirectUrl })).status;
  },
  async passkey() {
    return (await signInOf(clerk).authenticateWithPasskey()).status;
  },
};
Object.assign(window, { api });
