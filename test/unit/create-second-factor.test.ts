import { describe, expect, it, vi } from 'vitest';
import {
  createSecondFactor,
  SecondFactorError,
  type SecondFactorServices,
} from '../../src/index.ts';
import { startFlow } from '../support/flow.ts';
import {
  apiError,
  BACKUP,
  CODE,
  completed,
  MAIL,
  OTHER_PHONE,
  PHONE,
  sent,
  signIn,
  T0,
  TOTP,
} from '../support/sign-ins.ts';

const SMS = { strategy: 'phone_code' } as const;
const SMS_CODE = { strategy: 'phone_code', code: CODE } as const;
const TOTP_CODE = { strategy: 'totp', code: CODE } as const;

async function prepared() {
  const flow = startFlow({ factor: PHONE });
  const done = flow.prepareSecondFactor(SMS);
  await flow.last().resolve(sent());
  await done;
  return flow;
}

describe('prepareSecondFactor', () => {
  it('resolves with the sign-in once the code is sent', async () => {
    const flow = startFlow();
    const done = flow.prepareSecondFactor(SMS);
    await flow.last().resolve(sent());
    expect(await done).toEqual(sent());
    expect(flow.last().params).toEqual({ strategy: 'phone_code', phoneNumberId: 'idn_1' });
  });

  it.each([[TOTP], [BACKUP]])('resolves at once for %j, and makes no request', async (factor) => {
    const flow = startFlow({ factor: PHONE });
    expect(await flow.prepareSecondFactor({ strategy: factor.strategy })).toEqual(signIn());
    expect(flow.context().factor).toEqual(factor);
    expect(flow.requests).toEqual([]);
  });

  // https://github.com/clerk/javascript/issues/9287, 8463, 4324; over-fixed in pull/6695
  it('joins the request that is under way', async () => {
    const flow = startFlow();
    const both = [
      flow.prepareSecondFactor(SMS),
      flow.prepareSecondFactor({ ...SMS, phoneNumberId: 'idn_1' }),
    ];
    await flow.last().resolve(sent());
    expect(await Promise.all(both)).toEqual([sent(), sent()]);
    expect(flow.requests).toHaveLength(1);
  });

  it('rejects inside the cooldown, and says until when', async () => {
    const flow = await prepared();
    await expect(flow.prepareSecondFactor(SMS)).rejects.toMatchObject({
      code: 'resend_cooldown',
      retryAt: T0 + 30_000,
    });
    expect(flow.requests).toHaveLength(1);
  });

  // https://github.com/aws-amplify/amplify-ui/issues/6954
  it('makes the same request again after the cooldown', async () => {
    const flow = await prepared();
    flow.clock.increment(30_000);
    void flow.prepareSecondFactor(SMS);
    expect(flow.requests).toHaveLength(2);
    expect(flow.requests[1]?.params).toEqual(flow.requests[0]?.params);
  });

  it('sends to another phone while the code of the first is live', async () => {
    const flow = await prepared();
    void flow.prepareSecondFactor({ ...SMS, phoneNumberId: 'idn_2' });
    expect(flow.last().params).toEqual({ ...SMS, phoneNumberId: 'idn_2' });
  });

  it('gives way to a prepare of another factor', async () => {
    const flow = startFlow();
    const first = flow.prepareSecondFactor(SMS);
    const second = flow.prepareSecondFactor({ strategy: 'email_code' });
    await expect(first).rejects.toMatchObject({ code: 'cancelled' });
    await flow.last().resolve(sent('email_code'));
    expect(await second).toEqual(sent('email_code'));
  });

  it('gives way to another factor whose code is live', async () => {
    const flow = await prepared();
    const second = flow.prepareSecondFactor({ strategy: 'email_code' });
    flow.send({ type: 'SELECT', factor: PHONE });
    expect(flow.state()).toBe('prepared');
    await expect(second).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('rejects with the error of the backend', async () => {
    const flow = startFlow();
    const done = flow.prepareSecondFactor(SMS);
    void flow.last().reject(apiError('sms_send_error'));
    await expect(done).rejects.toMatchObject({
      code: 'delivery_failed',
      message: 'The code was not sent.',
      cause: { status: 422, codes: ['sms_send_error'] },
    });
  });

  it('resolves if the sign-in turns out to be verified already', async () => {
    const flow = startFlow();
    const done = flow.prepareSecondFactor(SMS);
    await flow.last().reject(apiError('verification_already_verified'));
    expect(flow.state()).toBe('attempting.reconciling');
    await flow.last().resolve(completed());
    expect(await done).toEqual(completed());
  });

  it.each([
    [{ strategy: 'carrier_pigeon' }],
    [{ strategy: 'passkey' }],
    [{ ...SMS, phoneNumberId: 'idn_9' }],
    [null],
    [{}],
  ])('rejects %j, which the sign-in does not offer', async (params) => {
    const flow = startFlow();
    await expect(flow.prepareSecondFactor(params as never)).rejects.toMatchObject({
      code: 'no_factor',
    });
    expect(flow.requests).toEqual([]);
  });

  it('rejects an unknown strategy while another is being prepared', async () => {
    const flow = startFlow({ factor: PHONE });
    void flow.prepareSecondFactor(SMS).catch(() => {});
    await expect(flow.prepareSecondFactor({ strategy: 'carrier_pigeon' })).rejects.toMatchObject({
      code: 'no_factor',
    });
    expect(flow.state()).toBe('preparing');
  });

  it('rejects while an attempt is in flight', async () => {
    const flow = startFlow();
    flow.attemptSecondFactor(TOTP_CODE).catch(() => {});
    await expect(flow.prepareSecondFactor(SMS)).rejects.toMatchObject({
      code: 'attempt_in_flight',
    });
  });
});

describe('which factor is meant', () => {
  it.each([
    ['the one with the id', { ...SMS, phoneNumberId: 'idn_2' }, TOTP, 'idn_2'],
    ['the chosen one of the strategy', SMS, OTHER_PHONE, 'idn_2'],
    ['the default one of the strategy', SMS, TOTP, 'idn_1'],
  ])('%s', async (_, params, factor, phoneNumberId) => {
    const flow = startFlow({ factor });
    flow.prepareSecondFactor(params).catch(() => {});
    expect(flow.last().params).toEqual({ strategy: 'phone_code', phoneNumberId });
  });

  it('an attempt without an id means the factor that a code was sent to', async () => {
    const flow = startFlow();
    flow.prepareSecondFactor({ ...SMS, phoneNumberId: 'idn_2' }).catch(() => {});
    await flow.last().resolve(sent());
    flow.attemptSecondFactor(TOTP_CODE).catch(() => {});
    await flow.last().reject(apiError('form_code_incorrect'));
    flow.attemptSecondFactor(SMS_CODE).catch(() => {});
    expect(flow.last().params).toEqual(SMS_CODE);
    expect(flow.context().factor).toEqual(OTHER_PHONE);
  });

  it('sends only the strategy if the factor has no id', async () => {
    const flow = startFlow({
      signIn: signIn({
        supportedSecondFactors: [{ strategy: 'email_code', safeIdentifier: 'n***' }],
      }),
    });
    flow.prepareSecondFactor({ strategy: 'email_code' }).catch(() => {});
    expect(flow.last().params).toStrictEqual({ strategy: 'email_code' });
  });

  it('sends only the strategy if the strategy has no ids', () => {
    const flow = startFlow({
      signIn: signIn({ supportedSecondFactors: [{ strategy: 'pigeon', phoneNumberId: 'idn_1' }] }),
      options: { strategies: { pigeon: { needsPreparation: true, proof: 'code' } } },
    });
    flow.prepareSecondFactor({ strategy: 'pigeon' }).catch(() => {});
    expect(flow.last().params).toStrictEqual({ strategy: 'pigeon' });
  });

  it('serves a strategy that the host registered', async () => {
    const strategies = {
      push: { needsPreparation: true, proof: 'code', length: 2, idField: 'deviceId' },
    } as const;
    const flow = startFlow({
      signIn: signIn({ supportedSecondFactors: [{ strategy: 'push', deviceId: 'd1' }] }),
      options: { strategies },
    });
    const done = flow.prepareSecondFactor({ strategy: 'push', deviceId: 'd1' });
    expect(flow.last().params).toEqual({ strategy: 'push', deviceId: 'd1' });
    await flow.last().resolve(sent('push'));
    await done;
    flow.attemptSecondFactor({ strategy: 'push', code: '4 2' }).catch(() => {});
    expect(flow.last().params).toEqual({ strategy: 'push', code: '42' });
  });
});

describe('attemptSecondFactor', () => {
  it('resolves once it is verified', async () => {
    const flow = await prepared();
    const done = flow.attemptSecondFactor({ ...SMS, code: ' 424-242 ' });
    await flow.last().resolve(completed());
    expect(await done).toEqual(completed());
    expect(flow.last().params).toEqual(SMS_CODE);
  });

  it('rejects a phone code that was never prepared, and makes no request', async () => {
    const flow = startFlow();
    await expect(flow.attemptSecondFactor(SMS_CODE)).rejects.toMatchObject({
      code: 'not_prepared',
    });
    expect(flow.requests).toEqual([]);
  });

  it.each([
    ['letters', 'abcdef'],
    ['nothing', ''],
    ['10,000 characters', '4'.repeat(10_000)],
    ['a number', 424242],
    ['no code', undefined],
  ])('rejects %s, and makes no request', async (_, code) => {
    const flow = startFlow();
    await expect(
      flow.attemptSecondFactor({ strategy: 'totp', code: code as string }),
    ).rejects.toMatchObject({ code: 'code_malformed' });
    expect(flow.requests).toEqual([]);
  });

  it('rejects a wrong code, and the flow goes on', async () => {
    const flow = await prepared();
    const wrong = flow.attemptSecondFactor(SMS_CODE);
    void flow.last().reject(apiError('form_code_incorrect'));
    await expect(wrong).rejects.toMatchObject({ code: 'code_incorrect' });
    const right = flow.attemptSecondFactor(SMS_CODE);
    await flow.last().resolve(completed());
    expect((await right).status).toBe('complete');
  });

  it('rejects a second one while one is in flight', async () => {
    const flow = startFlow();
    flow.attemptSecondFactor(TOTP_CODE).catch(() => {});
    await expect(flow.attemptSecondFactor(TOTP_CODE)).rejects.toMatchObject({
      code: 'attempt_in_flight',
    });
    expect(flow.requests).toHaveLength(1);
  });

  it('rejects under a hold, and says until when', async () => {
    const flow = startFlow();
    const done = flow.attemptSecondFactor(TOTP_CODE);
    void flow.last().reject({ status: 429, errors: [], retryAfter: '7' });
    await expect(done).rejects.toMatchObject({ code: 'rate_limited', retryAt: T0 + 7_000 });
    await expect(flow.attemptSecondFactor(TOTP_CODE)).rejects.toMatchObject({
      code: 'rate_limited',
      retryAt: T0 + 7_000,
    });
    expect(flow.requests).toHaveLength(1);
  });

  it('takes the place of a prepare of another factor', async () => {
    const flow = startFlow();
    const prepare = flow.prepareSecondFactor(SMS);
    const attempt = flow.attemptSecondFactor(TOTP_CODE);
    await expect(prepare).rejects.toMatchObject({ code: 'cancelled' });
    await flow.last().resolve(completed());
    expect((await attempt).status).toBe('complete');
  });

  it('is one event if no prepare has to give way', async () => {
    const flow = await prepared();
    const sentTypes: string[] = [];
    flow.actor.system.inspect((event) => {
      if (event.type === '@xstate.event' && event.actorRef === flow.actor)
        sentTypes.push(event.event.type);
    });
    void flow.attemptSecondFactor(SMS_CODE).catch(() => {});
    expect(sentTypes).toEqual(['ATTEMPT']);
  });

  it('leaves a prepare alone if the attempt is refused', async () => {
    const flow = startFlow();
    flow.prepareSecondFactor(SMS).catch(() => {});
    await expect(flow.attemptSecondFactor({ strategy: 'totp', code: 'x' })).rejects.toMatchObject({
      code: 'code_malformed',
    });
    expect(flow.state()).toBe('preparing');
  });

  it('rejects while a new code for the same factor is on its way', async () => {
    const flow = await prepared();
    flow.clock.increment(30_000);
    flow.prepareSecondFactor(SMS).catch(() => {});
    await expect(flow.attemptSecondFactor(SMS_CODE)).rejects.toMatchObject({
      code: 'not_accepted',
    });
  });

  it('waits for the reload after a lost reply', async () => {
    const flow = startFlow();
    const done = flow.attemptSecondFactor(TOTP_CODE);
    await flow.last().reject(new TypeError('Failed to fetch'));
    await flow.last().resolve(completed());
    expect((await done).status).toBe('complete');
  });

  it('rejects with the reason why the flow ended', async () => {
    const flow = startFlow();
    const done = flow.attemptSecondFactor(TOTP_CODE);
    void flow.last().reject(apiError('user_locked'));
    await expect(done).rejects.toMatchObject({ code: 'locked' });
    await expect(flow.attemptSecondFactor(TOTP_CODE)).rejects.toMatchObject({
      code: 'not_accepted',
    });
    await expect(flow.prepareSecondFactor(SMS)).rejects.toMatchObject({ code: 'not_accepted' });
  });

  it('rejects if the flow is cancelled', async () => {
    const flow = startFlow();
    const done = flow.attemptSecondFactor(TOTP_CODE);
    flow.send({ type: 'CANCEL' });
    await expect(done).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('stop', () => {
  it.each(['prepare', 'attempt'] as const)(
    'rejects a %s that waits, and aborts its request',
    async (kind) => {
      const flow = startFlow();
      const done =
        kind === 'prepare' ? flow.prepareSecondFactor(SMS) : flow.attemptSecondFactor(TOTP_CODE);
      flow.stop();
      await expect(done).rejects.toMatchObject({ code: 'cancelled' });
      expect(flow.last().signal.aborted).toBe(true);
      await expect(flow.prepareSecondFactor(SMS)).rejects.toMatchObject({ code: 'not_accepted' });
    },
  );
});

describe('inspect', () => {
  it('sees the actor system, as XState shows it, without a code', async () => {
    const seen: string[] = [];
    const flow = startFlow({ inspect: (event) => seen.push(JSON.stringify(event)) });
    const done = flow.attemptSecondFactor(TOTP_CODE);
    await flow.last().resolve(completed());
    await done;
    expect(seen.length).toBeGreaterThan(5);
    expect(seen.join()).not.toContain(CODE);
  });
});

describe('time that passed while timers slept', () => {
  it('is told to the machine before each call', async () => {
    let at = T0;
    const flow = startFlow({ now: () => at, factor: PHONE });
    const done = flow.prepareSecondFactor(SMS);
    await flow.last().resolve(sent());
    await done;
    at += 30_000; // the laptop slept: no timer fired
    flow.prepareSecondFactor(SMS).catch(() => {});
    expect(flow.requests).toHaveLength(2);
  });
});

describe('a resource with the two methods', () => {
  class Resource {
    id = 'sia_1';
    status = 'needs_second_factor';
    supportedSecondFactors = [PHONE, MAIL];
    secondFactorVerification: unknown = null;
    createdSessionId: string | null = null;
    async prepareSecondFactor(params: unknown) {
      return Object.assign(this, {
        secondFactorVerification: {
          status: 'unverified',
          strategy: 'phone_code',
          expireAt: new Date(T0 + 600_000),
        },
        params,
      });
    }
    async attemptSecondFactor() {
      throw new TypeError('Failed to fetch');
    }
    async reload() {
      return Object.assign(this, completed());
    }
  }

  it('is used with its own methods and its own reload', async () => {
    const resource = new Resource();
    const flow = createSecondFactor({ signIn: resource, now: () => T0 });
    expect((await flow.prepareSecondFactor(SMS)).secondFactorVerification?.expireAt).toBe(
      T0 + 600_000,
    );
    expect(await flow.attemptSecondFactor(SMS_CODE)).toEqual(completed());
    flow.stop();
  });

  it('may have no reload', async () => {
    const resource = Object.assign(new Resource(), { reload: undefined });
    const flow = createSecondFactor({ signIn: resource });
    await flow.prepareSecondFactor(SMS);
    await expect(flow.attemptSecondFactor(SMS_CODE)).rejects.toMatchObject({ code: 'network' });
    expect(flow.actor.getSnapshot().matches({ failed: 'outcome_unknown' })).toBe(true);
    flow.stop();
  });

  it.each([[{}], [null], [signIn()], [{ prepareSecondFactor: async () => ({}) }]])(
    'throws a TypeError if it is missing',
    (junk) => {
      expect(() => createSecondFactor({ signIn: junk as object })).toThrow(TypeError);
      expect(() => createSecondFactor({ signIn: junk as object })).toThrow(/needs services/);
    },
  );
});

describe('bad services', () => {
  const services = (patch: Partial<SecondFactorServices>) =>
    ({
      prepareSecondFactor: async () => sent(),
      attemptSecondFactor: async () => completed(),
      ...patch,
    }) as SecondFactorServices;

  it('that throw synchronously count as rejections', async () => {
    const attemptSecondFactor = () => {
      throw new Error('bug');
    };
    const flow = createSecondFactor({
      signIn: signIn(),
      services: services({ attemptSecondFactor }),
    });
    await expect(flow.attemptSecondFactor(TOTP_CODE)).rejects.toMatchObject({
      code: 'server_error',
    });
    expect(flow.actor.getSnapshot().status).toBe('active');
    flow.stop();
  });

  it('have their own error reader', async () => {
    const toError = vi.fn(() => new SecondFactorError('locked'));
    const flow = startFlow({ toError });
    const done = flow.attemptSecondFactor(TOTP_CODE);
    void flow.last().reject('raw');
    await expect(done).rejects.toMatchObject({ code: 'locked' });
    expect(toError).toHaveBeenCalledWith('raw', T0);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('bug');
      },
    ],
    ['makes nothing', () => undefined as never],
    ['makes an error of somebody else', () => ({ code: 'locked' }) as never],
  ])('have an error reader that %s', async (_, toError) => {
    const flow = startFlow({ toError });
    const done = flow.attemptSecondFactor(TOTP_CODE);
    await flow.last().reject(new RangeError('raw'));
    await flow.last().resolve(sent());
    await expect(done).rejects.toMatchObject({
      code: 'server_error',
      cause: { name: 'RangeError' },
    });
  });
});
