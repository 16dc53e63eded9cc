/**
 * Mistakes that other second-factor flows were seen to make, each ruled out by a test. Each block
 * opens with the mistake; links lead to the report it comes from.
 */
import { describe, expect, it } from 'vitest';
import { factorKey } from '../../machines/factors.ts';
import { connect, createSecondFactor, type SecondFactor, type SignIn } from '../../src/index.ts';
import type { SandboxFault } from '../../src/sandbox/index.ts';
import { sandboxWorld } from '../../src/testing/index.ts';
import { startFlow, type TestFlow } from '../support/flow.ts';
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

const FIRST_PHONE = { strategy: 'phone_code', phoneNumberId: 'idn_phone_1' };
const SECOND_PHONE = { strategy: 'phone_code', phoneNumberId: 'idn_phone_2' };

async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'ok',
    (error: { code?: unknown }) => error.code,
  );
}

// https://github.com/clerk/javascript/issues/9287, 8463, 4324; over-fixed in pull/6695
describe('1. two codes on mount or refresh, the first of them dead', () => {
  it('sends one code for two prepares at once', async () => {
    const world = sandboxWorld();
    await Promise.all([
      world.driver.prepareSecondFactor(FIRST_PHONE),
      world.driver.prepareSecondFactor(FIRST_PHONE),
    ]);
    expect(world.sandbox.inbox.messages).toHaveLength(1);
  });

  it('sends none after a refresh, and the code that was sent still works', async () => {
    const world = sandboxWorld();
    await world.driver.prepareSecondFactor(FIRST_PHONE);
    world.driver.reload?.();
    expect(world.driver.state()).toBe('prepared');
    expect(await codeOf(world.driver.prepareSecondFactor(FIRST_PHONE))).toBe('resend_cooldown');
    expect(world.sandbox.inbox.messages).toHaveLength(1);
    const code = world.sandbox.inbox.code();
    expect(await codeOf(world.driver.attemptSecondFactor({ ...FIRST_PHONE, code }))).toBe('ok');
  });

  it('sends again when a resend is asked for after the cooldown', async () => {
    const world = sandboxWorld();
    await world.driver.prepareSecondFactor(FIRST_PHONE);
    await world.advance(30_000);
    await world.driver.prepareSecondFactor(FIRST_PHONE);
    expect(world.sandbox.inbox.messages).toHaveLength(2);
  });
});

describe('2. typing and submitting dropped for 30 s after a resend', () => {
  it('accepts the code while the cooldown runs', async () => {
    const world = sandboxWorld();
    await world.driver.prepareSecondFactor(FIRST_PHONE);
    await world.advance(30_000);
    await world.driver.prepareSecondFactor(FIRST_PHONE);
    expect(world.flow().actor.getSnapshot().context.deadlines).toHaveProperty(
      'resend:phone_code/idn_phone_1',
    );
    const code = world.sandbox.inbox.code();
    expect(await codeOf(world.driver.attemptSecondFactor({ ...FIRST_PHONE, code }))).toBe('ok');
  });
});

describe('3. any status read as complete, or none of them leading anywhere', () => {
  it.each([
    ['needs_protect_check', 'protect_check_required'],
    ['needs_first_factor', 'unexpected_status'],
    ['needs_new_password', 'unexpected_status'],
    ['abandoned', 'sign_in_expired'],
    ['brand_new_status', 'unexpected_status'],
  ])('ends on %s as halted, %s', async (status, reason) => {
    const flow = startFlow({ factor: TOTP });
    const attempt = codeOf(flow.attemptSecondFactor({ strategy: 'totp', code: CODE }));
    await flow.last().resolve(signIn({ status }));
    expect(await attempt).toBe(reason);
    expect(flow.state()).toBe('halted');
  });

  it('asks what is true when nothing changed, and goes on', async () => {
    const flow = startFlow({ factor: TOTP });
    const attempt = codeOf(flow.attemptSecondFactor({ strategy: 'totp', code: CODE }));
    await flow.last().resolve(signIn());
    expect(flow.state()).toBe('attempting.reconciling');
    await flow.last().resolve(signIn());
    expect(await attempt).toBe('network');
    expect(flow.state()).toBe('failed.outcome_unknown');
  });
});

