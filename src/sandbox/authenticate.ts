import type { RawParams } from './params.ts';
import type { SandboxCredential } from './passkey.ts';
import type { SandboxServiceRequest } from './sandbox-services.ts';

/**
 * Makes the credential that answers the challenge of a passkey.
 *
 * @param challenge - what a prepare answered: `PublicKeyCredentialRequestOptionsJSON` as text
 */
export type Authenticate = (
  challenge: string,
  request: { signal?: AbortSignal | undefined },
) => Promise<SandboxCredential>;

/**
 * Has the browser show its prompt.
 *
 * @throws DOMException `NotAllowedError` where the user closes it, `SecurityError` where the passkey is
 * for another domain
 */
export const askBrowser: Authenticate = async (challenge, { signal }) => {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(challenge));
  const credential = await navigator.credentials.get({ publicKey, ...(signal && { signal }) });
  // SAFETY: what was asked for is a public key, and this is the form of one.
  return (credential as PublicKeyCredential).toJSON() as SandboxCredential;
};

/**
 * The parameters of an attempt as they are sent: a passkey that was challenged answers with a credential
 * first. Everything else is sent as it is, at once.
 */
export function proofOf(
  params: RawParams,
  request: SandboxServiceRequest | undefined,
  authenticate: Authenticate,
): RawParams | Promise<RawParams> {
  const challenge = request?.challenge;
  if (params.strategy !== 'passkey' || challenge === undefined) return { ...params };
  return authenticate(challenge, { signal: request?.signal }).then((credential) => ({
    strategy: 'passkey',
    publicKeyCredential: JSON.stringify(credential),
  }));
}
