import type { Verification } from '../../machines/sign-in.ts';
import { apiError } from './api-error.ts';
import { encodeBase64Url } from './base64url.ts';
import { CODE_DIGITS } from './limits.ts';
import { type RandomSource, randomBytes, randomInteger } from './random.ts';
import type { Target } from './users.ts';

/**
 * What a prepare sent or asked, and what has become of it: a code, a link, or a challenge for a passkey.
 * A sign-in holds one at a time.
 */
export interface Delivery {
  readonly target: Target;
  /** The code, the token of the link, or the random part of the challenge. */
  readonly secret: string;
  /** What the client gets, for a passkey to answer; `null` for what is sent to the user. */
  readonly challenge: string | null;
  /** The page that a link leads to. */
  readonly redirectUrl: string | undefined;
  readonly sentAt: number;
  readonly expireAt: number;
  /** Proofs held against it, right or wrong. */
  attempts: number;
  wrongProofs: number;
}

/** Length of a token in bytes. NIST SP 800-63B-4 §3.1.3 asks for 64 bits of a link; this has 192. */
const TOKEN_BYTES = 24;

/**
 * Draws a code that differs from the one it replaces, so that the older one is spent for certain.
 */
export function drawCode(random: RandomSource, replaced: string | undefined): string {
  const bound = 10 ** CODE_DIGITS;
  const drawn = randomInteger(random, bound);
  const code = (value: number) => String(value % bound).padStart(CODE_DIGITS, '0');
  return code(drawn) === replaced ? code(drawn + 1) : code(drawn);
}

/** Says where a delivery stands at a time. An exhausted one stays `failed` when it expires. */
export function statusOf(
  delivery: Delivery,
  at: number,
  maxWrongCodes: number,
): 'unverified' | 'failed' | 'expired' {
  if (delivery.wrongProofs >= maxWrongCodes) return 'failed';
  // NIST SP 800-63B-4 §3.1.3: invalid unless completed within its lifetime.
  return at >= delivery.expireAt ? 'expired' : 'unverified';
}

/** Draws what makes a link, or a challenge, one that nobody can guess. */
export function drawToken(random: RandomSource): string {
  return encodeBase64Url(randomBytes(random, TOKEN_BYTES));
}

/** Shows a delivery as the verification of a sign-in, without its code or link. */
export function showDelivery(delivery: Delivery, at: number, maxWrongCodes: number): Verification {
  const status = statusOf(delivery, at, maxWrongCodes);
  const problem = status === 'unverified' ? null : apiError(`verification_${status}`).errors[0];
  return {
    status,
    strategy: delivery.target.factor.strategy,
    attempts: delivery.attempts,
    expireAt: delivery.expireAt,
    error: problem ? { code: problem.code } : null,
    ...(delivery.challenge !== null && { challenge: delivery.challenge }),
  };
}
