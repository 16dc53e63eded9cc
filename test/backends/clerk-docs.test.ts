import type { SessionResource, SignInFutureResource, SignInResource } from '@clerk/shared/types';
import { createSecondFactor } from 'second-factor';
import { clerkSignIn, clerkStepUp } from 'second-factor/clerk';
import { createSandbox, DEFAULT_PASSWORD, DEFAULT_USER } from 'second-factor/sandbox';
import { serveSandbox } from 'second-factor/sandbox/server';
import { afterEach, describe, expect, it } from 'vitest';
import { describeExamples } from '../support/doc-examples.ts';
import { futureOf, loadClerk } from './support/clerk.ts';
import { whereIs } from './support/tell.ts';

// The examples of docs/backends/clerk.md, word for word, with the real clerk-js.

// example: classic
async function finishSignIn(signIn: SignInResource, ask: () => Promise<string>) {
  const flow = createSecondFactor({ signIn }); // clerk.client.signIn, past the password
  await flow.prepareSecondFactor({ strategy: 'phone_code' });
  const attempt = { strategy: 'phone_code', code: await ask() };
  const { createdSessionId } = await flow.attemptSecondFactor(attempt);
  return createdSessionId; // clerk.setActive({ session: createdSessionId })
}
// end

// example: both
function startFlow(signIn: SignInFutureResource, classic: SignInResource, page: string) {
  const redirectUrl = new URL('/verified', page).href; // where the link of a mail leads
  return createSecondFactor(clerkSignIn({ signIn, classic, redirectUrl }));
}
// end

// example: stepUp
async function stepUp(session: SessionResource) {
  const verification = await session.startVerification({ level: 'second_factor' });
  return createSecondFactor(clerkStepUp({ session, verification }));
}
// end

const closing: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

/** clerk-js that has signed in with a password. */
async function open() {
  const sandbox = createSandbox({ users: [{ ...DEFAULT_USER, emailLink: true }] });
  const server = await serveSandbox({ sandbox });
  closing.push(server.close);
  const { clerk, signIn } = await loadClerk(server.url);
  await signIn().create({
    strategy: 'password',
    identifier: DEFAULT_USER.identifier,
    password: DEFAULT_PASSWORD,
  });
  return { sandbox, clerk, signIn: signIn() };
}

describe('the examples of docs/backends/clerk.md', () => {
  it('finish a sign-in, and step up', async () => {
    const { sandbox, clerk, signIn } = await open();
    const session = await finishSignIn(signIn, async () => sandbox.inbox.code());
    await clerk.setActive({ session });
    if (!clerk.session) throw new Error('Nobody is signed in.');
    const flow = await stepUp(clerk.session);
    await flow.attemptSecondFactor({ strategy: 'totp', code: sandbox.authenticator.code() });
    expect(whereIs(flow)).toBe('complete');
  });

  it('finish a sign-in by a link', async () => {
    const { sandbox, signIn } = await open();
    const flow = startFlow(futureOf(signIn), signIn, 'http://localhost:1');
    closing.push(() => flow.stop());
    await flow.prepareSecondFactor({ strategy: 'email_link' });
    sandbox.openLink(sandbox.inbox.link());
    await expect.poll(() => whereIs(flow), { timeout: 20_000 }).toBe('complete');
  });
});

describeExamples(import.meta.url, 'backends/clerk.md');
