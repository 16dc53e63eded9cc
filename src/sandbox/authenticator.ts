import { Secret, TOTP } from 'otpauth';
import { TOTP_DRIFT_STEPS, TOTP_PERIOD_MS } from './limits.ts';
import { type RandomSource, randomBytes } from './random.ts';

/** The authenticator app of a user: what it holds and what it shows. */
export interface SandboxAuthenticator {
  /** The shared secret in base32. */
  readonly secret: string;
  /** The `otpauth://totp/…` key URI, to be shown as a QR code. */
  readonly uri: string;
  /** The code shown at a time. @param at - ms since the epoch; by default the sandbox's `now` */
  code(at?: number): string;
  /** Whole seconds, 1 to 30, until another code is shown. @param at - ms since the epoch */
  secondsRemaining(at?: number): number;
}

/** An authenticator together with the verifier that shares its secret. */
export interface TotpPair {
  authenticator: SandboxAuthenticator;
  /** Says whether a code is right at a time, and spends it if it is. */
  accept(code: string, at: number): boolean;
}

/** Length of a new secret in bytes. RFC 4226 §4 R6 recommends 160 bits. */
const SECRET_BYTES = 20;

/**
 * Makes the authenticator of a user and its verifier.
 *
 * @param options - `label` is the account shown in the app; `secret` is base32, drawn from `random`
 * where it is missing
 */
export function createTotpPair(options: {
  label: string;
  now: () => number;
  random: RandomSource;
  secret?: string | undefined;
}): TotpPair {
  const secret =
    options.secret === undefined
      ? new Secret({ buffer: randomBytes(options.random, SECRET_BYTES).buffer })
      : Secret.fromBase32(options.secret);
  const totp = new TOTP({
    issuer: 'second-factor sandbox',
    label: options.label,
    secret,
    period: TOTP_PERIOD_MS / 1_000,
  });
  const stepAt = (at: number) => Math.max(0, Math.floor(at / TOTP_PERIOD_MS));
  const codeOfStep = (step: number) => totp.generate({ timestamp: step * TOTP_PERIOD_MS });
  const spent = new Set<number>();

  return {
    authenticator: {
      secret: secret.base32,
      uri: totp.toString(),
      code: (at = options.now()) => codeOfStep(stepAt(at)),
      secondsRemaining: (at = options.now()) =>
        Math.ceil((TOTP_PERIOD_MS - (Math.max(0, at) % TOTP_PERIOD_MS)) / 1_000),
    },
    accept(code, at) {
      const current = stepAt(at);
      for (let step = current - TOTP_DRIFT_STEPS; step <= current + TOTP_DRIFT_STEPS; step += 1) {
        if (step < 0 || codeOfStep(step) !== code) continue;
        // RFC 6238 §5.2: after a successful validation the same OTP must not be accepted again.
        if (spent.has(step)) continue;
        spent.add(step);
        return true;
      }
      return false;
    },
  };
}
