import type { SecondFactor } from '../../machines/factors.ts';
import { createTotpPair, type SandboxAuthenticator, type TotpPair } from './authenticator.ts';
import { type BackupCodes, createBackupCodes } from './backup-codes.ts';
import type { SandboxLimits } from './limits.ts';
import { type Lockable, lockedUntil, unlock } from './lock.ts';
import { createPasskey, type PasskeyRecord, type SandboxPasskey } from './passkey.ts';
import type { RandomSource } from './random.ts';
import { createSlidingWindow, type SlidingWindow } from './sliding-window.ts';

/** A user to be created. Plain data. */
export interface SandboxUserInit {
  /** What the user signs in with. */
  identifier: string;
  /** The password; `correct horse battery staple` where it is missing. */
  password?: string;
  /**
   * Telephone numbers in E.164; `id` defaults to `idn_phone_1`, `_2` … over all users. The first is
   * the default one unless another says so.
   */
  phones?: readonly { id?: string; number: string; default?: boolean }[];
  /** E-mail addresses; `id` defaults to `idn_email_1`, `_2` … over all users. */
  emails?: readonly { id?: string; address: string }[];
  /** Whether each of the addresses takes links too, besides codes. @defaultValue false */
  emailLink?: boolean;
  /** Whether the user has a passkey; the sandbox's `passkeys` says who checks it. @defaultValue false */
  passkeys?: boolean;
  /** `true` for an authenticator app with a random secret, or the secret in base32. */
  totp?: boolean | { secret: string };
  /** `true` for ten random backup codes, or the codes. */
  backupCodes?: boolean | readonly string[];
}

/** What a test may see of a user and do to it. */
export interface SandboxUser {
  readonly id: string;
  readonly identifier: string;
  /** The authenticator app. @throws Error for a user without one */
  readonly authenticator: SandboxAuthenticator;
  /** The passkey. @throws Error for a user without one */
  readonly passkey: SandboxPasskey;
  /** The backup codes not used yet; a fresh array each time. */
  readonly backupCodes: readonly string[];
  /** Consecutive failed attempts over all factors and sign-ins. */
  readonly failures: number;
  /** When the lock ends, in ms since the epoch; `null` while there is none. */
  readonly lockedUntil: number | null;
  /** Locks the user. @param until - ms since the epoch; by default until `unlock()` */
  lock(until?: number): void;
  /** Ends the lock and forgets the failures. */
  unlock(): void;
}

/** A factor together with the address its code goes to. */
export interface Target {
  factor: SecondFactor;
  /** `null` for a factor to which nothing is delivered. */
  address: string | null;
}

/** A user as the backend keeps it. */
export interface UserRecord extends Lockable {
  readonly id: string;
  readonly identifier: string;
  readonly password: string;
  readonly targets: readonly Target[];
  readonly totp: TotpPair | null;
  readonly passkey: PasskeyRecord | null;
  readonly backupCodes: BackupCodes | null;
  readonly attempts: SlidingWindow;
}

/** The password of users that were given none. */
export const DEFAULT_PASSWORD = 'correct horse battery staple';

/**
 * The default world: one user with two phones, an e-mail address, an authenticator app and backup
 * codes.
 */
export const DEFAULT_USER: SandboxUserInit = {
  identifier: 'ada@example.com',
  password: DEFAULT_PASSWORD,
  phones: [{ number: '+15555550100', default: true }, { number: '+15555550101' }],
  emails: [{ address: 'ada@example.com' }],
  totp: true,
  backupCodes: true,
};

/** Hides all of a telephone number but its first digit and its last two. */
function maskPhone(number: string): string {
  return number.length <= 4
    ? '*'.repeat(number.length)
    : `${number.slice(0, 2)}${'*'.repeat(number.length - 4)}${number.slice(-2)}`;
}

/** Hides all of a mailbox name but its first letter. */
function maskEmail(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 1 ? '*'.repeat(address.length) : `${address.charAt(0)}*****${address.slice(at)}`;
}

/** Makes the records of users, numbering ids over all of them. */
export function createUsers(
  inits: readonly SandboxUserInit[],
  world: { now: () => number; random: RandomSource; limits: SandboxLimits },
): UserRecord[] {
  let phoneCount = 0;
  let emailCount = 0;
  return inits.map((init, index) => {
    const phones = init.phones ?? [];
    const marked = phones.findIndex((phone) => phone.default === true);
    const defaultPhone = Math.max(0, marked);
    const phoneTargets = phones.map((phone, place): Target => {
      phoneCount += 1;
      const isDefault = place === defaultPhone;
      return {
        address: phone.number,
        factor: {
          strategy: 'phone_code',
          phoneNumberId: phone.id ?? `idn_phone_${phoneCount}`,
          safeIdentifier: maskPhone(phone.number),
          ...(isDefault && { default: true, primary: true }),
        },
      };
    });
    const emailTargets = (init.emails ?? []).map((email, place): Target => {
      emailCount += 1;
      return {
        address: email.address,
        factor: {
          strategy: 'email_code',
          emailAddressId: email.id ?? `idn_email_${emailCount}`,
          safeIdentifier: maskEmail(email.address),
          ...(place === 0 && { primary: true }),
        },
      };
    });
    const linkTargets = emailTargets.map(
      ({ address, factor }): Target => ({ address, factor: { ...factor, strategy: 'email_link' } }),
    );
    const direct = (strategy: string): Target => ({ address: null, factor: { strategy } });
    const secret = typeof init.totp === 'object' ? init.totp.secret : undefined;
    const codes = typeof init.backupCodes === 'boolean' ? undefined : init.backupCodes;
    const id = `user_${index + 1}`;
    return {
      id,
      identifier: init.identifier,
      password: init.password ?? DEFAULT_PASSWORD,
      targets: [
        ...phoneTargets,
        ...emailTargets,
        ...(init.emailLink ? linkTargets : []),
        ...(init.passkeys ? [direct('passkey')] : []),
        ...(init.totp ? [direct('totp')] : []),
        ...(init.backupCodes ? [direct('backup_code')] : []),
      ],
      totp: init.totp
        ? createTotpPair({ label: init.identifier, now: world.now, random: world.random, secret })
        : null,
      passkey: init.passkeys ? createPasskey(world.random, id) : null,
      backupCodes: init.backupCodes ? createBackupCodes(world.random, codes) : null,
      attempts: createSlidingWindow(world.limits.attemptsPerWindow, world.limits.attemptWindowMs),
      failures: 0,
      lockedUntil: null,
    };
  });
}

/** Shows a user to a test. */
export function showUser(user: UserRecord, now: () => number): SandboxUser {
  return {
    id: user.id,
    identifier: user.identifier,
    get authenticator() {
      if (!user.totp) throw new Error(`${user.identifier} has no authenticator app.`);
      return user.totp.authenticator;
    },
    get passkey() {
      if (!user.passkey) throw new Error(`${user.identifier} has no passkey.`);
      return user.passkey.passkey;
    },
    get backupCodes() {
      return user.backupCodes?.remaining() ?? [];
    },
    get failures() {
      return user.failures;
    },
    get lockedUntil() {
      return lockedUntil(user, now());
    },
    lock(until = Number.POSITIVE_INFINITY) {
      user.lockedUntil = until;
    },
    unlock: () => unlock(user),
  };
}
