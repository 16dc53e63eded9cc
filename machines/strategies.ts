/** What one strategy needs: plain data, so that it may live in context. */
export interface Strategy {
  /** Whether the backend must be asked to send something before an attempt. */
  readonly needsPreparation: boolean;
  /**
   * What proves it. The user types a `code`. The service makes a `credential` (a passkey). The user gives the
   * proof `elsewhere` (a link in a mail), and the flow never attempts it.
   */
  readonly proof: 'code' | 'credential' | 'elsewhere';
  /** The number of digits of a numeric code; without it the code is free text. */
  readonly length?: number;
  /** The field of a factor that holds the id of its target, if there can be several. */
  readonly idField?: string;
  /** `false` if the backend sends once and never again. `@defaultValue` true */
  readonly resends?: boolean;
}

/** The strategies that a flow knows, by name. */
export type Strategies = Readonly<Record<string, Strategy>>;

/** The strategies of the SignIn API's second factor that a code proves. */
export const STRATEGIES: Strategies = {
  totp: { needsPreparation: false, proof: 'code', length: 6, idField: 'totpId' },
  phone_code: { needsPreparation: true, proof: 'code', length: 6, idField: 'phoneNumberId' },
  email_code: { needsPreparation: true, proof: 'code', length: 6, idField: 'emailAddressId' },
  backup_code: { needsPreparation: false, proof: 'code' },
};

/** The strategy `email_link`, for `options.strategies`: it needs a `watchSignIn` that hears of the proof. */
export const emailLink: Strategy = {
  needsPreparation: true,
  proof: 'elsewhere',
  idField: 'emailAddressId',
};

/** The strategy `passkey`, for `options.strategies`: it needs services that perform the ceremony. */
export const passkey: Strategy = { needsPreparation: true, proof: 'credential' };

/** More digits than any code has; a longer `length` is a mistake. */
const MOST_DIGITS = 64;

/** The built-in strategies and those of a host. A `length` that makes no sense is left out. */
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
  // Names come from outside, and `constructor` may be one.
  return Object.hasOwn(strategies, name) ? strategies[name] : undefined;
}
