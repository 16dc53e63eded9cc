/**
 * The threat: something that is no proof verifies a flow, such as a reset of the password, another sign-in, or the id
 * of a session.
 *
 * @see https://github.com/better-auth/better-auth/issues/8627
 */
import { expect, it } from 'vitest';
import type { SignIn } from '../../src/index.ts';
import { startFlow, type TestFlow } from '../support/flow.ts';
import { CODE, PHONE, signIn, T0, TOTP, verification } from '../support/sign-ins.ts';

const verified = verification({ status: 'verified' });
const UNPROVEN: Partial<SignIn>[] = [
  { status: 'needs_new_password' },
  { status: 'needs_first_factor', secondFactorVerification: verified },
  { status: 'complete ', createdSessionId: 'sess_1' },
  { createdSessionId: 'sess_1' },
  { secondFactorVerification: verified },
];
/** Only a flow that started with another sign-in can tell it apart. */
const FROM_ELSEWHERE: Partial<SignIn> = { id: 'sia_other', status: 'complete' };

const totp = async () => {
  const flow = startFlow({ factor: TOTP });
  flow.attemptSecondFactor({ strategy: 'totp', code: CODE }).catch(() => {});
  return flow;
};
/** The ways in which a flow hears of its sign-in. */
const WAYS: Record<string, (said: SignIn) => Promise<TestFlow>> = {
  'its start': async (said) => startFlow({ signIn: said }),
  'the reply to a prepare': async (said) => {
    const flow = startFlow({ factor: PHONE });
    flow.prepareSecondFactor({ strategy: 'phone_code' }).catch(() => {});
    await flow.last().resolve(said);
    return flow;
  },
  'the reply to an attempt': async (said) => {
    const flow = await totp();
    await flow.last().resolve(said);
    return flow;
  },
  'a reload': async (said) => {
    const flow = await totp();
    await flow.last().reject(new TypeError('Failed to fetch'));
    await flow.last().resolve(said);
    return flow;
  },
  news: async (said) => {
    const flow = startFlow();
    flow.send({ type: 'SIGN_IN.CHANGED', signIn: said, at: T0 });
    return flow;
  },
};

it.each(Object.entries(WAYS))('%s completes no flow without a proof', async (way, tell) => {
  for (const said of way === 'its start' ? UNPROVEN : [...UNPROVEN, FROM_ELSEWHERE]) {
    const flow = await tell(signIn(said));
    expect(flow.state(), JSON.stringify(said)).not.toBe('complete');
  }
});
