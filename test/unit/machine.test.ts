import { describe, expect, it } from 'vitest';
import { initialTransition, transition } from 'xstate';
import {
  oneTimeCode,
  SecondFactorError,
  type SecondFactorErrorCode,
  type SecondFactorEvent,
  secondFactorMachine,
} from '../../src/index.ts';
import { DOCUMENTED } from '../support/documented-effects.ts';
import { settle, startFlow, type TestFlow } from '../support/flow.ts';
import {
  apiError,
  CODE,
  completed,
  MAIL,
  OTHER_PHONE,
  PHONE,
  sent,
  signIn,
  T0,
  TOTP,
  trap,
  verification,
} from '../support/sign-ins.ts';

const code = oneTimeCode(CODE);

/** A flow in which the phone was prepared. */
async function prepared(options: Parameters<typeof startFlow>[0] = {}): Promise<TestFlow> {
  const flow = startFlow({ factor: PHONE, ...options });
  flow.send({ type: 'PREPARE', at: flow.now() });
  await flow.last().resolve(sent());
  return flow;
}

/** A flow that has sent the code of the phone to the backend. */
async function attempting(options: Parameters<typeof startFlow>[0] = {}): Promise<TestFlow> {
  const flow = await prepared(options);
  flow.send({ type: 'ATTEMPT', code });
  return flow;
}

/** Ways into every state that is not final. */
const STATES: Record<string, () => Promise<TestFlow>> = {
  needs_second_factor: async () => startFlow({ factor: PHONE }),
  preparing: async () => {
    const flow = startFlow({ factor: PHONE });
    flow.send({ type: 'PREPARE', at: T0 });
    return flow;
  },
  prepared,
  'attempting.sending': attempting,
  'attempting.reconciling': async () => {
    const flow = await attempting();
    await flow.last().reject(new TypeError('Failed to fetch'));
    return flow;
  },
  'failed.code_rejected': () => failedWith('code_incorrect'),
  'failed.code_spent': () => failedWith('code_expired'),
  'failed.not_sent': async () => {
    const flow = startFlow({ factor: PHONE });
    flow.send({ type: 'PREPARE', at: T0 });
    await flow.last().reject(new SecondFactorError('delivery_failed'));
    return flow;
  },
  'failed.throttled': () => failedWith('rate_limited'),
  'failed.outcome_unknown': async () => {
    const flow = await attempting({ without: 'reloadSignIn' });
    await flow.last().reject(new TypeError('Failed to fetch'));
    return flow;
  },
};

/** A flow in that state. */
function at(state: string): Promise<TestFlow> {
  const start = STATES[state];
  if (!start) throw new Error(`There is no way into ${state}.`);
  return start();
}

async function failedWith(error: SecondFactorErrorCode): Promise<TestFlow> {
  const flow = await attempting();
  await flow.last().reject(new SecondFactorError(error));
  return flow;
}

