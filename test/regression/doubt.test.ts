/** An attempt was right, and its reply was lost. The flow showed the success as a failure. */
import { describe, expect, it } from 'vitest';
import { createActor, fromPromise } from 'xstate';
import { stateName } from '../../machines/second-factor.facts.ts';
import {
  type AttemptInput,
  oneTimeCode,
  type Reply,
  SecondFactorError,
  secondFactorMachine,
} from '../../src/index.ts';
import { settle, startFlow } from '../support/flow.ts';
import {
  apiError,
  BACKUP,
  CODE,
  completed,
  PHONE,
  sent,
  signIn,
  T0,
  TOTP,
} from '../support/sign-ins.ts';

const OFFLINE = new TypeError('Failed to fetch');

/** A flow with a code from a text message. Neither its attempt nor the reload was answered. */
async function inDoubt() {
  const flow = startFlow({ factor: PHONE, options: { resendCooldownMs: 0 } });
  flow.prepareSecondFactor({ strategy: 'phone_code' });
  await flow.last().resolve(sent());
  flow.attemptSecondFactor({ strategy: 'phone_code', code: CODE }).catch(() => {});
  await flow.last().reject(OFFLINE);
  await flow.last().reject(OFFLINE);
  expect(flow.state()).toBe('failed.outcome_unknown');
  return flow;
}

describe('a prepare that is refused while an attempt has no answer', () => {
  const REFUSALS = [
    'session_exists',
    'client_not_found',
    'user_locked',
    'no_second_factors',
    'verification_already_verified',
  ];

  it.each(REFUSALS)('finds the success behind %s', async (code) => {
    const flow = await inDoubt();
    const prepare = flow.prepareSecondFactor({ strategy: 'phone_code' });
    await flow.last().reject(apiError(code));
    expect(flow.last().name).toBe('reloadSignIn');
    await flow.last().resolve(completed());
    expect((await prepare).status).toBe('complete');
  });

  it.each([
    ['user_locked', 'halted'],
    ['no_second_factors', 'needs_second_factor'],
  ])('believes %s if there was no success', async (code, state) => {
    const flow = await inDoubt();
    const prepare = flow.prepareSecondFactor({ strategy: 'phone_code' }).catch((e) => e.code);
    await flow.last().reject(apiError(code));
    await flow.last().resolve(signIn());
    expect(flow.state()).toBe(state);
    expect(await prepare).toBe(flow.context().error?.code);
  });

  it('asks nothing if every attempt was answered', async () => {
    const flow = startFlow({ factor: PHONE });
    const prepare = flow.prepareSecondFactor({ strategy: 'phone_code' }).catch((e) => e.code);
    await flow.last().reject(apiError('user_locked'));
    expect(await prepare).toBe('locked');
    expect(flow.requests).toHaveLength(1);
  });
});

describe('a reload in the middle of another prepare', () => {
  it('finds out what became of the attempt before', async () => {
    const flow = await inDoubt();
    flow.prepareSecondFactor({ strategy: 'phone_code' }).catch(() => {});
    const resume = JSON.parse(JSON.stringify(flow.bookmark()));
    expect(resume.inFlight).toBe('attempt');
    flow.stop();
    const again = startFlow({ resume });
    expect(again.last().name).toBe('reloadSignIn');
    await again.last().resolve(completed());
    expect(again.state()).toBe('complete');
  });

  it('accepts the code that may have been sent by then', async () => {
    const flow = startFlow({ factor: TOTP });
    flow.attemptSecondFactor({ strategy: 'totp', code: CODE }).catch(() => {});
    await flow.last().reject(OFFLINE);
    await flow.last().reject(OFFLINE);
    flow.prepareSecondFactor({ strategy: 'phone_code' }).catch(() => {});
    const resume = flow.bookmark();
    const again = startFlow({ resume });
    await again.last().resolve(signIn());
    again.attemptSecondFactor({ strategy: 'phone_code', code: CODE }).catch(() => {});
    expect(again.last()).toMatchObject({ name: 'attemptSecondFactor' });
  });

  it('starts without an error if another factor is chosen: the lost reply is not its own', () => {
    const flow = startFlow({ factor: PHONE });
    flow.prepareSecondFactor({ strategy: 'phone_code' }).catch(() => {});
    const resume = flow.bookmark();
    expect(startFlow({ resume }).state()).toBe('failed.not_sent');
    const other = startFlow({ resume, factor: TOTP });
    expect(other.state()).toBe('needs_second_factor');
    expect(other.context().error).toBeNull();
  });

  it('asks what became of an attempt whatever factor is chosen', () => {
    const flow = startFlow({ factor: TOTP });
    flow.attemptSecondFactor({ strategy: 'totp', code: CODE }).catch(() => {});
    const again = startFlow({ resume: flow.bookmark(), factor: BACKUP });
    expect(again.state()).toBe('attempting.reconciling');
  });
});

describe('a reload by an actor provided by hand that makes no sense', () => {
  /** Attempts twice. The first answer is lost, and the second is that error. */
  async function attemptTwice(error: 'locked' | 'code_incorrect', reload: unknown) {
    let answer: 'network' | typeof error = 'network';
    const machine = secondFactorMachine.provide({
      actors: {
        attemptSecondFactor: fromPromise<Reply, AttemptInput>(async () => {
          throw { error: new SecondFactorError(answer), at: T0 };
        }),
        // SAFETY: what a caller without types may give back.
        reloadSignIn: fromPromise(async () => reload as Reply),
      },
    });
    const input = { signIn: signIn(), at: T0, factor: TOTP };
    const actor = createActor(machine, { input }).start();
    for (answer of ['network', error] as const) {
      actor.send({ type: 'ATTEMPT', code: oneTimeCode(CODE) });
      await settle();
    }
    return actor;
  }

  it('does not end the flow by a possible echo', async () => {
    const actor = await attemptTwice('locked', null);
    expect(stateName(actor.getSnapshot())).toBe('failed.outcome_unknown');
    expect(actor.getSnapshot().context.error?.code).toBe('server_error');
  });

  it('leaves every attempt open', async () => {
    const actor = await attemptTwice('code_incorrect', { junk: 1 });
    expect(stateName(actor.getSnapshot())).toBe('failed.code_rejected');
    actor.send({ type: 'CANCEL' });
    expect(actor.getSnapshot().output).toMatchObject({ attemptMayLand: true });
  });
});
