import { Clerk } from '@clerk/clerk-js/no-rhc';
import type { SandboxPasskey } from 'second-factor/sandbox';

/** A publishable key of no instance: requests go to the proxy URL instead. */
export const PUBLISHABLE_KEY = `pk_live_${btoa('clerk.sandbox.invalid$')}`;

/** What `clerk.client.signIn` is once clerk-js has been loaded. */
export type ClerkSignIn = NonNullable<Clerk['client']>['signIn'];

/** clerk-js in Node, loaded. */
export interface LoadedClerk {
  readonly clerk: Clerk;
  /** The newest sign-in of the client. */
  signIn(): ClerkSignIn;
  /** The token of its client, by which another instance becomes the same client. */
  token(): string | null;
}

/**
 * Loads clerk-js in Node, as a native app does: without cookies, and with the token of its client in
 * `Authorization`.
 *
 * @param proxyUrl - where the API is, such as the URL of a sandbox server
 * @param token - that of an earlier instance, for an app that starts again
 */
export async function loadClerk(
  proxyUrl: string,
  token: string | null = null,
): Promise<LoadedClerk> {
  const clerk = new Clerk(PUBLISHABLE_KEY, { proxyUrl });
  let current = token;
  clerk.__internal_onBeforeRequest((request) => {
    request.credentials = 'omit';
    request.url?.searchParams.set('_is_native', '1');
    const headers = new Headers(request.headers);
    if (current) headers.set('authorization', current);
    request.headers = headers;
  });
  clerk.__internal_onAfterResponse((_request, response) => {
    current = response?.headers.get('authorization') ?? current;
  });
  await clerk.load({ standardBrowser: false, telemetry: false });
  return {
    clerk,
    signIn() {
      if (!clerk.client) throw new Error('clerk-js has no client.');
      return clerk.client.signIn;
    },
    token: () => current,
  };
}

/** What clerk-js's `useSignIn()` gives in frameworks: the same sign-in in the Future API. */
export function futureOf(signIn: ClerkSignIn) {
  return signIn.__internal_future;
}

/**
 * Gives clerk-js an authenticator, as its package for Expo does: in Node there is no browser to ask.
 *
 * @param answer - how its user answers the prompt; by default with the passkey
 */
export function addPasskey(
  clerk: Clerk,
  passkey: SandboxPasskey,
  answer?: () => Error | undefined,
): void {
  clerk.__internal_isWebAuthnSupported = () => true;
  clerk.__internal_getPublicCredentials = async ({ publicKeyOptions }) => {
    const error = answer?.();
    if (error) return { publicKeyCredential: null, error };
    const { challenge, rpId } = publicKeyOptions;
    const asked = { challenge: Buffer.from(challenge as ArrayBuffer).toString('base64url'), rpId };
    const credential = await passkey.sign(JSON.stringify(asked));
    const { id, rawId, type, response } = credential;
    const publicKeyCredential = {
      id,
      type,
      toJSON: () => credential,
      rawId: bytesOf(rawId),
      authenticatorAttachment: null,
      response: {
        clientDataJSON: bytesOf(response.clientDataJSON),
        authenticatorData: bytesOf(response.authenticatorData),
        signature: bytesOf(response.signature),
        userHandle: bytesOf(response.userHandle ?? ''),
      },
    };
    return { publicKeyCredential, error: null };
  };
}

function bytesOf(base64url: string): ArrayBuffer {
  return Uint8Array.from(Buffer.from(base64url, 'base64url')).buffer;
}
