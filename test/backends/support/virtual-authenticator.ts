import type { Page } from 'playwright-core';
import type { SandboxPasskey } from 'second-factor/sandbox';

/** The authenticator of one page, in the hands of a test. */
export interface VirtualAuthenticator {
  /** Whether its user is recognised from now on; one who is not has dismissed the prompt. */
  setUserVerified(isUserVerified: boolean): Promise<void>;
  /** Whether its user answers a prompt at once; else the prompt stays open. */
  setPresent(enabled: boolean): Promise<void>;
}

/** Gives a page of Chromium an authenticator that holds a passkey (DevTools protocol, WebAuthn domain). */
export async function addAuthenticator(
  page: Page,
  passkey: SandboxPasskey,
): Promise<VirtualAuthenticator> {
  const devTools = await page.context().newCDPSession(page);
  await devTools.send('WebAuthn.enable');
  const { authenticatorId } = await devTools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
    },
  });
  await devTools.send('WebAuthn.addCredential', {
    authenticatorId,
    credential: {
      credentialId: base64Of(passkey.id),
      isResidentCredential: true,
      rpId: 'localhost',
      privateKey: base64Of(await passkey.privateKey()),
      userHandle: base64Of(passkey.userHandle),
      signCount: 1,
    },
  });
  return {
    setUserVerified: async (isUserVerified) => {
      await devTools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified });
    },
    setPresent: async (enabled) => {
      const simulation = { authenticatorId, enabled };
      await devTools.send('WebAuthn.setAutomaticPresenceSimulation', simulation);
    },
  };
}

function base64Of(base64url: string): string {
  return Buffer.from(base64url, 'base64url').toString('base64');
}
