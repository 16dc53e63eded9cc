import type {
  SessionResource,
  SessionVerificationResource,
  SignInFutureResource,
  SignInResource,
} from '@clerk/shared/types';
import { verifyAuthenticationResponse } from '@simplewebauthn/server';
import { type CreateSecondFactorOptions, createSecondFactor } from 'second-factor';
import { clerkSignIn, clerkStepUp, clerkToError } from 'second-factor/clerk';
import {
  createSandbox,
  DEFAULT_PASSWORD,
  DEFAULT_USER,
  type SandboxOptions,
} from 'second-factor/sandbox';
import { serveSandbox } from 'second-factor/sandbox/server';
import { afterEach, describe, expect, expectTypeOf, it, vi } from 'vitest';
import { SimulatedClock } from 'xstate';
import { readErrorTable } from '../support/error-table.ts';
import { addPasskey, futureOf, loadClerk } from './support/clerk.ts';
import { HTML_PAGE, type ProxyFault, startFaultProxy } from './support/fault-proxy.ts';
import { tell, whereIs } from './support/tell.ts';

// The real clerk-js on the sandbox server, by way of the adapter. It is minified, as it is for everybody.

const CREDENTIALS = {
  strategy: 'password',
  identifier: 'ada@example.com',
  password: DEFAULT_PASSWORD,
} as const;
const PHONE = { strategy: 'phone_code' };
const SECOND_PHONE = { ...PHONE, phoneNumberId: 'idn_phone_2' };
const LINK = { strategy: 'email_link', emailAddressId: 'idn_email_1' };
const ATTEMPT = /^POST .*attempt_second_factor/;
const PREPARE = /^POST .*prepare_second_factor/;

/** A sandbox in which everything is there, and nothing is throttled. */
const ALL: SandboxOptions = {
  users: [{ ...DEFAULT_USER, emailLink: true, passkeys: true }],
  passkeys: { verifyAuthenticationResponse },
  limits: { attemptsPerWindow: Number.POSITIVE_INFINITY },
};

const closing: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

type Api = 'classic' | 'future' | 'both';

/** A sandbox, and clerk-js that has signed in with a password. */
async function load(options: SandboxOptions = {}) {
  const server = await serveSandbox({ sandbox: createSandbox({ ...ALL, ...options }) });
  const proxy = await startFaultProxy(server.url);
  closing.push(proxy.close, server.close);
  const loaded = await loadClerk(proxy.url);
  const classic = await loaded.signIn().create(CREDENTIALS);
  return { ...loaded, classic, proxy, sandbox: server.sandbox };
}

/** A flow over the adapter. */
async function open(
  api: Api,
  flowOptions: Partial<CreateSecondFactorOptions> = {},
  redirectUrl?: string,
) {
  const loaded = await load();
  const future = futureOf(loaded.signIn());
  const made = clerkSignIn({
    signIn: api === 'classic' ? loaded.signIn() : future,
    classic: api === 'both' ? loaded.signIn() : undefined,
    redirectUrl,
  });
  const options = { ...made.options, ...flowOptions.options };
  const flow = createSecondFactor({ ...made, ...flowOptions, options });
  closing.push(() => flow.stop());
  return {
    ...loaded,
    future,
    flow,
    prepare: (params: { strategy: string } = PHONE) => tell(flow, flow.prepareSecondFactor(params)),
    attempt: (strategy: string, code?: string) =>
      tell(flow, flow.attemptSecondFactor({ strategy, ...(code !== undefined && { code }) })),
    factors: () =>
      flow.actor
        .getSnapshot()
        .context.signIn.supportedSecondFactors.map(({ strategy, phoneNumberId, emailAddressId }) =>
          [strategy, phoneNumberId ?? emailAddressId ?? ''].join(' ').trim(),
        ),
  };
}

const other = (code: string) => (code === '000000' ? '000001' : '000000');

