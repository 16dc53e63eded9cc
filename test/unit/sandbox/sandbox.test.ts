import { afterEach, describe, expect, it, vi } from 'vitest';
import { createSandbox, seededRandom } from '../../../src/sandbox/index.ts';
import { enter, refusalOf, START, simulate } from './support.ts';

const CREDENTIALS = { identifier: 'ada@example.com', password: 'correct horse battery staple' };

describe('the default world', () => {
  it('has a user with two phones, an e-mail address, an authenticator app and backup codes', () => {
    expect(createSandbox().signIn()).toEqual({
      id: 'sia_1',
      status: 'needs_second_factor',
      supportedSecondFactors: [
        {
          strategy: 'phone_code',
          phoneNumberId: 'idn_phone_1',
          safeIdentifier: '+1********00',
          default: true,
          primary: true,
        },
        { strategy: 'phone_code', phoneNumberId: 'idn_phone_2', safeIdentifier: '+1********01' },
        {
          strategy: 'email_code',
          emailAddressId: 'idn_email_1',
          safeIdentifier: 'a*****@example.com',
          primary: true,
        },
        { strategy: 'totp' },
        { strategy: 'backup_code' },
      ],
      secondFactorVerification: null,
      createdSessionId: null,
    });
  });

  it('runs on the time and the timers of the runtime', async () => {
    const sandbox = createSandbox();
    sandbox.faults.next('reload', { delayMs: 1 });
    const before = Date.now();
    await enter(sandbox).reload();
    expect(sandbox.requests.latest()?.at).toBeGreaterThanOrEqual(before);
  });

  it('has different secrets in each sandbox', () => {
    expect(createSandbox().backupCodes).not.toEqual(createSandbox().backupCodes);
  });

  it('repeats itself for the same seed', () => {
    const secretOf = (seed: number) =>
      createSandbox({ random: seededRandom(seed) }).authenticator.secret;
    expect(secretOf(7)).toBe(secretOf(7));
    expect(secretOf(7)).not.toBe(secretOf(8));
  });
});

describe('the time', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is that of the clock, where the clock tells it', () => {
    const { sandbox, clock } = simulate();
    clock.increment(5);
    expect(sandbox.now()).toBe(START + 5);
  });

  it('is that of `now`, whatever the clock says', () => {
    const sandbox = createSandbox({ now: () => 42, clock: simulate().clock });
    expect(sandbox.now()).toBe(42);
  });

  it('is that of the system without either', () => {
    vi.useFakeTimers({ now: 1_234 });
    expect(createSandbox().now()).toBe(1_234);
  });
});

describe('a sign-in', () => {
  it('starts with identifier and password', async () => {
    const { sandbox } = simulate();
    expect((await sandbox.createSignIn(CREDENTIALS)).status).toBe('needs_second_factor');
  });

  it.each([
    [{ ...CREDENTIALS, password: 'nope' }, '422 form_password_incorrect'],
    [{ ...CREDENTIALS, identifier: 'nobody' }, '422 form_identifier_not_found'],
    [{ ...CREDENTIALS, password: '' }, '422 form_param_nil'],
  ])('does not start with wrong credentials (%#)', async (credentials, refusal) => {
    const { sandbox } = simulate();
    expect(await refusalOf(sandbox.createSignIn(credentials))).toBe(refusal);
  });

  it('that waits for client trust takes delivered codes only', async () => {
    const { sandbox } = simulate();
    const signIn = sandbox.signIn({ status: 'needs_client_trust' });
    expect(signIn.status).toBe('needs_client_trust');
    expect(new Set(signIn.supportedSecondFactors.map(({ strategy }) => strategy))).toEqual(
      new Set(['phone_code', 'email_code']),
    );
    const flow = enter(sandbox, signIn.id);
    expect(await refusalOf(flow.attempt('totp', sandbox.authenticator.code()))).toBe(
      '400 strategy_for_user_invalid',
    );
    await flow.prepare({ strategy: 'email_code' });
    const done = await flow.attempt('email_code', sandbox.inbox.code());
    expect(done.status).toBe('complete');
  });

  it('may need a new password afterwards, and has no session then', async () => {
    const { sandbox } = simulate();
    const { id } = sandbox.signIn({ afterwards: 'needs_new_password' });
    const signIn = await enter(sandbox, id).attempt('totp', sandbox.authenticator.code());
    expect(signIn).toMatchObject({
      status: 'needs_new_password',
      createdSessionId: null,
      secondFactorVerification: { status: 'verified' },
    });
    expect(sandbox.session(id)).toBeNull();
  });

  it('of a user without second factors is complete at once', async () => {
    const sandbox = createSandbox({ users: [{ identifier: 'a' }] });
    const signIn = sandbox.signIn();
    expect(signIn).toMatchObject({ status: 'complete', createdSessionId: 'sess_1' });
    expect(await refusalOf(enter(sandbox, signIn.id).attempt('totp', '123456'))).toBe(
      '400 client_state_invalid',
    );
  });

  it('can be read after it is complete', async () => {
    const { sandbox } = simulate();
    const flow = enter(sandbox);
    await flow.attempt('totp', sandbox.authenticator.code());
    expect((await flow.reload()).status).toBe('complete');
  });

  it('is abandoned after a day', async () => {
    const { sandbox, clock } = simulate();
    const flow = enter(sandbox);
    clock.increment(86_399_999);
    expect((await flow.reload()).status).toBe('needs_second_factor');
    clock.increment(1);
    expect(await refusalOf(flow.reload())).toBe('404 resource_not_found');
  });

  it('is not abandoned once it is complete', async () => {
    const { sandbox, clock } = simulate();
    const flow = enter(sandbox);
    await flow.attempt('totp', sandbox.authenticator.code());
    clock.increment(86_400_000);
    expect((await flow.reload()).status).toBe('complete');
  });

  it('that nobody started is not found', async () => {
    const flow = enter(simulate().sandbox, 'sia_404');
    expect(await refusalOf(flow.reload())).toBe('404 resource_not_found');
    expect(await refusalOf(flow.prepare({ strategy: 'phone_code' }))).toBe(
      '404 resource_not_found',
    );
    expect(await refusalOf(flow.attempt('totp', '123456'))).toBe('404 resource_not_found');
  });

  it('is given back as a fresh copy each time', async () => {
    const { sandbox } = simulate();
    const flow = enter(sandbox);
    const first = await flow.prepare({ strategy: 'phone_code' });
    (first.supportedSecondFactors as unknown[]).length = 0;
    (first.secondFactorVerification as { status: string }).status = 'verified';
    expect(sandbox.peek(flow.id).supportedSecondFactors).toHaveLength(5);
    expect(sandbox.peek(flow.id).secondFactorVerification?.status).toBe('unverified');
  });

  it('is given back with fresh factors and a fresh verification when it is complete', async () => {
    const { sandbox } = simulate();
    const flow = enter(sandbox);
    const signIn = await flow.attempt('totp', sandbox.authenticator.code());
    const before = structuredClone(signIn);
    Object.assign(signIn.supportedSecondFactors[0] ?? {}, { strategy: 'changed' });
    Object.assign(signIn.secondFactorVerification ?? {}, { status: 'changed' });
    expect(await flow.reload()).toEqual(before);
  });

  it('shows no code and no secret', async () => {
    const { sandbox } = simulate();
    const signIn = await enter(sandbox).prepare({ strategy: 'phone_code' });
    expect(JSON.stringify(signIn)).not.toContain(sandbox.inbox.code());
  });
});

