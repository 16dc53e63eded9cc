import { decodeBase64Url } from './base64url.ts';
import type { PasskeyRecord, SandboxCredential } from './passkey.ts';

/** How a sandbox checks passkeys. */
export interface SandboxPasskeyOptions {
  /** The function of that name of `@simplewebauthn/server`: the sandbox checks no signature itself. */
  verifyAuthenticationResponse: VerifyAuthenticationResponse;
  /** The domain that the passkeys are for. @defaultValue `localhost` */
  rpId?: string;
  /** The origins of the pages that may ask. @defaultValue each of the domain, on any port */
  origins?: readonly string[];
}

/** The part of `verifyAuthenticationResponse` of `@simplewebauthn/server` that is used here. */
export type VerifyAuthenticationResponse = (options: {
  response: SandboxCredential;
  expectedChallenge: string;
  expectedOrigin: string[];
  expectedRPID: string;
  credential: { id: string; publicKey: Uint8Array<ArrayBuffer>; counter: number };
  requireUserVerification: boolean;
}) => Promise<{ verified: boolean; authenticationInfo: { newCounter: number } }>;

/** The domain that passkeys are for, where the sandbox was given none. */
const DEFAULT_RP_ID = 'localhost';

/** Writes the challenge of a passkey: `PublicKeyCredentialRequestOptionsJSON` as text. */
export function writeChallenge(
  challenge: string,
  { rpId = DEFAULT_RP_ID }: Pick<SandboxPasskeyOptions, 'rpId'> = {},
  credentialId: string,
): string {
  return JSON.stringify({
    challenge,
    rpId,
    allowCredentials: [{ type: 'public-key', id: credentialId }],
    userVerification: 'preferred',
  });
}

/** Reads a credential as a request carries it; `null` for anything else. */
export function readCredential(text: string): SandboxCredential | null {
  try {
    const value: unknown = JSON.parse(text);
    const isCredential =
      typeof value === 'object' && value !== null && 'id' in value && 'response' in value;
    // SAFETY: the library that checks it takes it for untrusted, and throws at what is missing.
    return isCredential ? (value as SandboxCredential) : null;
  } catch {
    return null;
  }
}

/**
 * Says whether a credential answers a challenge, and notes the count of its authenticator if it does.
 */
export async function acceptCredential(
  response: SandboxCredential,
  challenge: string,
  record: PasskeyRecord,
  { verifyAuthenticationResponse, rpId = DEFAULT_RP_ID, origins }: SandboxPasskeyOptions,
): Promise<boolean> {
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: [...(origins ?? originsOf(response, rpId))],
      expectedRPID: rpId,
      credential: {
        id: record.passkey.id,
        publicKey: await record.publicKey(),
        counter: record.counter,
      },
      requireUserVerification: false,
    });
    if (verified) record.counter = authenticationInfo.newCounter;
    return verified;
  } catch {
    return false; // the library throws for each rule that is broken
  }
}

/** The origin that a credential names, where it is of the domain: the port is the test's own affair. */
function originsOf({ response }: SandboxCredential, rpId: string): string[] {
  const clientData = new TextDecoder().decode(decodeBase64Url(response.clientDataJSON));
  const origin = String(JSON.parse(clientData).origin);
  return URL.canParse(origin) && new URL(origin).hostname === rpId ? [origin] : [];
}