describe('the flow', () => {
  it('attempts totp without a prepare', async () => {
    const flow = startFlow();
    flow.send({ type: 'ATTEMPT', code });
    expect(flow.state()).toBe('attempting.sending');
    await flow.last().resolve(completed());
    expect(flow.state()).toBe('complete');
    expect(flow.requests.map(({ params }) => params)).toEqual([{ strategy: 'totp', code: CODE }]);
  });

  it('prepares a phone and attempts it', async () => {
    const flow = await attempting();
    await flow.last().resolve(completed());
    expect(flow.output()).toEqual({ outcome: 'complete', signIn: completed() });
    expect(flow.requests.map(({ params }) => params)).toEqual([
      { strategy: 'phone_code', phoneNumberId: 'idn_1' },
      { strategy: 'phone_code', code: CODE },
    ]);
  });

  it('chooses and attempts in one step', () => {
    const flow = startFlow({ factor: PHONE });
    flow.send({ type: 'ATTEMPT', code, factor: TOTP });
    expect(flow.state()).toBe('attempting.sending');
    expect(flow.context().factor).toEqual(TOTP);
  });

  it('aborts the prepare of a factor when another one is prepared', async () => {
    const flow = await at('preparing');
    flow.send({ type: 'PREPARE', factor: OTHER_PHONE, at: T0 });
    expect(flow.requests.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    expect(flow.context().deadlines).toEqual({
      'resend:phone_code/idn_1': T0 + 30_000,
      'resend:phone_code/idn_2': T0 + 30_000,
    });
    await flow.requests[0]?.resolve(sent());
    expect(flow.state()).toBe('preparing');
    await flow.last().resolve(sent());
    expect(flow.state()).toBe('prepared');
  });

  it('accepts the code of an aborted prepare', async () => {
    const flow = await at('preparing');
    flow.send({ type: 'SELECT', factor: TOTP });
    expect(flow.state()).toBe('needs_second_factor');
    expect(flow.can({ type: 'ATTEMPT', factor: PHONE, code })).toBe(true);
    expect(flow.can({ type: 'PREPARE', factor: PHONE })).toBe(false);
  });

  // https://github.com/opengovsg/isomer/issues/2394
  it('finds the live code and its cooldown again after another factor was chosen', async () => {
    const flow = await prepared();
    flow.send({ type: 'SELECT', factor: TOTP });
    expect(flow.state()).toBe('needs_second_factor');
    flow.send({ type: 'SELECT', factor: PHONE });
    expect(flow.state()).toBe('prepared');
    expect(flow.can({ type: 'PREPARE' })).toBe(false);
    expect(flow.requests).toHaveLength(1);
  });

  // https://github.com/okta/okta-signin-widget/issues/4073, 4046, 3583
  it('ignores the answer to an aborted attempt, and says that it may land', async () => {
    const flow = await attempting();
    flow.send({ type: 'CANCEL' });
    expect(flow.output()).toMatchObject({
      reason: 'cancelled',
      attemptMayLand: true,
    });
    expect(flow.last().signal.aborted).toBe(true);
    const before = flow.actor.getSnapshot();
    await flow.last().resolve(completed());
    expect(flow.actor.getSnapshot()).toBe(before);
  });

  it('says after a cancel that nothing may land if nothing was sent', async () => {
    const flow = await prepared();
    flow.send({ type: 'CANCEL' });
    expect(flow.output()).toMatchObject({
      outcome: 'halted',
      reason: 'cancelled',
      attemptMayLand: false,
    });
  });

  it('takes a delivery as confirmed only if the backend names its strategy', async () => {
    for (const reply of [
      signIn(),
      sent('email_code'),
      signIn({ secondFactorVerification: verification({ status: 'expired' }) }),
    ]) {
      const flow = await at('preparing');
      await flow.last().resolve(reply);
      expect(flow.state()).toBe('failed.not_sent');
      expect(flow.context().error?.code).toBe('network');
      expect(flow.can({ type: 'ATTEMPT', code })).toBe(true);
      expect(flow.can({ type: 'PREPARE' })).toBe(false);
    }
  });
});

describe('time', () => {
  it('starts the cooldown when the prepare is sent, and stamps it again by the reply', async () => {
    const flow = await at('preparing');
    expect(flow.context().deadlines).toEqual({ 'resend:phone_code/idn_1': T0 + 30_000 });
    flow.clock.increment(5_000);
    await flow.last().resolve(sent());
    expect(flow.context().deadlines).toEqual({
      'resend:phone_code/idn_1': T0 + 35_000,
      'expiry:phone_code/idn_1': T0 + 600_000,
    });
    flow.clock.increment(29_999);
    expect(flow.can({ type: 'PREPARE' })).toBe(false);
    flow.clock.increment(1);
    expect(flow.can({ type: 'PREPARE' })).toBe(true);
  });

  it('accepts an attempt in the cooldown', async () => {
    expect((await prepared()).actor.getSnapshot().can({ type: 'ATTEMPT', code })).toBe(true);
  });

  it('accepts a code after its expiry, and keeps the delivery for the view', async () => {
    const flow = await prepared();
    flow.clock.increment(600_001);
    expect(flow.state()).toBe('prepared');
    expect(flow.context().deadlines).toEqual({});
    expect(flow.context().deliveries['phone_code/idn_1']).toEqual({
      sentAt: T0,
      expiresAt: T0 + 600_000,
      confirmed: true,
    });
    expect(flow.can({ type: 'ATTEMPT', code })).toBe(true);
    flow.send({ type: 'SELECT', factor: PHONE });
    expect(flow.state()).toBe('needs_second_factor');
  });

  it('spends the deliveries of other factors by a new one, and keeps their cooldowns', async () => {
    const flow = await prepared();
    flow.send({ type: 'PREPARE', factor: MAIL, at: flow.now() });
    await flow.last().resolve(sent('email_code'));
    expect(Object.keys(flow.context().deliveries)).toEqual(['email_code/idn_3']);
    expect(Object.keys(flow.context().deadlines).sort()).toEqual([
      'expiry:email_code/idn_3',
      'resend:email_code/idn_3',
      'resend:phone_code/idn_1',
    ]);
    expect(flow.can({ type: 'ATTEMPT', factor: PHONE, code })).toBe(false);
  });

  it('keeps the deliveries of other factors if the backend keeps several', async () => {
    const flow = await prepared({ options: { liveDeliveries: 'many' } });
    flow.send({ type: 'PREPARE', factor: MAIL, at: flow.now() });
    await flow.last().resolve(sent('email_code'));
    expect(Object.keys(flow.context().deliveries).sort()).toEqual([
      'email_code/idn_3',
      'phone_code/idn_1',
    ]);
    expect(flow.can({ type: 'ATTEMPT', factor: PHONE, code })).toBe(true);
  });

  it('drops the old expiry if the new delivery has none', async () => {
    const flow = await prepared({ options: { liveDeliveries: 'many' } });
    flow.clock.increment(30_000);
    flow.send({ type: 'PREPARE', at: flow.now() });
    await flow.last().resolve(sent('phone_code', null));
    expect(flow.context().deadlines).toEqual({ 'resend:phone_code/idn_1': T0 + 60_000 });
    expect(flow.context().deliveries['phone_code/idn_1']).toEqual({
      sentAt: T0 + 30_000,
      confirmed: true,
    });
  });

  it('does not fire a deadline that no timer can wait for', async () => {
    const flow = startFlow({ factor: PHONE });
    flow.send({ type: 'PREPARE', at: T0 });
    await flow.last().resolve(sent('phone_code', Number.MAX_SAFE_INTEGER));
    flow.clock.increment(60_000);
    expect(flow.context().deadlines).toHaveProperty(['expiry:phone_code/idn_1']);
  });

  it('has no cooldown if the host wants none', async () => {
    const flow = await prepared({ options: { resendCooldownMs: 0 } });
    expect(Object.keys(flow.context().deadlines)).toEqual(['expiry:phone_code/idn_1']);
    expect(flow.can({ type: 'PREPARE' })).toBe(true);
  });

  // https://github.com/clerk/javascript/issues/6837
  it('gives up a prepare after the time limit, and counts it as lost', async () => {
    const flow = await at('preparing');
    flow.clock.increment(30_000);
    expect(flow.state()).toBe('failed.not_sent');
    expect(flow.context().error?.code).toBe('timeout');
    expect(flow.last().signal.aborted).toBe(true);
    expect(flow.can({ type: 'ATTEMPT', code })).toBe(true);
  });

  it('gives up an attempt after the time limit, and then the reload too', async () => {
    const flow = await attempting();
    flow.clock.increment(30_000);
    expect(flow.state()).toBe('attempting.reconciling');
    flow.clock.increment(30_000);
    expect(flow.state()).toBe('failed.outcome_unknown');
    expect(flow.context().error?.code).toBe('timeout');
    expect(flow.requests.every(({ signal }, at) => at === 0 || signal.aborted)).toBe(true);
  });

  it('waits without a limit if the host wants none', async () => {
    const flow = startFlow({
      factor: PHONE,
      options: { requestTimeoutMs: null, reloadTimeoutMs: null },
    });
    flow.send({ type: 'PREPARE', at: T0 });
    flow.clock.increment(2 ** 31);
    expect(flow.state()).toBe('preparing');
    await flow.last().resolve(sent());
    flow.send({ type: 'ATTEMPT', code });
    flow.clock.increment(2 ** 31);
    expect(flow.state()).toBe('attempting.sending');
    await flow.last().reject(new TypeError('Failed to fetch'));
    flow.clock.increment(2 ** 31);
    expect(flow.state()).toBe('attempting.reconciling');
  });

  it('accepts the code of a prepare that gave way to another factor', async () => {
    const flow = await at('preparing');
    flow.send({ type: 'PREPARE', factor: OTHER_PHONE, at: T0 });
    expect(flow.context().deliveries).toEqual({
      'phone_code/idn_1': { sentAt: T0, confirmed: false },
    });
    await flow.last().reject(new SecondFactorError('delivery_failed'));
    expect(flow.can({ type: 'ATTEMPT', factor: PHONE, code })).toBe(true);
  });

  it('keeps the older delivery when the reply to a resend is lost', async () => {
    const flow = await prepared();
    flow.clock.increment(30_000);
    flow.send({ type: 'PREPARE', at: flow.now() });
    await flow.last().reject(new TypeError('Failed to fetch'));
    expect(flow.context().deliveries).toEqual({
      'phone_code/idn_1': { sentAt: T0, expiresAt: T0 + 600_000, confirmed: true },
    });
  });

  it('has a delivery without an end if the backend tells none', async () => {
    const flow = startFlow({ factor: PHONE });
    flow.send({ type: 'PREPARE', at: T0 });
    await flow.last().resolve(sent('phone_code', null));
    expect(flow.context().deliveries).toStrictEqual({
      'phone_code/idn_1': { sentAt: T0, confirmed: true },
    });
    flow.send({ type: 'SELECT', factor: TOTP });
    flow.send({ type: 'SELECT', factor: PHONE });
    expect(flow.state()).toBe('prepared');
  });

  it('removes a deadline when a host says that it is due', async () => {
    const flow = await prepared();
    flow.send({ type: 'DEADLINE.PASSED', name: 'resend:phone_code/idn_1' });
    expect(flow.can({ type: 'PREPARE' })).toBe(true);
  });
});

describe('a lost reply', () => {
  const LOST: [string, (flow: TestFlow) => Promise<void>, SecondFactorErrorCode][] = [
    ['no answer', (flow) => flow.last().reject(new TypeError('Failed to fetch')), 'network'],
    ['a 500', (flow) => flow.last().reject({ status: 500, errors: [] }), 'server_error'],
    ['an unchanged sign-in', (flow) => flow.last().resolve(sent()), 'network'],
    [
      'an answer that makes no sense',
      (flow) => flow.last().resolve({ hello: 'world' }),
      'malformed_reply',
    ],
  ];

  it.each(LOST)('leads to complete after %s, if the reload says verified', async (_, lose) => {
    const flow = await attempting();
    await lose(flow);
    expect(flow.last().name).toBe('reloadSignIn');
    await flow.last().resolve(completed());
    expect(flow.output()).toEqual({ outcome: 'complete', signIn: completed() });
  });

  it.each(LOST)(
    'leads to outcome_unknown after %s, if the reload says not verified',
    async (_, lose, error) => {
      const flow = await attempting();
      await lose(flow);
      await flow.last().resolve(sent());
      expect(flow.state()).toBe('failed.outcome_unknown');
      expect(flow.context().error?.code).toBe(error);
      expect(flow.can({ type: 'ATTEMPT', code })).toBe(true);
    },
  );

  it.each(LOST)(
    'leads to outcome_unknown after %s without reloadSignIn',
    async (_, lose, error) => {
      const flow = await attempting({ without: 'reloadSignIn' });
      await lose(flow);
      expect(flow.state()).toBe('failed.outcome_unknown');
      expect(flow.context().error?.code).toBe(error);
    },
  );

  it.each([
    ['superseded', signIn({ id: 'sia_2' })],
    ['protect_check_required', signIn({ status: 'needs_protect_check' })],
    ['unexpected_status', signIn({ status: 'something_new' })],
  ])('ends as %s if the reload says so, and the attempt may still land', async (reason, reply) => {
    const flow = await at('attempting.reconciling');
    await flow.last().resolve(reply);
    expect(flow.output()).toMatchObject({ reason, attemptMayLand: true });
  });

  it('ends if the reload says that the sign-in is gone', async () => {
    const flow = await at('attempting.reconciling');
    await flow.last().reject(apiError('resource_not_found'));
    expect(flow.output()).toMatchObject({
      reason: 'sign_in_expired',
      attemptMayLand: true,
    });
  });

  it('keeps the error that led to the reload if the reload fails too', async () => {
    const flow = await at('attempting.reconciling');
    await flow.last().reject(apiError('too_many_requests'));
    expect(flow.state()).toBe('failed.outcome_unknown');
    expect(flow.context().error?.code).toBe('network');
  });

  it('of a prepare is reconciled if the backend says already verified', async () => {
    const flow = await at('preparing');
    await flow.last().reject(apiError('verification_already_verified'));
    expect(flow.state()).toBe('attempting.reconciling');
    expect(flow.context().error?.code).toBe('already_verified');
    await flow.last().resolve(completed());
    expect(flow.state()).toBe('complete');
  });

  it('of a prepare ends the flow if the backend says already verified and nobody can be asked', async () => {
    const flow = startFlow({ factor: PHONE, without: 'reloadSignIn' });
    flow.send({ type: 'PREPARE', at: T0 });
    await flow.last().reject(apiError('verification_already_verified'));
    expect(flow.output()).toMatchObject({
      reason: 'already_verified',
      attemptMayLand: false,
    });
  });

  it('takes over the sign-in of the reload', async () => {
    const flow = await at('attempting.reconciling');
    expect(Object.keys(flow.actor.getSnapshot().children)).toEqual(['reloadSignIn']);
    const secondFactorVerification = verification({ attempts: 2 });
    flow.clock.increment(5);
    await flow.last().resolve(signIn({ secondFactorVerification }));
    expect(flow.state()).toBe('failed.outcome_unknown');
    expect(flow.context()).toMatchObject({
      now: T0 + 5,
      learntAt: T0 + 5,
      signIn: { secondFactorVerification },
    });
  });

  it('learns only the time from a reload that fails', async () => {
    const flow = await at('attempting.reconciling');
    flow.clock.increment(5);
    await flow.last().reject(new SecondFactorError('server_error'));
    expect(flow.context()).toMatchObject({ now: T0 + 5, learntAt: T0, error: { code: 'network' } });
  });

  it('reads the reload by the strategies of the host', async () => {
    const pigeon = { strategy: 'carrier_pigeon', pigeonId: 'pig_1' };
    const strategies = {
      carrier_pigeon: { needsPreparation: false, proof: 'code', idField: 'pigeonId' },
    } as const;
    const offer = signIn({ supportedSecondFactors: [pigeon] });
    const flow = startFlow({ signIn: offer, options: { strategies } });
    flow.send({ type: 'ATTEMPT', code });
    await flow.last().reject(new TypeError('Failed to fetch'));
    await flow.last().resolve(offer);
    expect(flow.context().signIn.supportedSecondFactors).toEqual([pigeon]);
  });

  it('halts after "already verified" if nobody can be asked', async () => {
    const flow = await attempting({ without: 'reloadSignIn' });
    await flow.last().reject(apiError('verification_already_verified'));
    expect(flow.output()).toMatchObject({
      reason: 'already_verified',
      attemptMayLand: true,
    });
  });

  it('goes on after "already verified" if the network fails the reload', async () => {
    const flow = await attempting();
    await flow.last().reject(apiError('verification_already_verified'));
    await flow.last().reject(new TypeError('Failed to fetch'));
    expect(flow.state()).toBe('failed.outcome_unknown');
    expect(flow.can({ type: 'ATTEMPT', code })).toBe(true);
  });
});

describe('a refusal after a lost reply', () => {
  /** The reply to the first attempt and the reload were lost; a second attempt is in flight. */
  async function retrying(): Promise<TestFlow> {
    const flow = await attempting();
    await flow.last().reject(new TypeError('Failed to fetch'));
    await flow.last().reject(new TypeError('Failed to fetch'));
    flow.send({ type: 'ATTEMPT', code });
    return flow;
  }
  const REFUSALS: [string, string][] = [
    ['form_code_incorrect', 'failed.code_rejected'],
    ['verification_expired', 'failed.code_spent'],
    ['strategy_for_user_invalid', 'needs_second_factor'],
    ['session_exists', 'halted'],
    ['resource_not_found', 'halted'],
  ];

  it.each(REFUSALS)(
    '%s: the backend is asked, because it may be the echo of a success',
    async (api) => {
      const flow = await retrying();
      await flow.last().reject(apiError(api));
      expect(flow.state()).toBe('attempting.reconciling');
      await flow.last().resolve(completed());
      expect(flow.output()).toEqual({ outcome: 'complete', signIn: completed() });
    },
  );

  it.each(REFUSALS)('%s: leads to %s if the backend says not verified', async (api, state) => {
    const flow = await retrying();
    await flow.last().reject(apiError(api));
    await flow.last().resolve(sent());
    expect(flow.state()).toBe(state);
    expect(flow.context().unanswered).toBe(0);
  });

  it.each(REFUSALS)(
    '%s: leads to %s if nobody answers, unless that ends the flow, and an attempt may still land',
    async (api, state) => {
      const nobodyAnswers: ((flow: TestFlow) => unknown)[] = [
        (flow) => flow.last().reject(new TypeError('Failed to fetch')),
        (flow) => flow.last().reject(new SecondFactorError('rate_limited')),
        (flow) => flow.clock.increment(30_000),
      ];
      for (const answer of nobodyAnswers) {
        const flow = await retrying();
        await flow.last().reject(apiError(api));
        await answer(flow);
        expect(flow.state()).toBe(state === 'halted' ? 'failed.outcome_unknown' : state);
        expect(flow.context().unanswered).toBe(1);
      }
    },
  );

  it('a refusal that would end the flow waits until somebody can tell', async () => {
    const flow = await retrying();
    await flow.last().reject(apiError('user_locked'));
    await flow.last().reject(new SecondFactorError('rate_limited'));
    expect(flow.context().error?.code).toBe('network');
    flow.send({ type: 'ATTEMPT', code });
    await flow.last().reject(apiError('user_locked'));
    flow.clock.increment(30_000);
    expect(flow.context().error?.code).toBe('timeout');
    flow.send({ type: 'ATTEMPT', code });
    await flow.last().reject(apiError('user_locked'));
    await flow.last().resolve(sent());
    expect(flow.output()).toMatchObject({
      reason: 'locked',
      attemptMayLand: false,
    });
  });

  it('a refusal that would end the flow ends it if nobody can ever tell', async () => {
    const flow = await attempting({ without: 'reloadSignIn' });
    await flow.last().reject(new TypeError('Failed to fetch'));
    flow.send({ type: 'ATTEMPT', code });
    await flow.last().reject(apiError('user_locked'));
    expect(flow.output()).toMatchObject({
      reason: 'locked',
      attemptMayLand: true,
    });
  });

  it('a refusal of the last factor ends the flow: no factor is left', async () => {
    const flow = startFlow({ signIn: signIn({ supportedSecondFactors: [TOTP] }) });
    flow.send({ type: 'ATTEMPT', code });
    await flow.last().reject(new TypeError('Failed to fetch'));
    await flow.last().reject(new TypeError('Failed to fetch'));
    flow.send({ type: 'ATTEMPT', code });
    await flow.last().reject(apiError('strategy_for_user_invalid'));
    await flow.last().reject(new TypeError('Failed to fetch'));
    expect(flow.output()).toMatchObject({
      reason: 'no_usable_factor',
      attemptMayLand: true,
    });
  });

  it('is believed at once after the backend said not verified', async () => {
    const flow = await attempting();
    await flow.last().reject(new TypeError('Failed to fetch'));
    await flow.last().resolve(sent());
    flow.send({ type: 'ATTEMPT', code });
    await flow.last().reject(apiError('form_code_incorrect'));
    expect(flow.state()).toBe('failed.code_rejected');
    expect(
      flow.requests.map(({ name }) => name).filter((name) => name === 'reloadSignIn'),
    ).toHaveLength(1);
  });
});

describe('the reply', () => {
  it.each([
    ['superseded', signIn({ id: 'sia_2', status: 'complete' })],
    ['protect_check_required', signIn({ status: 'needs_protect_check' })],
    ['sign_in_expired', signIn({ status: 'abandoned' })],
    ['unexpected_status', signIn({ status: 'something_new' })],
    ['unexpected_status', signIn({ status: 'needs_new_password' })],
  ])('halts as %s, and no attempt may land', async (reason, reply) => {
    const flow = await attempting();
    await flow.last().resolve(reply);
    expect(flow.output()).toMatchObject({ reason, attemptMayLand: false });
  });

  it('to a prepare may complete the flow, or end it', async () => {
    const flow = await at('preparing');
    await flow.last().resolve(completed());
    expect(flow.output()).toMatchObject({
      outcome: 'complete',
      signIn: { status: 'complete', createdSessionId: 'sess_1' },
    });
    const other = await at('preparing');
    await other.last().resolve(signIn({ status: 'needs_protect_check' }));
    expect(other.output()).toMatchObject({
      reason: 'protect_check_required',
      signIn: { status: 'needs_protect_check' },
    });
  });

  it('completes if a new password comes next', async () => {
    const reply = signIn({
      status: 'needs_new_password',
      secondFactorVerification: verification({ status: 'verified' }),
    });
    const flow = await attempting();
    await flow.last().resolve(reply);
    expect(flow.output()).toEqual({ outcome: 'complete', signIn: reply });
  });

  it('keeps the known factors if it lists none', async () => {
    const flow = await attempting();
    await flow.last().resolve({ id: 'sia_1', status: 'complete' });
    expect(flow.output()?.signIn.supportedSecondFactors).toEqual(signIn().supportedSecondFactors);
  });

  it('keeps the chosen factor usable if it no longer lists it', async () => {
    const flow = await at('preparing');
    await flow.last().resolve({ ...sent(), supportedSecondFactors: [TOTP] });
    expect(flow.can({ type: 'ATTEMPT', code })).toBe(true);
    expect(flow.can({ type: 'SELECT', factor: OTHER_PHONE })).toBe(false);
  });
});

describe('the error table, for a prepare', () => {
  const { code_rejected, code_spent, not_sent, not_provided } = DOCUMENTED;
  const NOT_SENT = [...code_rejected, ...code_spent, ...not_sent, ...not_provided];
  it.each(NOT_SENT)('%s: nothing was sent, so a prepare is accepted at once', async (error) => {
    const flow = await at('preparing');
    await flow.last().reject(new SecondFactorError(error));
    expect(flow.state()).toBe('failed.not_sent');
    expect(flow.context().error?.code).toBe(error);
    expect(flow.context().deadlines).toEqual({});
    expect(flow.can({ type: 'ATTEMPT', code })).toBe(false);
  });

  it('delivery_failed of a resend: the older code is still accepted', async () => {
    const flow = await prepared();
    flow.clock.increment(30_000);
    flow.send({ type: 'PREPARE', at: flow.now() });
    await flow.last().reject(new SecondFactorError('delivery_failed'));
    expect(flow.state()).toBe('failed.not_sent');
    expect(flow.can({ type: 'ATTEMPT', code })).toBe(true);
    expect(flow.can({ type: 'PREPARE' })).toBe(true);
  });

  it.each(DOCUMENTED.lost)(
    '%s: an attempt is accepted, and a prepare after the cooldown',
    async (error) => {
      const flow = await at('preparing');
      await flow.last().reject(new SecondFactorError(error));
      expect(flow.state()).toBe('failed.not_sent');
      expect(flow.context().deliveries['phone_code/idn_1']).toEqual({
        sentAt: T0,
        confirmed: false,
      });
      expect(flow.can({ type: 'ATTEMPT', code })).toBe(true);
      expect(flow.can({ type: 'PREPARE' })).toBe(false);
      flow.clock.increment(30_000);
      expect(flow.can({ type: 'PREPARE' })).toBe(true);
    },
  );

  it.each([
    ['what the server says', T0 + 7_000, T0 + 7_000],
    ['the cooldown where it says nothing', undefined, T0 + 30_000],
    ['the cooldown for the past', T0 - 1, T0 + 30_000],
    ['the cooldown for NaN', Number.NaN, T0 + 30_000],
    ['the cooldown for years away', T0 + 3e11, T0 + 30_000],
  ])('rate_limited: waits for %s', async (_, retryAt, until) => {
    const flow = await prepared();
    flow.clock.increment(30_000);
    flow.send({ type: 'PREPARE', at: T0 });
    const failure = { error: new SecondFactorError('rate_limited', { retryAt }), at: T0 };
    flow.send({
      type: 'xstate.error.actor.prepareSecondFactor',
      error: failure,
      actorId: 'prepareSecondFactor',
    } as never);
    expect(flow.state()).toBe('failed.throttled');
    expect(flow.context().error?.retryAt).toBe(until);
    expect(flow.context().deadlines['resend:phone_code/idn_1']).toBe(until);
    expect(flow.can({ type: 'ATTEMPT', code })).toBe(true);
  });

  it.each(DOCUMENTED.factor_gone)(
    '%s: the factor is dropped, and the next one is chosen',
    async (error) => {
      const flow = await at('preparing');
      await flow.last().reject(new SecondFactorError(error));
      expect(flow.state()).toBe('needs_second_factor');
      expect(flow.context()).toMatchObject({
        factor: TOTP,
        unavailable: ['phone_code/idn_1'],
      });
      expect(flow.can({ type: 'SELECT', factor: PHONE })).toBe(false);
    },
  );

  it('halts if the last factor is gone', async () => {
    const flow = startFlow({ signIn: signIn({ supportedSecondFactors: [PHONE] }) });
    flow.send({ type: 'PREPARE', at: T0 });
    await flow.last().reject(new SecondFactorError('strategy_unavailable'));
    expect(flow.output()).toMatchObject({ reason: 'no_usable_factor' });
  });
});

describe('the error table, for an attempt', () => {
  it.each(DOCUMENTED.code_rejected)('%s: another code is accepted', async (error) => {
    const flow = await failedWith(error);
    expect(flow.state()).toBe('failed.code_rejected');
    expect(flow.context()).toMatchObject({ error: { code: error }, unanswered: 0 });
    expect(flow.can({ type: 'ATTEMPT', code })).toBe(true);
    expect(Object.keys(flow.context().deadlines)).toContain('resend:phone_code/idn_1');
  });

  it.each(DOCUMENTED.code_spent)(
    '%s: the delivery is gone, and a new one is accepted at once',
    async (error) => {
      const flow = await failedWith(error);
      expect(flow.state()).toBe('failed.code_spent');
      expect(flow.context()).toMatchObject({ deliveries: {}, deadlines: {} });
      expect(flow.can({ type: 'ATTEMPT', code })).toBe(false);
      expect(flow.can({ type: 'PREPARE' })).toBe(true);
    },
  );

  it('code_expired of a totp: another attempt is accepted', async () => {
    const flow = startFlow();
    flow.send({ type: 'ATTEMPT', code });
    await flow.last().reject(new SecondFactorError('code_expired'));
    expect(flow.can({ type: 'ATTEMPT', code })).toBe(true);
  });

  it('rate_limited: no factor may be attempted until then, but chosen and prepared', async () => {
    const flow = await attempting();
    await flow.last().reject(apiError('too_many_requests', { status: 429, retryAfter: 7 }));
    expect(flow.state()).toBe('failed.throttled');
    expect(flow.context().error?.retryAt).toBe(T0 + 7_000);
    const can = (event: SecondFactorEvent) => flow.can(event);
    expect([can({ type: 'ATTEMPT', code }), can({ type: 'ATTEMPT', factor: TOTP, code })]).toEqual([
      false,
      false,
    ]);
    expect([can({ type: 'PREPARE', factor: MAIL }), can({ type: 'SELECT', factor: TOTP })]).toEqual(
      [true, true],
    );
    flow.clock.increment(7_000);
    expect(flow.state()).toBe('failed.throttled');
    expect(can({ type: 'ATTEMPT', code })).toBe(true);
  });

  it('service_not_provided: nothing was sent', async () => {
    const flow = startFlow({ without: 'attemptSecondFactor' });
    flow.send({ type: 'ATTEMPT', code });
    await settle();
    expect(flow.state()).toBe('failed.outcome_unknown');
    expect(flow.context()).toMatchObject({
      error: { code: 'service_not_provided', field: 'attemptSecondFactor' },
      unanswered: 0,
    });
    expect(flow.requests).toHaveLength(0);
  });

  it('strategy_unavailable: the factor is dropped with its delivery', async () => {
    const flow = await failedWith('strategy_unavailable');
    expect(flow.state()).toBe('needs_second_factor');
    expect(flow.context()).toMatchObject({
      factor: TOTP,
      deliveries: {},
      unavailable: ['phone_code/idn_1'],
    });
  });

  const { not_sent, lost, already_verified } = DOCUMENTED;
  it.each([...not_sent, ...lost, ...already_verified])(
    '%s: the backend is asked what is true',
    async (error) => {
      const flow = await failedWith(error);
      expect(flow.state()).toBe('attempting.reconciling');
      expect(flow.context().unanswered).toBe(1);
    },
  );

  it.each(DOCUMENTED.halted)('%s: ends both kinds of request', async (error) => {
    for (const state of ['preparing', 'attempting.sending']) {
      const flow = await at(state);
      await flow.last().reject(new SecondFactorError(error));
      expect(flow.output()).toMatchObject({
        outcome: 'halted',
        reason: error,
        error: { code: error },
        attemptMayLand: false,
      });
    }
  });
});

describe('what the host learnt', () => {
  it.each(Object.keys(STATES))(
    'completes %s if the sign-in is complete, and aborts what is in flight',
    async (state) => {
      const flow = await at(state);
      flow.send({ type: 'SIGN_IN.CHANGED', signIn: completed(), at: flow.now() });
      expect(flow.output()).toEqual({
        outcome: 'complete',
        signIn: completed(),
      });
      expect(
        flow.requests
          .slice(-1)
          .every(
            ({ signal }) =>
              signal.aborted ||
              !['preparing', 'attempting.sending', 'attempting.reconciling'].includes(state),
          ),
      ).toBe(true);
    },
  );

  it.each(Object.keys(STATES))('halts %s if another sign-in took its place', async (state) => {
    const flow = await at(state);
    flow.send({ type: 'SIGN_IN.CHANGED', signIn: signIn({ id: 'sia_2' }), at: flow.now() });
    expect(flow.output()).toMatchObject({
      reason: 'superseded',
      signIn: { id: 'sia_1' },
    });
  });

  it.each([
    ['junk', { no: 'sign-in' }, T0],
    ['older news', completed(), T0 - 1],
  ])('ignores %s', async (_, news, at) => {
    const flow = await prepared();
    const before = flow.actor.getSnapshot();
    flow.send({ type: 'SIGN_IN.CHANGED', signIn: news, at });
    expect(flow.actor.getSnapshot()).toBe(before);
  });

  it('takes news without a time as news of now', async () => {
    const flow = await prepared();
    flow.send({ type: 'SIGN_IN.CHANGED', signIn: completed() } as never);
    expect(flow.state()).toBe('complete');
  });

  it('counts its delivery as spent if the live one is of another factor', async () => {
    const flow = await prepared();
    flow.send({ type: 'SIGN_IN.CHANGED', signIn: sent('email_code'), at: flow.now() });
    expect(flow.state()).toBe('needs_second_factor');
    expect(flow.context()).toMatchObject({
      deliveries: {},
      deadlines: { 'resend:phone_code/idn_1': T0 + 30_000 },
    });
  });

  it.each([['totp'], ['something_new']])(
    'keeps its delivery if the verification is of %s, which sends nothing',
    async (strategy) => {
      const flow = await prepared();
      flow.send({ type: 'SIGN_IN.CHANGED', signIn: sent(strategy), at: flow.now() });
      expect(flow.state()).toBe('prepared');
    },
  );

  it('keeps its delivery if that is the live one', async () => {
    const flow = await prepared();
    const before = flow.context().deliveries;
    flow.send({ type: 'SIGN_IN.CHANGED', signIn: sent(), at: flow.now() });
    expect(flow.context().deliveries).toEqual(before);
  });

  it('keeps the live delivery of a factor without an id, and spends one of a similar name', async () => {
    const phone = { strategy: 'phone_code' };
    const likeIt = { strategy: 'phone_code_2' };
    const strategies = { phone_code_2: { needsPreparation: true, proof: 'code' } } as const;
    const flow = startFlow({
      signIn: signIn({ supportedSecondFactors: [phone, likeIt] }),
      options: { strategies, liveDeliveries: 'one' },
    });
    const deliver = async (factor: typeof phone) => {
      flow.send({ type: 'PREPARE', factor, at: T0 });
      await flow.last().resolve(sent(factor.strategy, null));
    };
    const change = (strategy: string) =>
      flow.send({ type: 'SIGN_IN.CHANGED', signIn: sent(strategy), at: flow.now() });
    await deliver(phone);
    change('phone_code');
    expect(Object.keys(flow.context().deliveries)).toEqual(['phone_code']);
    change('phone_code_2');
    expect(Object.keys(flow.context().deliveries)).toEqual([]);
    await deliver(likeIt);
    change('phone_code');
    expect(Object.keys(flow.context().deliveries)).toEqual([]);
  });

  it('keeps its delivery if the backend keeps several', async () => {
    const flow = await prepared({ options: { liveDeliveries: 'many' } });
    flow.send({ type: 'SIGN_IN.CHANGED', signIn: sent('email_code'), at: flow.now() });
    expect(flow.state()).toBe('prepared');
  });

  it('lets the request in flight go on if it settles nothing', async () => {
    const flow = await attempting();
    flow.send({ type: 'SIGN_IN.CHANGED', signIn: sent(), at: flow.now() });
    expect(flow.state()).toBe('attempting.sending');
    expect(flow.last().signal.aborted).toBe(false);
  });
});

describe('state × event', () => {
  const EVENTS: Record<string, SecondFactorEvent> = {
    'SELECT phone': { type: 'SELECT', factor: PHONE },
    'SELECT totp': { type: 'SELECT', factor: TOTP },
    'SELECT unknown': { type: 'SELECT', factor: { strategy: 'carrier_pigeon' } },
    PREPARE: { type: 'PREPARE' },
    'PREPARE mail': { type: 'PREPARE', factor: MAIL },
    'PREPARE totp': { type: 'PREPARE', factor: TOTP },
    ATTEMPT: { type: 'ATTEMPT', code },
    'ATTEMPT totp': { type: 'ATTEMPT', factor: TOTP, code },
    'ATTEMPT without a code': { type: 'ATTEMPT' },
    'ATTEMPT letters': { type: 'ATTEMPT', code: oneTimeCode('abcdef') },
    CANCEL: { type: 'CANCEL' },
    'SIGN_IN.CHANGED': { type: 'SIGN_IN.CHANGED', signIn: sent(), at: T0 },
    'DEADLINE.PASSED cooldown': { type: 'DEADLINE.PASSED', name: 'resend:phone_code/idn_1' },
    'DEADLINE.PASSED hold': { type: 'DEADLINE.PASSED', name: 'hold' },
    'DEADLINE.PASSED __proto__': { type: 'DEADLINE.PASSED', name: '__proto__' },
  };
  const ALWAYS = ['CANCEL', 'SIGN_IN.CHANGED'];
  const CHOICE = ['SELECT phone', 'SELECT totp', 'PREPARE mail', 'ATTEMPT totp'];
  const COOLING = 'DEADLINE.PASSED cooldown';
  const ACCEPTED: Record<string, string[]> = {
    needs_second_factor: [...ALWAYS, ...CHOICE, 'PREPARE'],
    preparing: [...ALWAYS, 'SELECT totp', 'PREPARE mail', COOLING],
    prepared: [...ALWAYS, ...CHOICE, 'ATTEMPT', COOLING],
    'attempting.sending': [...ALWAYS, COOLING],
    'attempting.reconciling': [...ALWAYS, COOLING],
    'failed.code_rejected': [...ALWAYS, ...CHOICE, 'ATTEMPT', COOLING],
    'failed.code_spent': [...ALWAYS, ...CHOICE, 'PREPARE'],
    'failed.not_sent': [...ALWAYS, ...CHOICE, 'PREPARE'],
    'failed.throttled': [
      ...ALWAYS,
      'SELECT phone',
      'SELECT totp',
      'PREPARE mail',
      COOLING,
      'DEADLINE.PASSED hold',
    ],
    'failed.outcome_unknown': [...ALWAYS, ...CHOICE, 'ATTEMPT', COOLING],
  };
  const CELLS = Object.keys(STATES).flatMap((state) =>
    Object.keys(EVENTS).map(
      (event) => [state, event, ACCEPTED[state]?.includes(event) ?? false] as const,
    ),
  );

  it.each(CELLS)('%s × %s: %s', async (state, name, accepted) => {
    const flow = await at(state);
    const event = EVENTS[name];
    if (!event) throw new Error('no such cell');
    expect(flow.state()).toBe(state);
    const before = flow.actor.getSnapshot();
    expect(before.can(event)).toBe(accepted);
    flow.send(event);
    if (accepted) expect(flow.actor.getSnapshot()).not.toBe(before);
    else expect(flow.actor.getSnapshot()).toBe(before);
    const tag = /^(preparing|attempting)/.test(state) ? 'busy' : 'ready';
    expect([...before.tags]).toEqual([tag]);
  });

  it.each([
    ['a plain string as a code', { type: 'ATTEMPT', code: CODE }],
    ['something that looks like a code', { type: 'ATTEMPT', code: { reveal: (): string => CODE } }],
    // SAFETY: what a caller without types may send.
    ['a code of a number', { type: 'ATTEMPT', code: oneTimeCode(424_242 as never) }],
    ['a code of nothing', { type: 'ATTEMPT', code: oneTimeCode(undefined as never) }],
    ['a deadline without a name', { type: 'DEADLINE.PASSED' }],
    ['a deadline that is no text', { type: 'DEADLINE.PASSED', name: { toString: 1, valueOf: 1 } }],
    ['a deadline in a list', { type: 'DEADLINE.PASSED', name: ['resend:phone_code/idn_1'] }],
    ['an attempt of null', { type: 'ATTEMPT', code, factor: null }],
    ['a choice of nothing', { type: 'SELECT' }],
    [
      'a choice of a trap',
      {
        type: 'SELECT',
        factor: trap(),
      },
    ],
    ['an event nobody knows', { type: 'NO_SUCH_EVENT' }],
  ])('refuses %s, and the actor lives', async (_, event) => {
    const flow = await prepared();
    const before = flow.actor.getSnapshot();
    flow.send(event as never);
    expect(flow.actor.getSnapshot()).toBe(before);
    expect(before.status).toBe('active');
  });
});

describe('a final state', () => {
  it.each([['complete'], ['halted']])(
    '%s has nothing scheduled and accepts nothing',
    async (state) => {
      const flow = await prepared();
      flow.send(
        state === 'complete'
          ? { type: 'SIGN_IN.CHANGED', signIn: completed(), at: T0 }
          : { type: 'CANCEL' },
      );
      const before = flow.actor.getSnapshot();
      expect(flow.state()).toBe(state);
      expect(flow.actor.system.getSnapshot()).toEqual({ _scheduledEvents: {} });
      flow.send({ type: 'CANCEL' });
      flow.clock.increment(3_600_000);
      expect(flow.actor.getSnapshot()).toBe(before);
    },
  );
});

describe('the pure transition function', () => {
  it.each(['complete', 'halted'])('accepts nothing in %s either', (state) => {
    const [first] = initialTransition(secondFactorMachine, {
      signIn: state === 'complete' ? completed() : signIn({ status: 'abandoned' }),
      at: T0,
    });
    expect(first.value).toBe(state);
    for (const event of [
      { type: 'CANCEL' },
      { type: 'SIGN_IN.CHANGED', signIn: completed(), at: T0 },
      { type: 'SIGN_IN.CHANGED', signIn: signIn({ id: 'sia_2' }), at: T0 },
      { type: 'SIGN_IN.CHANGED', signIn: sent(), at: T0 },
      { type: 'DEADLINE.PASSED', name: 'hold' },
    ] as const) {
      expect(first.can(event)).toBe(false);
      expect(transition(secondFactorMachine, first, event)[0]).toBe(first);
    }
  });

  it('asks for the effects of the actor, and goes through the same states', () => {
    const input = { signIn: signIn(), at: T0, factor: PHONE };
    const [first, atStart] = initialTransition(secondFactorMachine, input);
    expect(first.value).toBe('needs_second_factor');
    expect(atStart.map(({ type }) => type)).toEqual(['watchSignIn']);
    const [preparing, toPrepare] = transition(secondFactorMachine, first, {
      type: 'PREPARE',
      at: T0,
    });
    expect(preparing.value).toBe('preparing');
    expect(toPrepare.map(({ type }) => type).sort()).toEqual(
      ['xstate.cancel', 'xstate.raise', 'xstate.raise', 'xstate.spawnChild'].sort(),
    );
    const done = {
      type: 'xstate.done.actor.prepareSecondFactor',
      output: { signIn: sent(), at: T0 },
      actorId: 'prepareSecondFactor',
    };
    const [ready] = transition(secondFactorMachine, preparing, done as never);
    expect(ready.value).toBe('prepared');
    expect(transition(secondFactorMachine, preparing, done as never)[0].context).toEqual(
      ready.context,
    );
  });

  it('cancels the timer of a deadline that it removes, and sets none', () => {
    const input = { signIn: signIn(), at: T0, factor: PHONE };
    const [first] = initialTransition(secondFactorMachine, input);
    const [preparing] = transition(secondFactorMachine, first, { type: 'PREPARE', at: T0 });
    const failed = {
      type: 'xstate.error.actor.prepareSecondFactor',
      error: { error: new SecondFactorError('delivery_failed'), at: T0 },
      actorId: 'prepareSecondFactor',
    };
    const [, effects] = transition(secondFactorMachine, preparing, failed as never);
    // The timers of the request and of the cooldown.
    const types = effects.map(({ type }) => type).filter((type) => /cancel|raise/.test(type));
    expect(types).toEqual(['xstate.cancel', 'xstate.cancel']);
  });

  it('refuses by the same reference', () => {
    const [first] = initialTransition(secondFactorMachine, { signIn: signIn(), at: T0 });
    expect(transition(secondFactorMachine, first, { type: 'PREPARE' })[0]).toBe(first);
  });
});
