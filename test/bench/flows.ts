// The same flows twice: through the facade, and on the bare machine with actors written by hand,
// over services that answer at once, so that what is left is the cost of the library.
import { type AnyActorRef, createActor, fromPromise } from 'xstate';
import type { AttemptInput, Reply, RequestInput } from '../../src/index.ts';
import {
  createSecondFactor,
  oneTimeCode,
  SecondFactorError,
  type SecondFactorServices,
  secondFactorMachine,
} from '../../src/index.ts';

const CODE = '424242';
const WRONG_CODE = '000000';

const SIGN_IN = {
  id: 'sia_1',
  status: 'needs_second_factor',
  supportedSecondFactors: [
    { strategy: 'totp' },
    { strategy: 'phone_code', phoneNumberId: 'idn_1', safeIdentifier: '+30********90' },
  ],
  secondFactorVerification: null,
  createdSessionId: null,
};
const SENT = {
  ...SIGN_IN,
  secondFactorVerification: {
    status: 'unverified',
    strategy: 'phone_code',
    attempts: 0,
    expireAt: Date.now() + 600_000,
    error: null,
  },
};
const DONE = { ...SIGN_IN, status: 'complete', createdSessionId: 'sess_1' };
const REJECTION = { status: 422, errors: [{ code: 'form_code_incorrect' }] };

const services: SecondFactorServices = {
  prepareSecondFactor: async () => SENT,
  attemptSecondFactor: async ({ code }) => {
    if (code !== CODE) throw REJECTION;
    return DONE;
  },
};

/** The machine as somebody would wire it who has no facade: as little as works. */
const bareMachine = secondFactorMachine.provide({
  actors: {
    prepareSecondFactor: fromPromise<Reply, RequestInput>(async () => ({
      signIn: SENT,
      at: Date.now(),
    })),
    attemptSecondFactor: fromPromise<Reply, AttemptInput>(async ({ input }) => {
      if (input.code?.reveal() !== CODE) {
        throw { error: new SecondFactorError('code_incorrect'), at: Date.now() };
      }
      return { signIn: DONE, at: Date.now() };
    }),
  },
});

/** Waits until a bare actor is in a state; no more than a subscription. */
function until(actor: AnyActorRef, isThere: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const { unsubscribe } = actor.subscribe({
      next: () => {
        if (!isThere()) return;
        unsubscribe();
        resolve();
      },
      complete: resolve,
    });
  });
}

function startBare() {
  const actor = createActor(bareMachine, { input: { signIn: SIGN_IN, at: Date.now() } }).start();
  const attempt = (strategy: string, code: string, isThere: () => boolean) => {
    const settled = until(actor, isThere);
    actor.send({ type: 'ATTEMPT', code: oneTimeCode(code), factor: { ...PHONE, strategy } });
    return settled;
  };
  return {
    prepare: () => {
      const settled = until(actor, () => actor.getSnapshot().matches('prepared'));
      actor.send({ type: 'PREPARE', factor: PHONE, at: Date.now() });
      return settled;
    },
    reject: () => attempt('phone_code', WRONG_CODE, () => actor.getSnapshot().matches('failed')),
    verify: (strategy: string) =>
      attempt(strategy, CODE, () => actor.getSnapshot().matches('complete')),
    isComplete: () => actor.getSnapshot().matches('complete'),
  };
}
const PHONE = { strategy: 'phone_code', phoneNumberId: 'idn_1' };

function startFacade() {
  const flow = createSecondFactor({ signIn: SIGN_IN, services });
  return {
    prepare: () => flow.prepareSecondFactor({ strategy: 'phone_code' }),
    reject: () =>
      flow.attemptSecondFactor({ strategy: 'phone_code', code: WRONG_CODE }).catch(() => {}),
    verify: (strategy: string) => flow.attemptSecondFactor({ strategy, code: CODE }),
    isComplete: () => flow.actor.getSnapshot().matches('complete'),
  };
}

interface Driver {
  prepare(): Promise<unknown>;
  reject(): Promise<unknown>;
  verify(strategy: string): Promise<unknown>;
  isComplete(): boolean;
}

const SCENARIOS: Record<string, (driver: Driver) => Promise<void>> = {
  async totp(driver) {
    await driver.verify('totp');
  },
  async sms(driver) {
    await driver.prepare();
    await driver.verify('phone_code');
  },
  async 'sms, wrong code then right'(driver) {
    await driver.prepare();
    await driver.reject();
    await driver.verify('phone_code');
  },
};

/** Each scenario as two functions that run it once, and that fail where it does not end complete. */
export const comparisons = Object.entries(SCENARIOS).map(([name, play]) => {
  const run = (start: () => Driver) => async () => {
    const driver = start();
    await play(driver);
    if (!driver.isComplete()) throw new Error(`${name} did not end complete.`);
  };
  return { name, facade: run(startFacade), bare: run(startBare) };
});

/** An idle flow with a delivery and its two timers running. */
export async function startPrepared() {
  const flow = createSecondFactor({ signIn: SIGN_IN, services });
  await flow.prepareSecondFactor({ strategy: 'phone_code' });
  return flow;
}
