import { SimulatedClock } from 'xstate';
import {
  createSandbox,
  type Sandbox,
  SandboxApiError,
  type SandboxOptions,
  seededRandom,
} from '../../../src/sandbox/index.ts';

/** A whole TOTP step of 2026, so that tests choose where in a step they are. */
export const START = 1_770_000_000_000 - (1_770_000_000_000 % 30_000);

/** A sandbox on a clock that a test moves. */
export function simulate(options: Omit<SandboxOptions, 'clock' | 'now'> = {}) {
  const clock = new SimulatedClock();
  clock.set(START);
  const sandbox = createSandbox({ clock, random: seededRandom(1), ...options });
  return { clock, sandbox };
}

/** A sandbox without the limit on attempts per time, for tests about other limits. */
export function simulateUnhurried(options: Omit<SandboxOptions, 'clock' | 'now'> = {}) {
  return simulate({
    ...options,
    limits: { attemptsPerWindow: Number.POSITIVE_INFINITY, ...options.limits },
  });
}

/** A sign-in with its services, called without a signal of their own. */
export function enter(sandbox: Sandbox, signInId = sandbox.signIn().id) {
  const services = sandbox.services(signInId);
  const { signal } = new AbortController();
  return {
    id: signInId,
    prepare: (params: { strategy: string; [name: string]: string }) =>
      services.prepareSecondFactor(params, { signal }),
    attempt: (strategy: string, code: string) =>
      services.attemptSecondFactor({ strategy, code }, { signal }),
    reload: () => services.reloadSignIn({ signal }),
  };
}

/** A code of six digits that is not this one. */
export function wrong(code: string): string {
  return code === '000000' ? '000001' : '000000';
}

/** What a promise rejects with; fails where it resolves. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('The promise resolved.');
}

/** The refusal of a promise in short: `422 form_code_incorrect`. */
export async function refusalOf(promise: Promise<unknown>): Promise<string> {
  const error = await rejectionOf(promise);
  if (!(error instanceof SandboxApiError)) throw error;
  return `${error.status} ${error.errors[0]?.code}`;
}