describe.each<Api>(['classic', 'future', 'both'])('a sign-in, API: %s', (api) => {
  it.each([
    ['phone_code', 'phone_code'],
    ['email_code', 'email_code'],
  ])('verifies a %s', async (strategy) => {
    const { prepare, attempt, sandbox } = await open(api);
    expect(await attempt(strategy, '000000')).toBe('not_prepared @ needs_second_factor');
    expect(await prepare({ strategy })).toBe('ok @ prepared');
    const code = sandbox.inbox.code();
    expect(await attempt(strategy, other(code))).toBe('code_incorrect @ failed.code_rejected');
    expect(await attempt(strategy, code)).toBe('ok @ complete');
  });

  it('verifies a TOTP', async () => {
    const { attempt, sandbox } = await open(api);
    expect(await attempt('totp', sandbox.authenticator.code())).toBe('ok @ complete');
  });

  it('verifies a backup code', async () => {
    const { attempt, sandbox } = await open(api);
    expect(await attempt('backup_code', sandbox.backupCodes[0] ?? '')).toBe('ok @ complete');
  });

  it('verifies a passkey, and dismisses nothing for good', async () => {
    const { attempt, sandbox, clerk } = await open(api);
    let isWilling = false;
    addPasskey(clerk, sandbox.passkey, () => dismissal(isWilling));
    expect(await attempt('passkey')).toBe('proof_dismissed @ failed.not_sent');
    expect(sandbox.requests.count('attempt')).toBe(0);
    isWilling = true;
    expect(await attempt('passkey')).toBe('ok @ complete');
  });

  it('offers another code at once, where the prompt of a passkey has spent the one that was sent', async () => {
    const { prepare, attempt, sandbox, clerk } = await open(api);
    addPasskey(clerk, sandbox.passkey, () => dismissal(false));
    await prepare();
    const code = sandbox.inbox.code();
    expect(await attempt('passkey')).toBe('proof_dismissed @ failed.not_sent');
    expect(await attempt('phone_code', code)).toBe('code_superseded @ failed.code_spent');
    expect(await prepare()).toBe('ok @ prepared');
    expect(await attempt('phone_code', sandbox.inbox.code())).toBe('ok @ complete');
  });

  it('drops the passkey, where nothing can be asked for it', async () => {
    const { attempt, factors } = await open(api);
    expect(await attempt('passkey')).toBe('strategy_unavailable @ needs_second_factor');
    expect(factors()).toContain('passkey'); // Clerk still lists it
  });

  it('gives the session', async () => {
    const { attempt, flow, sandbox, clerk } = await open(api);
    await attempt('totp', sandbox.authenticator.code());
    const { createdSessionId = null } = flow.actor.getSnapshot().output?.signIn ?? {};
    await clerk.setActive({ session: createdSessionId });
    expect(clerk.session?.id).toBe(createdSessionId);
  });

  it('calls a prepare that was not answered lost, although clerk-js resolves', async () => {
    const { prepare, proxy, sandbox } = await open(api, { options: { resendCooldownMs: 0 } });
    expect(await prepare()).toBe('ok @ prepared');
    proxy.next(PREPARE, 'dropRequest');
    expect(await prepare()).toBe('network @ failed.not_sent');
    expect(sandbox.inbox.messages).toHaveLength(1);
  });

  it.each<[string, ProxyFault]>([
    ['a request is lost', 'dropRequest'],
    ['a page comes in place of a request', HTML_PAGE],
  ])('%s: the outcome is unknown, and the code is good for another try', async (_, fault) => {
    const { attempt, proxy, sandbox } = await open(api);
    proxy.next(ATTEMPT, fault);
    const code = sandbox.authenticator.code();
    expect(await attempt('totp', code)).toMatch(
      /^(network|server_error) @ failed\.outcome_unknown$/,
    );
    expect(await attempt('totp', sandbox.authenticator.code())).toBe('ok @ complete');
  });

  it('is held back until the server says', async () => {
    const { attempt, proxy, flow, sandbox } = await open(api);
    proxy.next(ATTEMPT, {
      status: 429,
      headers: { 'content-type': 'application/json', 'retry-after': '7' },
      body: JSON.stringify({ errors: [{ code: 'too_many_requests', message: 'Wait.' }] }),
    });
    const before = Date.now();
    expect(await attempt('totp', sandbox.authenticator.code())).toBe(
      'rate_limited @ failed.throttled',
    );
    const { hold } = flow.actor.getSnapshot().context.deadlines;
    expect(hold).toBeGreaterThanOrEqual(before + 7_000);
    expect(hold).toBeLessThanOrEqual(Date.now() + 7_000);
  });

  it('keeps no code in an error, and reads errors whose class has another name', async () => {
    const rejections: unknown[] = [];
    const { attempt, flow, sandbox } = await open(api, {
      onRejection: (rejection) => rejections.push(rejection),
    });
    const code = other(sandbox.authenticator.code());
    await attempt('totp', code);
    expect(Object(rejections[0]).constructor.name).not.toMatch(/Clerk/);
    const { error } = flow.actor.getSnapshot().context;
    expect(error?.cause).toMatchObject({
      status: 422,
      codes: expect.arrayContaining(['form_code_incorrect']),
    });
    expect(JSON.stringify([error, error?.message, error?.stack])).not.toContain(code);
  });
});