describe('4. switching to the second phone sends nothing to it', () => {
  it('sends to the phone that was asked for, while the code of the first lives', async () => {
    const world = sandboxWorld();
    await world.driver.prepareSecondFactor(FIRST_PHONE);
    await world.driver.prepareSecondFactor(SECOND_PHONE);
    expect(world.sandbox.inbox.messages.map(({ factor }) => factorKey(factor))).toEqual([
      'phone_code/idn_phone_1',
      'phone_code/idn_phone_2',
    ]);
    const code = world.sandbox.inbox.code();
    expect(await codeOf(world.driver.attemptSecondFactor({ ...SECOND_PHONE, code }))).toBe('ok');
  });
});

// https://github.com/clerk/javascript/issues/6837
describe('5. a network error that loads for ever, or passes for success', () => {
  it.each<[string, SandboxFault]>([
    ['a lost request', { dropRequest: true }],
    ['a lost reply', { dropReply: true }],
    ['no answer at all', { neverSettles: true }],
  ])('leaves the busy state after %s to a prepare', async (_, fault) => {
    const world = sandboxWorld();
    world.fault?.(fault);
    const prepare = codeOf(world.driver.prepareSecondFactor(FIRST_PHONE));
    await world.advance(30_000);
    expect(['network', 'timeout']).toContain(await prepare);
    expect(world.driver.state()).toBe('failed.not_sent');
  });

  it('does not take an offline client that resolves unchanged for a code that was sent', async () => {
    const flow = startFlow({ factor: PHONE });
    const prepare = codeOf(flow.prepareSecondFactor({ strategy: 'phone_code' }));
    await flow.last().resolve(signIn());
    expect(await prepare).toBe('network');
    expect(flow.state()).toBe('failed.not_sent');
  });
});

describe('6. a countdown for an authenticator, a lock after a send that failed', () => {
  it('has no cooldown for totp and backup_code', async () => {
    const world = sandboxWorld();
    await world.driver.prepareSecondFactor({ strategy: 'totp' });
    await world.driver.prepareSecondFactor({ strategy: 'backup_code' });
    expect(world.flow().actor.getSnapshot().context.deadlines).toEqual({});
    expect(world.requests().prepare).toBe(0);
  });

  it('lets a prepare that the provider refused be repeated at once', async () => {
    const world = sandboxWorld();
    world.fault?.({ code: 'sms_send_error' });
    expect(await codeOf(world.driver.prepareSecondFactor(FIRST_PHONE))).toBe('delivery_failed');
    expect(await codeOf(world.driver.prepareSecondFactor(FIRST_PHONE))).toBe('ok');
  });
});

// https://github.com/aws-amplify/amplify-ui/issues/6954
describe('7. a resend that does something else, or that a double click sends twice', () => {
  it('makes the same request as the first one, once', async () => {
    const world = sandboxWorld();
    await world.driver.prepareSecondFactor(FIRST_PHONE);
    await world.advance(30_000);
    await Promise.all([
      world.driver.prepareSecondFactor(FIRST_PHONE),
      world.driver.prepareSecondFactor(FIRST_PHONE),
    ]);
    const prepares = world.sandbox.requests.all.map(({ method, params }) => ({ method, params }));
    expect(prepares).toEqual([
      { method: 'prepare', params: FIRST_PHONE },
      { method: 'prepare', params: FIRST_PHONE },
    ]);
  });
});

// https://github.com/okta/okta-signin-widget/issues/4073, 4046, 3583
describe('8. an attempt that lands after the flow was cancelled, and nobody owns it', () => {
  it('aborts the request, ignores its reply, and says that it may land', async () => {
    const flow = startFlow({ factor: TOTP });
    const attempt = codeOf(flow.attemptSecondFactor({ strategy: 'totp', code: CODE }));
    const request = flow.last();
    flow.actor.send({ type: 'CANCEL' });
    expect(await attempt).toBe('cancelled');
    expect(request.signal.aborted).toBe(true);
    await request.resolve(completed());
    expect(flow.state()).toBe('halted');
    expect(flow.actor.getSnapshot().output).toMatchObject({
      outcome: 'halted',
      reason: 'cancelled',
      attemptMayLand: true,
    });
  });

  it('says that nothing can land when nothing was sent', () => {
    const flow = startFlow({ factor: TOTP });
    flow.actor.send({ type: 'CANCEL' });
    expect(flow.actor.getSnapshot().output).toMatchObject({ attemptMayLand: false });
  });
});

