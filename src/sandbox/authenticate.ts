import { SecondFactorError } from '../../machines/errors.ts';
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
 * @throws DOMException `NotAllowedError` where its user closes it or has no such passkey, `SecurityError`
 * where the passkey is for another domain
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
 *
 * @throws SecondFactorError `proof_dismissed` for a prompt that its user closed
 */
export function proofOf(
  params: RawParams,
  request: SandboxServiceRequest | undefined,
  authenticate: Authenticate,
): RawParams | Promise<RawParams> {
  const challenge = request?.challenge;
  if (params.strategy !== 'passkey' || challenge === undefined) return { ...params };
  return authenticate(challenge, { signal: request?.signal }).then(
    (credential) => ({
      strategy: 'passkey',
      publicKeyCredential: JSON.stringify(credential),
    }),
    (error: unknown) => {
      // Browsers say no more, so that a page does not learn whether there is a passkey at all.
      const isDismissed = error instanceof DOMException && error.name === 'NotAllowedError';
      throw isDismissed ? new SecondFactorError('proof_dismissed', { cause: error }) : error;
    },
  );
}