/** What clerk-js makes of a prompt that its user has closed. */
function dismissal(isWilling: boolean): Error | undefined {
  if (isWilling) return undefined;
  return Object.assign(new Error('Not allowed.'), { code: 'passkey_retrieval_cancelled' });
}

describe('an answer of clerk-js', () => {
  it.each<Api>(['classic', 'future'])(
    'comes later than the flow waits, and completes it, API: %s',
    async (api) => {
      const clock = new SimulatedClock();
      const { attempt, flow, proxy, sandbox } = await open(api, { clock });
      let release = () => {};
      const until = new Promise<void>((resolve) => {
        release = resolve;
      });
      proxy.next(ATTEMPT, { until });
      // What is asked for meanwhile is lost too.
      proxy.next(/^GET .*sign_ins/, ...Array.from({ length: 20 }, () => HTML_PAGE));
      const step = attempt('totp', sandbox.authenticator.code());
      await expect.poll(() => sandbox.requests.latest('attempt')?.answer).toBe('ok');
      clock.increment(30_000);
      clock.increment(10_000);
      expect(await step).toBe('timeout @ failed.outcome_unknown');
      release();
      await expect.poll(() => whereIs(flow), { timeout: 20_000 }).toBe('complete');
    },
  );
});

describe('the Future API alone', () => {
  it('offers the first phone and the first address, and no link', async () => {
    const { factors, prepare, flow } = await open('future', {}, 'https://example.com');
    expect(factors()).toEqual([
      'phone_code idn_phone_1',
      'email_code idn_email_1',
      'passkey',
      'totp',
      'backup_code',
    ]);
    expect(await prepare(SECOND_PHONE)).toBe('no_factor @ needs_second_factor');
    expect(await tell(flow, flow.prepareSecondFactor(LINK))).toMatch(/^no_factor/);
  });

  it('can not look up what a lost answer said, and does not call it a wrong code', async () => {
    const { attempt, flow, proxy, sandbox } = await open('future');
    proxy.next(ATTEMPT, 'dropReply');
    const code = sandbox.authenticator.code();
    expect(await attempt('totp', code)).toBe('network @ failed.outcome_unknown');
    expect(await attempt('totp', code)).toBe('already_verified @ halted: already_verified');
    expect(flow.actor.getSnapshot().output).toMatchObject({ attemptMayLand: true });
  });
});

describe.each<Api>(['classic', 'both'])('the classic resource, API: %s', (api) => {
  it('sends to the phone that was chosen', async () => {
    const { prepare, attempt, sandbox } = await open(api);
    expect(await prepare(SECOND_PHONE)).toBe('ok @ prepared');
    expect(sandbox.inbox.latest()?.factor.phoneNumberId).toBe('idn_phone_2');
    expect(await attempt('phone_code', sandbox.inbox.code())).toBe('ok @ complete');
  });

  it.each<[string, ProxyFault]>([
    ['lost', 'dropReply'],
    ['cut', 'cutBody'],
    ['a page', { ...HTML_PAGE, takesEffect: true }],
  ])('looks the sign-in up where an answer is %s', async (_, fault) => {
    const { attempt, proxy, sandbox } = await open(api);
    proxy.next(ATTEMPT, fault);
    expect(await attempt('totp', sandbox.authenticator.code())).toBe('ok @ complete');
    expect(sandbox.requests.count('attempt')).toBe(1);
  });

  it('has no links without a page for them', async () => {
    const { factors } = await open(api);
    expect(factors()).not.toContain('email_link idn_email_1');
  });
});