describe('9. a success whose reply was lost shown as a failure', () => {
  const echoes = [
    'session_exists',
    'resource_not_found',
    'client_state_invalid',
    'form_code_incorrect',
    'verification_failed',
    'strategy_for_user_invalid',
    'verification_already_verified',
  ];

  it.each(echoes)('is found out when the retry is answered with %s', async (echo) => {
    const world = sandboxWorld();
    const params = { strategy: 'totp', code: world.sandbox.authenticator.code() };
    world.fault?.({ dropReply: true }); // the attempt
    world.fault?.({ dropRequest: true }); // the reload
    expect(await codeOf(world.driver.attemptSecondFactor(params))).toBe('network');
    expect(world.driver.state()).toBe('failed.outcome_unknown');
    world.fault?.({ code: echo });
    expect(await codeOf(world.driver.attemptSecondFactor(params))).toBe('ok');
    expect(world.driver.state()).toBe('complete');
  });

  it.each(echoes)('is found out after a refresh in between, with %s', async (echo) => {
    const world = sandboxWorld();
    const params = { strategy: 'totp', code: world.sandbox.authenticator.code() };
    world.fault?.({ dropReply: true });
    world.fault?.({ dropRequest: true });
    expect(await codeOf(world.driver.attemptSecondFactor(params))).toBe('network');
    world.fault?.({ dropRequest: true }); // what a resumed flow asks first, if it asks
    world.driver.reload?.();
    await world.advance(0);
    if (world.driver.state() !== 'complete') {
      world.heal?.();
      world.fault?.({ code: echo });
      await codeOf(world.driver.attemptSecondFactor(params));
    }
    expect(world.driver.state()).toBe('complete');
  });
});

// https://github.com/aws-amplify/amplify-js/issues/12909, https://github.com/ory/kratos/issues/4097
describe('10. a refresh that loses the flow, an idle flow with no way on', () => {
  it('goes on after a refresh in the middle of an attempt', async () => {
    const world = sandboxWorld();
    await world.driver.prepareSecondFactor(FIRST_PHONE);
    world.fault?.({ delayMs: 5_000 });
    const code = world.sandbox.inbox.code();
    const attempt = codeOf(world.driver.attemptSecondFactor({ ...FIRST_PHONE, code }));
    await world.advance(0);
    world.driver.reload?.();
    expect(await attempt).toBe('cancelled');
    await world.advance(0);
    expect(world.driver.state()).toBe('complete');
    expect(world.requests().attempt).toBe(1);
  });

  it('offers a new code after an hour', async () => {
    const world = sandboxWorld();
    await world.driver.prepareSecondFactor(FIRST_PHONE);
    const code = world.sandbox.inbox.code();
    await world.advance(3_600_000);
    const stale = world.driver.attemptSecondFactor({ ...FIRST_PHONE, code });
    expect(await codeOf(stale)).toBe('code_expired');
    expect(world.driver.state()).toBe('failed.code_spent');
    await world.driver.prepareSecondFactor(FIRST_PHONE);
    const fresh = world.sandbox.inbox.code();
    expect(await codeOf(world.driver.attemptSecondFactor({ ...FIRST_PHONE, code: fresh }))).toBe(
      'ok',
    );
  });

  it('says that the sign-in has expired when it was abandoned', async () => {
    const world = sandboxWorld();
    await world.advance(25 * 3_600_000);
    const attempt = world.driver.attemptSecondFactor({ strategy: 'totp', code: CODE });
    expect(await codeOf(attempt)).toBe('sign_in_expired');
    expect(world.driver.state()).toBe('halted');
  });
});

describe('11. a Retry-After that is a date read as a number, and so as none', () => {
  it.each([
    ['seconds', '90', T0 + 90_000],
    ['an HTTP-date', new Date(T0 + 90_000).toUTCString(), T0 + 90_000],
    ['nonsense', 'in a while', T0 + 30_000],
    ['a negative number', '-1', T0 + 30_000],
    ['a date years away', 'Fri, 01 Jan 2038 00:00:00 GMT', T0 + 30_000],
  ])('waits as told by %s', async (_, retryAfter, retryAt) => {
    const flow = startFlow({ factor: TOTP });
    const attempt = flow
      .attemptSecondFactor({ strategy: 'totp', code: CODE })
      .catch((error) => error);
    await flow.last().reject(apiError('too_many_requests', { status: 429, retryAfter }));
    expect(await attempt).toMatchObject({ code: 'rate_limited', retryAt });
    const again = flow.attemptSecondFactor({ strategy: 'totp', code: CODE });
    expect(await codeOf(again)).toBe('rate_limited');
    expect(flow.requests).toHaveLength(1);
    flow.clock.set(retryAt - T0);
    flow.attemptSecondFactor({ strategy: 'totp', code: CODE }).catch(() => {});
    expect(flow.requests).toHaveLength(2);
  });
});

