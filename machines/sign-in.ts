import { factorIdField, STRATEGIES, type Strategies } from './strategies.ts';

/**
 * A second factor that a sign-in offers, in the field names of the SignIn resource.
 *
 * @see https://clerk.com/docs/reference/javascript/types/sign-in-second-factor
 */
export interface SecondFactor {
  readonly strategy: string;
  readonly phoneNumberId?: string;
  readonly emailAddressId?: string;
  /** The target as the backend shows it, masked: `+30********90`. */
  readonly safeIdentifier?: string;
  readonly primary?: boolean;
  readonly default?: boolean;
  /** The id field of a strategy that the host registered with `idField`. */
  readonly [idField: string]: string | boolean | undefined;
}

/** Where a verification stands. `expireAt` is in ms since the epoch. */
export interface Verification {
  readonly status: string | null;
  readonly strategy: string | null;
  readonly attempts: number | null;
  readonly expireAt: number | null;
  /** What the backend says went wrong, by its code alone: a text may repeat what was typed. */
  readonly error: { readonly code: string } | null;
}

/** A sign-in as plain data. Unknown statuses and strategies are kept as strings. */
export interface SignIn {
  readonly id: string;
  readonly status: string;
  readonly supportedSecondFactors: readonly SecondFactor[];
  readonly secondFactorVerification: Verification | null;
  readonly createdSessionId: string | null;
}

/** A resource or a plain object with the fields of a SignIn; untrusted, and read field by field. */
export type SignInLike = object;

/** A parsed reply. `null` as factors means that the reply did not say: the known list stays. */
export interface ParsedSignIn extends Omit<SignIn, 'supportedSecondFactors'> {
  readonly supportedSecondFactors: readonly SecondFactor[] | null;
}

/** Longer texts are no ids, statuses or masks; they count as absent. */
const LONGEST_TEXT = 4_096;
/** Words, as all codes of the SignIn API are: a code that was typed is something else. */
const ERROR_CODE = /^[a-z]+(_[a-z]+)+$/;
/** More factors than any account has; the rest of a longer list is not read. */
const MOST_FACTORS = 100;

/**
 * Copies what this library knows out of an untrusted value, reading each field once.
 *
 * @returns `null` when the value makes no sense as a SignIn. Never throws, also for hostile getters.
 */
export function parseSignIn(
  value: unknown,
  strategies: Strategies = STRATEGIES,
): ParsedSignIn | null {
  try {
    const record: Record<string, unknown> = Object(value);
    const id = text(record.id);
    const status = text(record.status);
    if (id === null || status === null) return null;
    return {
      id,
      status,
      supportedSecondFactors: parseFactors(record.supportedSecondFactors, strategies),
      secondFactorVerification: parseVerification(record.secondFactorVerification),
      createdSessionId: text(record.createdSessionId),
    };
  } catch {
    return null; // a getter or a proxy threw
  }
}

function parseFactors(value: unknown, strategies: Strategies): SecondFactor[] | null {
  if (!Array.isArray(value)) return null;
  return value
    .slice(0, MOST_FACTORS)
    .flatMap((entry) => parseFactor(Object(entry), strategies) ?? []);
}

function parseFactor(record: Record<string, unknown>, strategies: Strategies): SecondFactor | null {
  const strategy = text(record.strategy);
  if (strategy === null) return null;
  const factor: { -readonly [K in keyof SecondFactor]: SecondFactor[K] } = { strategy };
  const idField = factorIdField(strategies, strategy);
  // A set, for the id field is one of the others in most cases, and each is read once.
  for (const field of new Set(['phoneNumberId', 'emailAddressId', 'safeIdentifier', idField])) {
    const content = field && text(record[field]);
    if (typeof content === 'string') factor[String(field)] = content;
  }
  for (const mark of ['default', 'primary'] as const)
    if (record[mark] === true) factor[mark] = true;
  return factor;
}

function parseVerification(value: unknown): Verification | null {
  if (typeof value !== 'object' || value === null) return null;
  const { status, strategy, attempts, expireAt, error } = value as Record<
    keyof Verification,
    unknown
  >;
  const { code } = Object(error) as Record<string, unknown>;
  return {
    status: text(status),
    strategy: text(strategy),
    attempts: count(attempts),
    // The SignIn resource has a `Date`, the wire has ms since the epoch.
    expireAt: count(expireAt instanceof Date ? expireAt.getTime() : expireAt),
    error: ERROR_CODE.test(String(code)) ? { code: String(code) } : null,
  };
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value.length <= LONGEST_TEXT ? value : null;
}

function count(value: unknown): number | null {
  return Number.isFinite(value) ? (value as number) : null;
}
