import { findStrategy, STRATEGIES, type Strategies } from './strategies.ts';
import { readList, readText } from './untrusted.ts';

/**
 * A second factor that a sign-in offers, in the field names of the SignIn resource.
 *
 * @see https://clerk.com/docs/reference/javascript/types/sign-in-second-factor
 */
export interface SecondFactor {
  readonly strategy: string;
  readonly phoneNumberId?: string;
  readonly emailAddressId?: string;
  /** For a backend that knows several authenticator apps of a user. */
  readonly totpId?: string;
  /** The target as the backend shows it, masked: `+30********90`. */
  readonly safeIdentifier?: string;
  readonly primary?: boolean;
  readonly default?: boolean;
  /** The id field of a strategy that the host registered with `idField`. */
  readonly [idField: string]: string | boolean | undefined;
}

/** More factors than any account has. The rest of a longer list is not read. */
export const MOST_FACTORS = 100;

/** Names a factor in a request: its strategy and, if there can be several, the id of its target. */
export type FactorParams = { readonly strategy: string } & Readonly<Record<string, string>>;

/** Makes the parameters that name a factor, and no others: backends refuse unknown parameters. */
export function factorParams(
  factor: SecondFactor,
  strategies: Strategies = STRATEGIES,
): FactorParams {
  const { strategy } = factor;
  const field = findStrategy(strategies, strategy)?.idField;
  const id = field && factor[field];
  return field && typeof id === 'string' ? { strategy, [field]: id } : { strategy };
}

/** Tells factors apart: `totp`, or `phone_code/idn_1` if there can be several. */
export function factorKey(factor: SecondFactor, strategies: Strategies = STRATEGIES): string {
  const { strategy } = factor;
  const id = factor[findStrategy(strategies, strategy)?.idField ?? ''];
  const name = strategyKey(strategy);
  return typeof id === 'string' ? `${name}/${id}` : name;
}

/** A strategy's part of a key. It escapes a slash in the name, because a slash begins the id. */
export function strategyKey(strategy: string): string {
  return /[%/]/.test(strategy) ? strategy.replace(/[%/]/g, encodeURIComponent) : strategy;
}

/**
 * Chooses the factor to start with: `totp`, else the `phone_code` marked `default`, else one marked
 * `primary`, else the first. `backup_code` comes last: people use it up by mistake if it comes first.
 *
 * @see https://github.com/owncloud/twofactor_totp/issues/284
 */
export function defaultFactor(usable: readonly SecondFactor[]): SecondFactor | null {
  const factors = usable.filter((factor) => factor.strategy !== 'backup_code');
  return (
    factors.find((factor) => factor.strategy === 'totp') ??
    factors.find((factor) => factor.strategy === 'phone_code' && factor.default) ??
    factors.find((factor) => factor.primary) ??
    factors[0] ??
    usable[0] ??
    null
  );
}

/** Copies a list of factors out of an untrusted value, each factor once; `null` if it is no list. */
export function parseFactors(value: unknown, strategies: Strategies): SecondFactor[] | null {
  if (!Array.isArray(value)) return null;
  const byKey = new Map<string, SecondFactor>();
  for (const entry of readList(value, MOST_FACTORS)) {
    const factor = parseFactor(entry, strategies);
    const key = factor && factorKey(factor, strategies);
    if (key !== null && !byKey.has(key)) byKey.set(key, factor as SecondFactor);
  }
  return [...byKey.values()];
}

/** Copies a factor out of an untrusted value, reading each field once. A hostile getter may throw. */
export function parseFactor(value: unknown, strategies: Strategies): SecondFactor | null {
  const record: Record<string, unknown> = Object(value);
  const strategy = readText(record.strategy);
  if (strategy === null) return null;
  const factor: { -readonly [K in keyof SecondFactor]: SecondFactor[K] } = { strategy };
  const idField = findStrategy(strategies, strategy)?.idField;
  // A set, because the id field is usually one of the others, and each field is read once.
  for (const field of new Set(['phoneNumberId', 'emailAddressId', 'safeIdentifier', idField])) {
    const content = field && readText(record[field]);
    if (typeof content === 'string') factor[String(field)] = content;
  }
  for (const mark of ['default', 'primary'] as const)
    if (record[mark] === true) factor[mark] = true;
  return factor;
}