// https://github.com/clerk/javascript/issues/6421, https://github.com/chakra-ui/zag/issues/2118,
// https://github.com/mui/base-ui/pull/4690, https://github.com/pkovzz/ngx-otp-input/issues/29
describe('12. a code cut or changed by autofill, a paste refused for its spaces or for a full field', () => {
  /** A code field as a browser has it: text goes where the selection is, or at the end. */
  function codeField(flow: TestFlow) {
    const look = () =>
      connect(flow.actor.getSnapshot(), flow.actor.send, { now: flow.now }).codeInputProps();
    let isSelected = false;
    const element = {
      value: '',
      select: () => {
        isSelected = true;
      },
    };
    return {
      element,
      look,
      paste(text: string) {
        look().onPaste({ currentTarget: element, clipboardData: { getData: () => text } });
        const { maxLength, onInput } = look();
        element.value = `${isSelected ? '' : element.value}${text}`.slice(0, maxLength);
        isSelected = false;
        onInput({ currentTarget: element });
      },
    };
  }
  const attempts = (flow: TestFlow) =>
    flow.requests
      .filter(({ name }) => name === 'attemptSecondFactor')
      .map(({ params }) => (params as { code: string }).code);
  /** Has the last attempt fail for a reason that is not the code, so that the field keeps it. */
  async function failToCheck(flow: TestFlow) {
    await flow.last().reject({ status: 503, errors: [] });
    await flow.last().resolve(signIn());
    expect(flow.state()).toBe('failed.outcome_unknown');
  }

  it('sends nothing of a code that is not whole', async () => {
    const flow = startFlow({ factor: TOTP });
    for (const code of ['4', '42424', '4242424', '']) {
      expect(await codeOf(flow.attemptSecondFactor({ strategy: 'totp', code }))).toBe(
        'code_malformed',
      );
    }
    expect(flow.requests).toEqual([]);
  });

  it.each(['424 242', '424-242', '\u200b424242', '４２４２４２', ' 424242\n'])(
    'sends %j as 424242',
    (code) => {
      const flow = startFlow({ factor: TOTP });
      flow.attemptSecondFactor({ strategy: 'totp', code }).catch(() => {});
      expect(flow.last().params).toEqual({ strategy: 'totp', code: '424242' });
      flow.stop();
    },
  );

  it('submits a full code that is pasted over a full one, and submits it once', async () => {
    const flow = startFlow({ factor: TOTP });
    const field = codeField(flow);
    field.paste('111111');
    await failToCheck(flow);
    field.paste('424 242');
    field.look().onInput({ currentTarget: field.element }); // some tell of one paste twice
    await failToCheck(flow);
    field.look().onInput({ currentTarget: field.element });
    expect(attempts(flow)).toEqual(['111111', '424242']);
    flow.stop();
  });

  it('does not submit the same full code again when it is pasted over itself', async () => {
    const flow = startFlow({ factor: TOTP });
    const field = codeField(flow);
    field.paste('424242');
    await failToCheck(flow);
    field.paste('424-242');
    expect(field.element.value).toBe('424-242');
    expect(attempts(flow)).toEqual(['424242']);
    flow.stop();
  });

  it.each([
    ['digit by digit', ['5', '53', '534', '5344', '53441', '534418']],
    ['first digit first', ['5', '534418']],
    ['behind what was typed', ['53', '53534418', '534418']],
    ['several times', ['534418', '534418', '534 418']],
    ['with its first digit as the last one afterwards', ['53441', '534418', '534415']],
  ])('submits an autofilled code whole, right and once when it comes %s', async (_, values) => {
    const flow = startFlow({ factor: TOTP });
    const { element, look } = codeField(flow);
    const early = look(); // autofill does not wait for the page to be drawn again
    for (const value of values) {
      element.value = value;
      early.onInput({ currentTarget: element });
    }
    await failToCheck(flow);
    look().onInput({ currentTarget: element }); // and some of it comes late
    expect(attempts(flow)).toEqual(['534418']);
    flow.stop();
  });
});