describe('a link', () => {
  it('completes once the link of a mail was opened elsewhere', async () => {
    const { prepare, flow, sandbox, proxy } = await open('both', {}, 'http://localhost:1/verified');
    expect(await prepare(LINK)).toBe('ok @ prepared');
    const link = sandbox.inbox.link();
    await expect
      .poll(() => proxy.log.some(({ request }) => /^GET .*sign_ins/.test(request)), {
        timeout: 20_000,
      })
      .toBe(true);
    expect(whereIs(flow)).toBe('prepared');
    sandbox.openLink(link);
    await expect.poll(() => whereIs(flow), { timeout: 20_000 }).toBe('complete');
  });

  it('goes on looking after a look that failed', async () => {
    const { prepare, flow, sandbox, proxy } = await open('both', {}, 'http://localhost:1/verified');
    await prepare(LINK);
    sandbox.openLink(sandbox.inbox.link());
    proxy.next(/^GET .*sign_ins/, { status: 404 });
    await expect.poll(() => whereIs(flow), { timeout: 20_000 }).toBe('complete');
    expect(proxy.pending).toBe(0);
  });
});

it('goes on after the app has started again, while the link of a mail is out', async () => {
  const redirectUrl = 'http://localhost:1/verified';
  const { prepare, flow, proxy, token, sandbox } = await open('classic', {}, redirectUrl);
  await prepare(LINK);
  const resume = flow.bookmark();
  flow.stop();
  const again = await loadClerk(proxy.url, token());
  const made = clerkSignIn({ signIn: again.signIn(), redirectUrl });
  const resumed = createSecondFactor({ ...made, resume });
  closing.push(() => resumed.stop());
  expect(whereIs(resumed)).toBe('prepared');
  sandbox.openLink(sandbox.inbox.link());
  await expect.poll(() => whereIs(resumed), { timeout: 20_000 }).toBe('complete');
  expect(sandbox.inbox.messages).toHaveLength(1);
});

