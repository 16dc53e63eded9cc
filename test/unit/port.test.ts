import { describe, expect, it, vi } from 'vitest';
import { createActor } from 'xstate';
import {
  createSecondFactor,
  oneTimeCode,
  passkey,
  provideServices,
  SecondFactorError,
  type SecondFactorServices,
  type ServiceRequest,
} from '../../src/index.ts';
import { settle, startFlow } from '../support/flow.ts';
import {
  CODE,
  completed,
  MAIL,
  OTHER_PHONE,
  PHONE,
  sent,
  signIn,
  T0,
  TOTP,
  verification,
} from '../support/sign-ins.ts';

const SMS = { strategy: 'phone_code' };
const LINK = { strategy: 'email_link', emailAddressId: 'idn_3' };
const PASSKEY = { strategy: 'passkey' };
const live = (strategy: string, more: object = {}) =>
  signIn({ secondFactorVerification: { ...verification({ strategy }), ...more } });

/** A flow that notes what comes with each request, and gets these answers. */
function noting(
  answers: Partial<Record<keyof SecondFactorServices, unknown>> = {},
  more: Partial<Parameters<typeof createSecondFactor>[0]> = {},
) {
  const requests: (Omit<ServiceRequest, 'signal'> & { readonly service: string })[] = [];
  const note = (service: keyof SecondFactorServices, { signal, ...request }: ServiceRequest) => {
    requests.push({ service, ...request });
    const answer = answers[service];
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer as object);
  };
  const flow = createSecondFactor({
    signIn: signIn(),
    services: {
      prepareSecondFactor: (_, request) => note('prepareSecondFactor', request),
      attemptSecondFactor: (_, request) => note('attemptSecondFactor', request),
      ...('reloadSignIn' in answers && {
        reloadSignIn: (request: ServiceRequest) => note('reloadSignIn', request),
      }),
    },
    now: () => T0,
    ...more,
  });
  return { flow, requests };
}

describe('a request', () => {
  it('names its factor, and brings the challenge of the delivery back', async () => {
    const { flow, requests } = noting({
      prepareSecondFactor: live('phone_code', { challenge: 'v1' }),
      attemptSecondFactor: completed(),
    });
    await flow.prepareSecondFactor({ strategy: 'phone_code', phoneNumberId: 'idn_2' });
    await flow.attemptSecondFactor({ ...SMS, code: CODE, trustDevice: true });
    expect(requests).toMatchObject([
      { service: 'prepareSecondFactor', factor: OTHER_PHONE },
      {
        service: 'attemptSecondFactor',
        factor: OTHER_PHONE,
        challenge: 'v1',
        trustDevice: true,
      },
    ]);
    expect(requests[0]).not.toHaveProperty('trustDevice');
  });

  it('has the id that the host makes, a new one for each event', async () => {
    let count = 0;
    const { flow, requests } = noting(
      { prepareSecondFactor: sent(), attemptSecondFactor: completed() },
      { newId: () => `id-${++count}` },
    );
    await flow.prepareSecondFactor(SMS);
    await flow.attemptSecondFactor({ ...SMS, code: CODE });
    expect(requests.map(({ requestId }) => requestId)).toEqual(['id-1', 'id-2']);
  });

  it('has the id of its event', async () => {
    const { flow, requests } = noting({ prepareSecondFactor: sent() }, { factor: PHONE });
    flow.actor.send({ type: 'PREPARE', at: T0, requestId: 'from-the-browser' });
    await settle();
    expect(requests[0]?.requestId).toBe('from-the-browser');
  });

  it.each([
    ['randomUUID', globalThis.crypto],
    ['getRandomValues', { getRandomValues: (numbers: Uint32Array) => numbers.fill(7) }],
    ['Math.random', undefined],
  ])('has a random id by %s if nobody makes one', async (_, crypto) => {
    vi.stubGlobal('crypto', crypto);
    const { flow, requests } = noting({ prepareSecondFactor: sent() });
    await flow.prepareSecondFactor(SMS);
    vi.unstubAllGlobals();
    expect(requests[0]?.requestId).toMatch(/^([\da-f-]{36}|7-7-7-7|0\.[\de.-]{20,})$/);
  });

  it('brings the challenge back after a reload of the page', async () => {
    const first = noting({ prepareSecondFactor: live('phone_code', { challenge: 'v1' }) });
    await first.flow.prepareSecondFactor(SMS);
    const resume = JSON.parse(JSON.stringify(first.flow.bookmark()));
    const { flow, requests } = noting({ attemptSecondFactor: completed() }, { resume });
    await flow.attemptSecondFactor({ ...SMS, code: CODE });
    expect(requests[0]?.challenge).toBe('v1');
  });

  it('leaves out a challenge that is too long', async () => {
    const { flow } = noting({
      prepareSecondFactor: live('phone_code', { challenge: 'x'.repeat(8_193) }),
    });
    await flow.prepareSecondFactor(SMS);
    expect(flow.bookmark().deliveries['phone_code/idn_1']).not.toHaveProperty('challenge');
  });
});