// https://github.com/better-auth/better-auth/issues/8627
describe('13. a way round the second factor', () => {
  const unverified: Partial<SignIn>[] = [
    { status: 'needs_new_password' },
    { id: 'sia_other', status: 'complete' },
    { status: 'needs_first_factor' },
  ];

  it.each(unverified)('does not start complete from %j', (patch) => {
    const flow = startFlow({
      signIn: {
        ...signIn(),
        ...patch,
        id: 'sia_1',
        ...(patch.id && { status: 'needs_identifier' }),
      },
    });
    expect(flow.state()).toBe('halted');
  });

  it.each(unverified)('does not complete on news of %j', (patch) => {
    const flow = startFlow();
    flow.actor.send({ type: 'SIGN_IN.CHANGED', signIn: signIn(patch), at: T0 });
    expect(flow.state()).toBe('halted');
  });

  it.each(unverified)('does not complete on a reply of %j to a prepare', async (patch) => {
    const flow = startFlow({ factor: PHONE });
    flow.prepareSecondFactor({ strategy: 'phone_code' }).catch(() => {});
    await flow.last().resolve(signIn(patch));
    expect(flow.state()).toBe('halted');
  });

  it('does not complete on a session id alone', async () => {
    const flow = startFlow({ factor: TOTP });
    flow.attemptSecondFactor({ strategy: 'totp', code: CODE }).catch(() => {});
    await flow.last().resolve(signIn({ createdSessionId: 'sess_1' }));
    expect(flow.state()).toBe('attempting.reconciling');
    flow.stop();
  });
});

// https://github.com/owncloud/twofactor_totp/issues/284, https://github.com/opengovsg/isomer/issues/2394
describe('14. the backup code as the default, a cooldown that going back bypasses', () => {
  it.each<[SecondFactor[], string]>([
    [[BACKUP, MAIL], 'email_code/idn_3'],
    [[BACKUP, TOTP], 'totp'],
    [[BACKUP, OTHER_PHONE, PHONE], 'phone_code/idn_1'],
    [[BACKUP], 'backup_code'],
  ])('starts %j with %s', (supportedSecondFactors, expected) => {
    const flow = startFlow({ signIn: signIn({ supportedSecondFactors }) });
    const { factor } = flow.actor.getSnapshot().context;
    expect(factor && factorKey(factor)).toBe(expected);
  });

  it('keeps the cooldown on the way there and back, and over a refresh', async () => {
    const world = sandboxWorld();
    await world.driver.prepareSecondFactor(FIRST_PHONE);
    await world.advance(29_999);
    await world.driver.prepareSecondFactor({ strategy: 'totp' });
    expect(await codeOf(world.driver.prepareSecondFactor(FIRST_PHONE))).toBe('resend_cooldown');
    world.driver.reload?.();
    expect(await codeOf(world.driver.prepareSecondFactor(FIRST_PHONE))).toBe('resend_cooldown');
    await world.advance(1);
    expect(await codeOf(world.driver.prepareSecondFactor(FIRST_PHONE))).toBe('ok');
  });
});

describe('15. a reason made up where the server gives none', () => {
  it('keeps an unknown refusal unknown, and guesses no number of attempts', async () => {
    const flow = startFlow({ factor: TOTP });
    const attempt = flow
      .attemptSecondFactor({ strategy: 'totp', code: CODE })
      .catch((error) => error);
    await flow.last().reject({ status: 400, errors: [{ code: 'invalid' }] });
    await flow.last().reject(new TypeError('Failed to fetch'));
    const error = await attempt;
    expect(error).toMatchObject({ code: 'server_error' });
    expect(error.attemptsLeft).toBeUndefined();
    expect(flow.state()).toBe('failed.outcome_unknown');
  });

  it('does not call a wrong code a lock, nor a lock a wrong code', async () => {
    const world = sandboxWorld();
    const attempt = { strategy: 'totp', code: '000000' };
    expect(await codeOf(world.driver.attemptSecondFactor(attempt))).toBe('code_incorrect');
    world.sandbox.user().lock();
    expect(await codeOf(world.driver.attemptSecondFactor(attempt))).toBe('locked');
  });
});

it('starts from a sign-in that is a resource with the two methods alone', async () => {
  const resource = {
    ...signIn({ supportedSecondFactors: [PHONE] }),
    prepareSecondFactor: async () => sent(),
    attemptSecondFactor: async () => completed(),
  };
  const flow = createSecondFactor({ signIn: resource });
  await flow.prepareSecondFactor({ strategy: 'phone_code' });
  expect((await flow.attemptSecondFactor({ strategy: 'phone_code', code: CODE })).status).toBe(
    'complete',
  );
});
