import { parseFactors, type SecondFactor } from './factors.ts';
import { STRATEGIES, type Strategies } from './strategies.ts';
import { readCount, readNumber, readText, readWord } from './untrusted.ts';

/** Where a verification stands. `expireAt` is in ms since the epoch. */
export interface Verification {
  readonly status: string | null;
  readonly strategy: string | null;
  readonly attempts: number | null;
  readonly expireAt: number | null;
  /** What went wrong. Only the code is kept, because a text may repeat what somebody typed. */
  readonly error: { readonly code: string } | null;
  /**
   * The text by which a backend knows the delivery: a verification id, WebAuthn options. It has at most 8,192
   * letters, and comes back with the attempt, as `request.challenge`.
   */
  readonly challenge?: string;
}

/** The longest challenge: WebAuthn options with many credentials take some kB. */
const LONGEST_CHALLENGE = 8_192;

/** Reads a challenge out of an untrusted value, as a patch of a verification or a delivery. */
export function readChallenge(value: unknown): { readonly challenge?: string } {
  const challenge = readText(value, LONGEST_CHALLENGE);
  return challenge === null ? {} : { challenge };
}

/** A sign-in as plain data. Unknown statuses and strategies are kept as strings. */
export interface SignIn {
  readonly id: string;
  readonly status: string;
  readonly supportedSecondFactors: readonly SecondFactor[];
  readonly secondFactorVerification: Verification | null;
  readonly createdSessionId: string | null;
}

/** A resource or a plain object with the fields of a SignIn. It is untrusted, and read field by field. */
export type SignInLike = object;

/** A parsed reply. If it lists no factors they are `null`, and the known list stays. */
export interface ParsedSignIn extends Omit<SignIn, 'supportedSecondFactors'> {
  readonly supportedSecondFactors: readonly SecondFactor[] | null;
}

/** The replies that were parsed, and by which strategies: no reply is parsed twice. */
const parsed = /* @__PURE__ */ new WeakMap<object, Strategies>();

/**
 * Copies what this library knows out of an untrusted value, reading each field once.
 *
 * @returns `null` if the value makes no sense as a SignIn. Never throws, not even for hostile getters.
 */
export function parseSignIn(
  value: unknown,
  strategies: Strategies = STRATEGIES,
): ParsedSignIn | null {
  try {
    const record: Record<string, unknown> = Object(value);
    // SAFETY: what is in the map came out of this function.
    if (parsed.get(record) === strategies) return value as ParsedSignIn;
    const signIn = copySignIn(record, strategies);
    if (signIn) parsed.set(signIn, strategies);
    return signIn;
  } catch {
    return null; // a getter or a proxy threw
  }
}

function copySignIn(record: Record<string, unknown>, strategies: Strategies): ParsedSignIn | null {
  const id = readText(record.id);
  const status = readText(record.status);
  if (!id || status === null) return null;
  return {
    id,
    status,
    supportedSecondFactors: parseFactors(record.supportedSecondFactors, strategies),
    secondFactorVerification: copyVerification(record.secondFactorVerification),
    createdSessionId: readText(record.createdSessionId),
  };
}

function copyVerification(value: unknown): Verification | null {
  if (typeof value !== 'object' || value === null) return null;
  const { status, strategy, attempts, expireAt, error, challenge } = value as Record<
    keyof Verification,
    unknown
  >;
  const code = readWord((Object(error) as Record<string, unknown>).code);
  return {
    status: readText(status),
    strategy: readText(strategy),
    attempts: readCount(attempts),
    // The SignIn resource has a `Date`, the wire has ms since the epoch.
    expireAt: readNumber(expireAt instanceof Date ? expireAt.getTime() : expireAt),
    error: code === null ? null : { code },
    ...readChallenge(challenge),
  };
}
