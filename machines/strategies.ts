import type { SecondFactor } from './sign-in.ts';

/** What one strategy needs. Plain data, so that it may live in context. */
export interface Strategy {
  /** Whether the backend must be asked to send something before an attempt. */
  readonly needsPreparation: boolean;
  /** What proves it. Only `code` can be attempted so far; the others are known and not usable. */
  readonly proof: 'code' | 'link' | 'credential';
  /** The number of digits of a numeric code; without it the code is free text. */
  readonly length?: number;
  /** The field of a factor that holds the id of its target, where there can be several. */
  readonly idField?: string;
}

/** The strategies that a flow knows, by name. */
export type Strategies = Readonly<Record<string, Strategy>>;

/** The strategies of the SignIn API's second factor that can be attempted with a code. */
export const STRATEGIES: Strategies = {
  totp: { needsPreparation: false, proof: 'code', length: 6 },
  phone_code: { needsPreparation: true, proof: 'code', length: 6, idField: 'phoneNumberId' },
  email_code: { needsPreparation: true, proof: 'code', length: 6, idField: 'emailAddressId' },
  backup_code: { needsPreparation: false, proof: 'code' },
};

/** The longest code that is looked at; real ones have 6 to 20 characters. */
const LONGEST_CODE = 256;

/** The strategy of that name, or `undefined` for one that nobody registered. */
export function strategyOf(strategies: Strategies, name: string): Strategy | undefined {
  return ownValue(strategies, name);
}

/** A record's own entry: names come from outside, and `constructor` is one. */
export function ownValue<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** The field that holds the id of a factor of this strategy. */
export function factorIdField(strategies: Strategies, name: string): string | undefined {
  return strategyOf(strategies, name)?.idField;
}

/** What tells factors apart: `totp`, or `phone_code/idn_1` where there can be several. */
export function factorKey(factor: SecondFactor, strategies: Strategies = STRATEGIES): string {
  const field = factorIdField(strategies, factor.strategy);
  const id = field && factor[field];
  return typeof id === 'string' ? `${factor.strategy}/${id}` : factor.strategy;
}

/**
 * Chooses the factor to start with: `totp`, else the `phone_code` marked `default`, else one marked
 * `primary`, else the first; `backup_code` last, since people pick it by mistake where it is first.
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

/**
 * Normalises what people type or paste. Numeric codes lose white space, dashes and invisible
 * characters, and any Unicode digits become ASCII; free text is only trimmed.
 *
 * @returns `null` when the text is not a well-formed code of this strategy.
 */
export function normalizeCode(strategy: Strategy, typed: string): string | null {
  // Whatever somebody has put into a code without types: a throwing guard would kill the actor.
  if (typeof typed !== 'string' || typed.length > LONGEST_CODE) return null;
  if (strategy.proof !== 'code') return null;
  if (strategy.length === undefined) return typed.trim() || null;
  const digits = Array.from(typed.replace(/[\s\p{Cf}\p{Pd}\u2212]/gu, ''), digitOf);
  return digits.length === strategy.length && !digits.includes(null) ? digits.join('') : null;
}

const DECIMAL_DIGIT = /\p{Nd}/u;

/** The value of a Unicode decimal digit: they come in unbroken runs of ten that start at zero. */
function digitOf(character: string): number | null {
  if (!DECIMAL_DIGIT.test(character)) return null;
  const point = Number(character.codePointAt(0));
  let first = point;
  while (DECIMAL_DIGIT.test(String.fromCodePoint(first - 1))) first -= 1;
  return (point - first) % 10;
}