describe('a reload that can tell nothing', () => {
  const lost = new TypeError('Failed to fetch');

  it('leaves the outcome open, and the attempt may land', async () => {
    const told: unknown[] = [];
    const { flow } = noting(
      { attemptSecondFactor: lost, reloadSignIn: null },
      { onRejection: (rejection) => told.push(rejection) },
    );
    const attempt = flow.attemptSecondFactor({ strategy: 'totp', code: CODE });
    await expect(attempt).rejects.toMatchObject({ code: 'network' });
    expect(flow.actor.getSnapshot().value).toEqual({ failed: 'outcome_unknown' });
    flow.actor.send({ type: 'CANCEL' });
    expect(flow.actor.getSnapshot().output).toMatchObject({ attemptMayLand: true });
    expect(told).toEqual([lost]);
  });

  it('lets a refusal end the flow, although it may be the echo of a success', async () => {
    const answers: Record<string, unknown> = { attemptSecondFactor: lost, reloadSignIn: null };
    const { flow, requests } = noting(answers);
    const attempt = () => flow.attemptSecondFactor({ strategy: 'totp', code: CODE });
    await attempt().catch(() => {});
    answers.attemptSecondFactor = new SecondFactorError('sign_in_expired');
    await expect(attempt()).rejects.toMatchObject({ code: 'sign_in_expired' });
    expect(flow.actor.getSnapshot().output).toMatchObject({
      reason: 'sign_in_expired',
      attemptMayLand: true,
    });
    expect(requests).toHaveLength(4);
  });

  it('has a limit of its own', async () => {
    const flow = startFlow();
    flow.attemptSecondFactor({ strategy: 'totp', code: CODE }).catch(() => {});
    await flow.last().reject(lost);
    flow.clock.increment(10_000);
    expect(flow.state()).toBe('failed.outcome_unknown');
    expect(flow.last().signal.aborted).toBe(true);
  });
});

describe('a code that was sent before the flow starts', () => {
  it.each([
    ['the only factor of its strategy', { signIn: live('email_code') }, MAIL],
    ['the factor that is given', { signIn: live('phone_code'), factor: OTHER_PHONE }, OTHER_PHONE],
  ])('makes it start prepared for %s', (_, options, factor) => {
    const { flow, requests } = noting({}, options);
    expect(flow.actor.getSnapshot()).toMatchObject({ value: 'prepared', context: { factor } });
    expect(requests).toEqual([]);
  });

  it('is ignored if several factors may have it', () => {
    const { flow } = noting({}, { signIn: live('phone_code') });
    expect(flow.actor.getSnapshot()).toMatchObject({
      value: 'needs_second_factor',
      context: { factor: TOTP, deliveries: {} },
    });
  });

  it('is found when its factor is chosen', () => {
    const { flow } = noting({}, { signIn: live('email_code'), factor: TOTP });
    expect(flow.actor.getSnapshot().value).toBe('needs_second_factor');
    flow.actor.send({ type: 'SELECT', factor: MAIL });
    expect(flow.actor.getSnapshot().value).toBe('prepared');
  });

  it('is no delivery if it is verified, or its strategy needs no preparation', () => {
    for (const more of [
      { secondFactorVerification: verification({ strategy: 'email_code', status: 'verified' }) },
      { secondFactorVerification: verification({ strategy: 'totp' }) },
    ]) {
      const { flow } = noting({}, { signIn: signIn(more) });
      expect(flow.actor.getSnapshot().context.deliveries).toEqual({});
    }
  });
});

