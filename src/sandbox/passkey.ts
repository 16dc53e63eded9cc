import { decodeBase64Url, encodeBase64Url, encodeTextBase64Url } from './base64url.ts';
import { type RandomSource, randomBytes } from './random.ts';

/**
 * What an authenticator answers a challenge with: `PublicKeyCredential.toJSON()` of the browser, each
 * binary part in base64url.
 */
export interface SandboxCredential {
  id: string;
  rawId: string;
  type: 'public-key';
  clientExtensionResults: Record<string, never>;
  response: {
    clientDataJSON: string;
    authenticatorData: string;
    signature: string;
    userHandle?: string;
  };
}

/** The passkey of a user, with an authenticator of software: nobody has to touch anything. */
export interface SandboxPasskey {
  /** The id of its credential, in base64url. */
  readonly id: string;
  /** What the authenticator hands out as the user, in base64url. */
  readonly userHandle: string;
  /**
   * Its private key, PKCS #8 in base64url, for the virtual authenticator of a browser that is driven by
   * the DevTools protocol.
   */
  privateKey(): Promise<string>;
  /**
   * Answers a challenge, as a browser does when its user agrees.
   *
   * @param challenge - what a prepare answered: `PublicKeyCredentialRequestOptionsJSON` as text
   * @param options - `origin` is the page that asks; by default `https://` and the `rpId` of the challenge
   */
  sign(challenge: string, options?: { origin?: string }): Promise<SandboxCredential>;
}

/** The public half of a passkey, as a backend keeps it. */
export interface PasskeyRecord {
  readonly passkey: SandboxPasskey;
  /** The public key as COSE has it. */
  publicKey(): Promise<Uint8Array<ArrayBuffer>>;
  /** The last count that the authenticator told. */
  counter: number;
}

/** Length of a credential id in bytes. WebAuthn Level 3 §4: at least 16. */
const ID_BYTES = 16;
/** Flags of the authenticator data: the user was there (bit 0) and was verified (bit 2). §6.1 */
const USER_PRESENT_AND_VERIFIED = 0b101;
const ES256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** Makes a passkey. Its keys are drawn by Web Crypto, when they are needed. */
export function createPasskey(random: RandomSource, userId: string): PasskeyRecord {
  const id = encodeBase64Url(randomBytes(random, ID_BYTES));
  const userHandle = encodeTextBase64Url(userId);
  let drawn: Promise<CryptoKeyPair> | undefined;
  const keys = () => {
    drawn ??= crypto.subtle.generateKey(ES256, true, ['sign', 'verify']);
    return drawn;
  };
  let uses = 0;

  const passkey: SandboxPasskey = {
    id,
    userHandle,
    privateKey: async () =>
      encodeBase64Url(
        new Uint8Array(await crypto.subtle.exportKey('pkcs8', (await keys()).privateKey)),
      ),
    async sign(challenge, options) {
      // SAFETY: a prepare of this sandbox wrote it; any other text has no right answer.
      const asked = JSON.parse(challenge) as { challenge: string; rpId: string };
      uses += 1;
      const clientData = new TextEncoder().encode(
        JSON.stringify({
          type: 'webauthn.get',
          challenge: asked.challenge,
          origin: options?.origin ?? `https://${asked.rpId}`,
          crossOrigin: false,
        }),
      );
      const authenticatorData = join(
        await sha256(new TextEncoder().encode(asked.rpId)),
        Uint8Array.of(USER_PRESENT_AND_VERIFIED),
        count(uses),
      );
      const signed = join(authenticatorData, await sha256(clientData));
      const signature = await crypto.subtle.sign(ES256, (await keys()).privateKey, signed);
      return {
        id,
        rawId: id,
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: encodeBase64Url(clientData),
          authenticatorData: encodeBase64Url(authenticatorData),
          signature: encodeBase64Url(derOf(new Uint8Array(signature))),
          userHandle,
        },
      };
    },
  };
  return {
    passkey,
    publicKey: async () => coseOf(await crypto.subtle.exportKey('jwk', (await keys()).publicKey)),
    counter: 0,
  };
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

function join(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** Four bytes, the highest first. */
function count(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** A key in the form of RFC 9053 §7.1.1: `{ 1: 2, 3: -7, -1: 1, -2: x, -3: y }` in CBOR. */
function coseOf({ x = '', y = '' }: JsonWebKey): Uint8Array<ArrayBuffer> {
  const bytesOf = (part: string) => join(Uint8Array.of(0x58, 0x20), decodeBase64Url(part));
  return join(
    Uint8Array.of(0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21),
    bytesOf(x),
    Uint8Array.of(0x22),
    bytesOf(y),
  );
}

/** Web Crypto writes a signature as two numbers, and WebAuthn as a DER sequence of them (§6.5.5). */
function derOf(signature: Uint8Array): Uint8Array {
  const half = signature.length / 2;
  const numbers = join(integer(signature.subarray(0, half)), integer(signature.subarray(half)));
  return join(Uint8Array.of(0x30, numbers.length), numbers);
}

/** A number that is not negative: without zeros ahead, but for one where the first bit is set. */
function integer(bytes: Uint8Array): Uint8Array {
  const first = Math.max(
    0,
    bytes.findIndex((byte) => byte !== 0),
  );
  const digits = bytes.subarray(first);
  const body = (digits[0] ?? 0) >= 0x80 ? join(Uint8Array.of(0), digits) : digits;
  return join(Uint8Array.of(0x02, body.length), body);
}
