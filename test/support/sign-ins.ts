import type { SecondFactor, SignIn, Verification } from '../../src/index.ts';

/** The start of every test, in ms since the epoch. */
export const T0 = Date.UTC(2026, 0, 1, 12);
/** A well-formed code. The test's backend decides whether it is right. */
export const CODE = '424242';

export const TOTP: SecondFactor = { strategy: 'totp' };
export const PHONE: SecondFactor = {
  strategy: 'phone_code',
  phoneNumberId: 'idn_1',
  safeIdentifier: '+30********90',
  default: true,
};
export const OTHER_PHONE: SecondFactor = {
  strategy: 'phone_code',
  phoneNumberId: 'idn_2',
  safeIdentifier: '+30********91',
};
export const MAIL: SecondFactor = {
  strategy: 'email_code',
  emailAddressId: 'idn_3',
  safeIdentifier: 'n*****@example.com',
};
export const BACKUP: SecondFactor = { strategy: 'backup_code' };
export const ALL_FACTORS = [TOTP, PHONE, OTHER_PHONE, MAIL, BACKUP];

/** A sign-in that waits for its second factor. */
export function signIn(patch: Partial<SignIn> = {}): SignIn {
  return {
    id: 'sia_1',
    status: 'needs_second_factor',
    supportedSecondFactors: ALL_FACTORS,
    secondFactorVerification: null,
    createdSessionId: null,
    ...patch,
  };
}

export function verification(patch: Partial<Verification> = {}): Verification {
  return {
    status: 'unverified',
    strategy: 'phone_code',
    attempts: 0,
    expireAt: null,
    error: null,
    ...patch,
  };
}

/** What a backend answers when it has sent a code that is valid for ten minutes. */
export function sent(strategy = 'phone_code', expireAt: number | null = T0 + 600_000): SignIn {
  return signIn({ secondFactorVerification: verification({ strategy, expireAt }) });
}

/** What a backend answers to the right code. */
export function completed(): SignIn {
  return signIn({
    status: 'complete',
    createdSessionId: 'sess_1',
    secondFactorVerification: verification({ status: 'verified' }),
  });
}

/** An error as the SignIn API's client rejects with it. */
export function apiError(code: string, more: Record<string, unknown> = {}): unknown {
  return { status: 422, errors: [{ code, message: code, longMessage: `About ${code}` }], ...more };
}

/** An object that throws whatever somebody does to it. */
export function trap(): object {
  const spring = () => {
    throw new Error('trap');
  };
  return new Proxy({}, { get: spring, has: spring, ownKeys: spring });
}
