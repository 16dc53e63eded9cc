import type { Verification } from '../../machines/sign-in.ts';
import { apiError } from './api-error.ts';
import { CODE_DIGITS } from './limits.ts';
import { type RandomSource, randomInteger } from './random.ts';
import type { Target } from './users.ts';

/** A code on its way to a user, and what has become of it. A sign-in holds one at a time. */
export interface Delivery {
  readonly target: Target;
  readonly code: string;
  readonly sentAt: number;
  readonly expireAt: number;
  /** Codes compared with it, right or wrong. */
  attempts: number;
  wrongCodes: number;
}

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
  if (delivery.wrongCodes >= maxWrongCodes) return 'failed';
  // NIST SP 800-63B-4 §3.1.3: invalid unless completed within its lifetime.
  return at >= delivery.expireAt ? 'expired' : 'unverified';
}

/** Shows a delivery as the verification of a sign-in, without its code. */
export function showDelivery(delivery: Delivery, at: number, maxWrongCodes: number): Verification {
  const status = statusOf(delivery, at, maxWrongCodes);
  const problem = status === 'unverified' ? null : apiError(`verification_${status}`).errors[0];
  return {
    status,
    strategy: delivery.target.factor.strategy,
    attempts: delivery.attempts,
    expireAt: delivery.expireAt,
    error: problem ? { code: problem.code } : null,
  };
}
