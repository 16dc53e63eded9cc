import { Clerk } from '@clerk/clerk-js/no-rhc';
import { verifyAuthenticationResponse } from '@simplewebauthn/server';
import { createSecondFactor, passkey } from 'second-factor';
import { createSandbox, DEFAULT_USER } from 'second-factor/sandbox';
import { serveSandbox } from 'second-factor/sandbox/server';
import { describe, expect, it, vi } from 'vitest';
import { describeExamples } from '../support/doc-examples.ts';

// The examples of docs/sandbox.md that need somebody else's library, word for word.

// example: passkey
async function usePasskey() {
  const sandbox = createSandbox({
    users: [{ ...DEFAULT_USER, passkeys: true }],
    passkeys: { verifyAuthenticationResponse },
  });
  const signIn = sandbox.signIn();
  const flow = createSecondFactor({
    signIn,
    services: sandbox.services(signIn.id),
    options: { strategies: { passkey } },
  });

  await flow.prepareSecondFactor({ strategy: 'passkey' });
  const done = await flow.attemptSecondFactor({ strategy: 'passkey' });
  console.log(done.status); // complete
}
// end

// example: clerk
async function loadClerk(url: string) {
  const clerk = new Clerk(`pk_live_${btoa('sandbox.invalid$')}`, { proxyUrl: url });
  await clerk.load({ standardBrowser: typeof document !== 'undefined', telemetry: false });
  return clerk;
}
// end

describe('the examples of docs/sandbox.md', () => {
  it('verify a passkey', async () => {
    const said = vi.spyOn(console, 'log').mockImplementation(() => {});
    await usePasskey();
    expect(said.mock.calls).toEqual([['complete']]);
    said.mockRestore();
  });

  it('load clerk-js', async () => {
    const { url, close } = await serveSandbox();
    expect((await loadClerk(url)).status).toBe('ready');
    await close();
  });
});

describeExamples(import.meta.url, 'sandbox.md');
