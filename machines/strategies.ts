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

/** More digits than any code has; a longer `length` is a mistake. */
const MOST_DIGITS = 64;

/** The built-in strategies and those of a host. A `length` that is no number of digits is left out. */
export function knownStrategies(registered: Strategies = {}): Strategies {
  const known = { ...STRATEGIES };
  for (const [name, { length, ...strategy }] of Object.entries(registered)) {
    const isLength =
      Number.isInteger(length) && Number(length) > 0 && Number(length) <= MOST_DIGITS;
    known[name] = { ...strategy, ...(isLength && { length: length as number }) };
  }
  return known;
}

/** The strategy of that name, or `undefined` for one that nobody registered. */
export function findStrategy(strategies: Strategies, name: string): Strategy | undefined {
  // Names come from outside, and `constructor` is one.
  return Object.hasOwn(strategies, name) ? strategies[name] : undefined;
}