describe('a strategy that sends once', () => {
  const options = {
    strategies: {
      phone_code: {
        needsPreparation: true,
        proof: 'code',
        length: 6,
        idField: 'phoneNumberId',
        resends: false,
      },
    },
  } as const;

  it('is not prepared again, and its code may be tried again', async () => {
    const { flow, requests } = noting(
      {
        prepareSecondFactor: sent(),
        attemptSecondFactor: new SecondFactorError('code_incorrect'),
      },
      { options: { ...options, resendCooldownMs: 0 }, factor: PHONE },
    );
    await flow.prepareSecondFactor(SMS);
    await expect(flow.prepareSecondFactor(SMS)).rejects.toMatchObject({ code: 'not_accepted' });
    await flow.attemptSecondFactor({ ...SMS, code: CODE }).catch(() => {});
    expect(flow.actor.getSnapshot().can({ type: 'ATTEMPT', code: oneTimeCode(CODE) })).toBe(true);
    expect(requests.filter(({ service }) => service === 'prepareSecondFactor')).toHaveLength(1);
  });

  it('loses its factor with its code', async () => {
    const { flow } = noting(
      { prepareSecondFactor: sent(), attemptSecondFactor: new SecondFactorError('code_expired') },
      { options, factor: PHONE },
    );
    await flow.prepareSecondFactor(SMS);
    await flow.attemptSecondFactor({ ...SMS, code: CODE }).catch(() => {});
    const snapshot = flow.actor.getSnapshot();
    expect(snapshot.can({ type: 'PREPARE' })).toBe(false);
    expect(snapshot.can({ type: 'SELECT', factor: PHONE })).toBe(false);
    expect(snapshot.can({ type: 'SELECT', factor: OTHER_PHONE })).toBe(true);
  });
});

describe('a proof that is given elsewhere', () => {
  /** A flow that gets its news from the test. */
  function watching(watchSignIn: SecondFactorServices['watchSignIn']) {
    return noting(
      {},
      {
        signIn: signIn({ supportedSecondFactors: [LINK] }),
        services: {
          prepareSecondFactor: async () => live('email_link'),
          attemptSecondFactor: async () => completed(),
          watchSignIn,
        } as SecondFactorServices,
      },
    ).flow;
  }

  it('completes the flow as soon as news comes', async () => {
    let tell: (news: object) => void = () => {};
    const flow = watching((changed) => {
      tell = changed;
    });
    await flow.prepareSecondFactor({ strategy: 'email_link' });
    await expect(
      flow.attemptSecondFactor({ strategy: 'email_link', code: CODE }),
    ).rejects.toMatchObject({ code: 'not_accepted' });
    tell({ junk: true });
    expect(flow.actor.getSnapshot().value).toBe('prepared');
    tell(completed());
    expect(flow.actor.getSnapshot().value).toBe('complete');
  });

  it('is watched for until the flow ends', () => {
    const stop = vi.fn();
    let request: ServiceRequest | undefined;
    const flow = watching((_, its) => {
      request = its;
      return stop;
    });
    expect([stop.mock.calls.length, request?.signal.aborted]).toEqual([0, false]);
    flow.actor.send({ type: 'CANCEL' });
    expect([stop.mock.calls.length, request?.signal.aborted]).toEqual([1, true]);
  });

  it('tells the log when the watch fails, and the flow goes on', () => {
    const told: unknown[] = [];
    const fault = new Error('no socket');
    const { flow } = noting(
      {},
      {
        services: {
          prepareSecondFactor: async () => sent(),
          attemptSecondFactor: async () => completed(),
          watchSignIn: () => {
            throw fault;
          },
        },
        onRejection: (rejection, { service }) => told.push([rejection, service]),
      },
    );
    expect(told).toEqual([[fault, 'watchSignIn']]);
    expect(flow.actor.getSnapshot().status).toBe('active');
  });

  it('reaches a machine of provideServices, too', async () => {
    let tell: (news: object) => void = () => {};
    const machine = provideServices(
      {
        prepareSecondFactor: async () => sent(),
        attemptSecondFactor: async () => completed(),
        watchSignIn: (changed) => {
          tell = changed;
        },
      },
      { now: () => T0 },
    );
    const actor = createActor(machine, { input: { signIn: signIn(), at: T0 } }).start();
    tell(completed());
    expect(actor.getSnapshot().value).toBe('complete');
  });

  it('can not be used without watchSignIn', () => {
    const { flow } = noting({}, { signIn: signIn({ supportedSecondFactors: [LINK] }) });
    expect(flow.actor.getSnapshot().output).toMatchObject({ reason: 'no_usable_factor' });
  });
});