describe('services without an id', () => {
  it('serve the newest sign-in', async () => {
    const { sandbox } = simulate();
    sandbox.signIn();
    const { id } = sandbox.signIn();
    const services = sandbox.services();
    sandbox.signIn();
    expect((await services.reloadSignIn()).id).toBe(id);
  });

  it('serve the one that is newest at the first call where there was none, and keep to it', async () => {
    const { sandbox } = simulate();
    const services = sandbox.services();
    const { id } = sandbox.signIn();
    expect((await services.reloadSignIn()).id).toBe(id);
    sandbox.signIn();
    expect((await services.reloadSignIn()).id).toBe(id);
  });
});

describe('several users', () => {
  const users = [
    { identifier: 'a', phones: [{ number: '+15555550100' }] },
    {
      identifier: 'b',
      password: 'pw',
      phones: [{ number: '+15555550102' }, { number: '+15555550103', id: 'mine', default: true }],
    },
  ];

  it('have ids of their own', () => {
    const sandbox = createSandbox({ users });
    const ids = sandbox
      .signIn({ identifier: 'b' })
      .supportedSecondFactors.map(({ phoneNumberId }) => phoneNumberId);
    expect(ids).toEqual(['idn_phone_2', 'mine']);
  });

  it('are sent to the phone that is marked as the default one', async () => {
    const sandbox = createSandbox({ users });
    const { id } = sandbox.signIn({ identifier: 'b' });
    await enter(sandbox, id).prepare({ strategy: 'phone_code' });
    expect(sandbox.inbox.latest()?.to).toBe('+15555550103');
  });

  it('cannot be sent to a phone of another', async () => {
    const sandbox = createSandbox({ users });
    const { id } = sandbox.signIn({ identifier: 'b' });
    expect(
      await refusalOf(
        enter(sandbox, id).prepare({ strategy: 'phone_code', phoneNumberId: 'idn_phone_1' }),
      ),
    ).toBe('400 strategy_for_user_invalid');
  });

  it('have passwords of their own', async () => {
    const sandbox = createSandbox({ users });
    const right = await sandbox.createSignIn({ identifier: 'b', password: 'pw' });
    expect(right.status).toBe('needs_second_factor');
    const byDefault = { identifier: 'b', password: CREDENTIALS.password };
    expect(await refusalOf(sandbox.createSignIn(byDefault))).toBe('422 form_password_incorrect');
  });

  it('are found by identifier, and nobody else is', () => {
    const sandbox = createSandbox({ users });
    expect(sandbox.user('b').id).toBe('user_2');
    expect(() => sandbox.user('c')).toThrow('no user c');
  });
});