it('asks for nothing while no link is out', async () => {
  const { classic } = await load();
  const reload = vi.spyOn(classic, 'reload');
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const made = clerkSignIn({ signIn: classic, redirectUrl: 'http://localhost:1/verified' });
  const flow = createSecondFactor(made);
  await vi.advanceTimersByTimeAsync(5_000);
  flow.stop();
  expect(reload).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

it('refuses two sign-ins', async () => {
  const { classic, clerk } = await load();
  const future = futureOf(clerk.client?.signIn ?? classic);
  expect(() => clerkSignIn({ signIn: future, classic: { ...classic, id: 'sia_0' } })).toThrow(
    TypeError,
  );
});

describe('a step-up', () => {
  /** Somebody who has been signed in for that long, and a flow of their step-up. */
  async function stepUp(laterMs = 120_000) {
    let addedMs = 0;
    const loaded = await load({ now: () => Date.now() + addedMs });
    const { clerk, classic, sandbox } = loaded;
    const done = await classic.attemptSecondFactor({
      strategy: 'totp',
      code: sandbox.authenticator.code(),
    });
    await clerk.setActive({ session: done.createdSessionId });
    addedMs = laterMs;
    const { session } = clerk;
    if (!session) throw new Error('Nobody is signed in.');
    const verification = await session.startVerification({ level: 'second_factor' });
    const flow = createSecondFactor(clerkStepUp({ session, verification }));
    return {
      ...loaded,
      flow,
      prepare: (params: { strategy: string }) => tell(flow, flow.prepareSecondFactor(params)),
      attempt: (strategy: string, code?: string) =>
        tell(flow, flow.attemptSecondFactor({ strategy, ...(code !== undefined && { code }) })),
    };
  }

  it('verifies the phone that was chosen', async () => {
    const { prepare, attempt, sandbox } = await stepUp();
    expect(await prepare(SECOND_PHONE)).toBe('ok @ prepared');
    expect(sandbox.inbox.latest()?.factor.phoneNumberId).toBe('idn_phone_2');
    const code = sandbox.inbox.code();
    expect(await attempt('phone_code', other(code))).toBe('code_incorrect @ failed.code_rejected');
    expect(await attempt('phone_code', code)).toBe('ok @ complete');
  });

  it('verifies a TOTP, a backup code', async () => {
    const first = await stepUp();
    expect(await first.attempt('totp', first.sandbox.authenticator.code())).toBe('ok @ complete');
    const second = await stepUp();
    expect(await second.attempt('backup_code', second.sandbox.backupCodes[0] ?? '')).toBe(
      'ok @ complete',
    );
  });

  it('verifies a passkey', async () => {
    const { attempt, clerk, sandbox } = await stepUp();
    let isWilling = false;
    addPasskey(clerk, sandbox.passkey, () => dismissal(isWilling));
    expect(await attempt('passkey')).toBe('proof_dismissed @ failed.not_sent');
    isWilling = true;
    expect(await attempt('passkey')).toBe('ok @ complete');
  });

  it('completes where the answer was lost, by the age of the verification', async () => {
    const { attempt, proxy, sandbox } = await stepUp();
    proxy.next(ATTEMPT, 'dropReply');
    expect(await attempt('totp', sandbox.authenticator.code())).toBe('ok @ complete');
  });

  it('leaves it open, where the request was lost, and its code is good for another try', async () => {
    const { prepare, attempt, proxy, sandbox } = await stepUp();
    await prepare(PHONE);
    proxy.next(ATTEMPT, 'dropRequest');
    const code = sandbox.inbox.code();
    expect(await attempt('phone_code', code)).toBe('network @ failed.outcome_unknown');
    expect(await attempt('phone_code', code)).toBe('ok @ complete');
  });

  it('leaves it open, where the session had just been verified', async () => {
    const { attempt, proxy, sandbox } = await stepUp(0);
    proxy.next(ATTEMPT, 'dropReply');
    expect(await attempt('backup_code', sandbox.backupCodes[0] ?? '')).toBe(
      'network @ failed.outcome_unknown',
    );
  });

  it('calls a prepare that was not answered lost, although clerk-js resolves', async () => {
    const { prepare, proxy } = await stepUp();
    proxy.next(PREPARE, 'dropRequest');
    expect(await prepare(PHONE)).toBe('network @ failed.not_sent');
  });
});

describe('what Clerk calls an error', () => {
  const AT = 1_800_000_000_000;
  const table = readErrorTable('backends/clerk.md');

  it.each(table)('%s is %s', (code, meaning) => {
    const answered = { status: 400, code: 'api_response_error', errors: [{ code }] };
    expect(clerkToError(answered, AT).code).toBe(meaning);
    expect(clerkToError({ name: 'Jl', code }, AT).code).toBe(meaning);
  });

  it('has a table', () => {
    expect(table.length).toBeGreaterThan(40);
  });

  it.each([
    [{ status: 409, errors: [{ code: 'resource_locked' }] }, 'server_error'],
    [{ status: 400, errors: [{ code: 'protect_check_already_resolved' }] }, 'server_error'],
    [{ status: 504, errors: [{ code: 'gateway_timeout' }] }, 'timeout'],
    [{ status: 502, errors: [] }, 'server_error'],
    [{ status: 429, errors: [{ code: 'too_many_requests' }], retryAfter: 7 }, 'rate_limited'],
    [new Error('ClerkJS: Network error at "https://clerk.example.com" - fetch failed'), 'network'],
    [null, 'server_error'],
  ])('reads %j as %s', (value, code) => {
    expect(clerkToError(value, AT).code).toBe(code);
  });
});

it('takes the types of Clerk', () => {
  type SignInOptions = Parameters<typeof clerkSignIn>[0];
  expectTypeOf<SignInResource>().toExtend<SignInOptions['signIn']>();
  expectTypeOf<SignInFutureResource>().toExtend<SignInOptions['signIn']>();
  expectTypeOf<SignInResource>().toExtend<SignInOptions['classic']>();
  expectTypeOf<SignInFutureResource>().not.toExtend<SignInOptions['classic']>();
  type StepUpOptions = Parameters<typeof clerkStepUp>[0];
  expectTypeOf<SessionResource>().toExtend<StepUpOptions['session']>();
  expectTypeOf<SessionVerificationResource>().toExtend<StepUpOptions['verification']>();
});