describe('a credential', () => {
  const options = { strategies: { passkey } };
  const only = { signIn: signIn({ supportedSecondFactors: [PASSKEY] }), options };

  it('is made by the service, with the challenge and without a code', async () => {
    const { flow, requests } = noting(
      {
        prepareSecondFactor: live('passkey', { challenge: '{"challenge":"x"}' }),
        attemptSecondFactor: completed(),
      },
      only,
    );
    await flow.prepareSecondFactor(PASSKEY);
    await expect(flow.attemptSecondFactor({ ...PASSKEY, code: CODE })).rejects.toMatchObject({
      code: 'code_malformed',
    });
    expect((await flow.attemptSecondFactor(PASSKEY)).status).toBe('complete');
    expect(requests[1]).toMatchObject({ factor: PASSKEY, challenge: '{"challenge":"x"}' });
  });

  it('that the user dismisses may be made again, without a reload', async () => {
    const { flow, requests } = noting(
      {
        prepareSecondFactor: live('passkey'),
        attemptSecondFactor: new SecondFactorError('proof_dismissed'),
        reloadSignIn: signIn(),
      },
      only,
    );
    await flow.prepareSecondFactor(PASSKEY);
    await expect(flow.attemptSecondFactor(PASSKEY)).rejects.toMatchObject({
      code: 'proof_dismissed',
    });
    const snapshot = flow.actor.getSnapshot();
    expect(snapshot.value).toEqual({ failed: 'not_sent' });
    expect(snapshot.can({ type: 'ATTEMPT' })).toBe(true);
    expect(snapshot.context.unanswered).toBe(0);
    expect(requests).toHaveLength(2);
  });

  it('can not be used if nobody registered its strategy', () => {
    const { flow } = noting({}, { signIn: only.signIn });
    expect(flow.actor.getSnapshot().output).toMatchObject({ reason: 'no_usable_factor' });
  });
});

describe('several authenticator apps', () => {
  const apps = [
    { strategy: 'totp', totpId: 'a' },
    { strategy: 'totp', totpId: 'b' },
  ];

  it('are told apart by their ids', async () => {
    const { flow, requests } = noting(
      { attemptSecondFactor: completed() },
      { signIn: signIn({ supportedSecondFactors: apps }) },
    );
    await flow.attemptSecondFactor({ strategy: 'totp', totpId: 'b', code: CODE });
    expect(requests[0]?.factor).toEqual(apps[1]);
  });
});

describe('a rejection', () => {
  it('is handed to the host as it is, also if its log fails', async () => {
    const fault = new TypeError('x is not a function');
    const told: unknown[] = [];
    const { flow } = noting(
      { prepareSecondFactor: fault },
      {
        onRejection: (rejection, about) => {
          told.push([rejection, about]);
          throw new Error('the log is full');
        },
      },
    );
    await expect(flow.prepareSecondFactor(SMS)).rejects.toMatchObject({ code: 'server_error' });
    expect(told).toEqual([[fault, { service: 'prepareSecondFactor' }]]);
  });
});
