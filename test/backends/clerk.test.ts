import { type CreateSecondFactorOptions, createSecondFactor } from 'second-factor';
import { createSandbox, DEFAULT_PASSWORD, type SandboxOptions } from 'second-factor/sandbox';
import { serveSandbox } from 'second-factor/sandbox/server';
import { afterEach, describe, expect, it } from 'vitest';
import { SimulatedClock } from 'xstate';
import { loadClerk } from './support/clerk.ts';
import { HTML_PAGE, type ProxyFault, startFaultProxy } from './support/fault-proxy.ts';
import { tell, whereIs } from './support/tell.ts';

// The real clerk-js on the sandbox server: its classic SignIn resource is handed to the flow as it is.

const CREDENTIALS = {
  strategy: 'password',
  identifier: 'ada@example.com',
  password: DEFAULT_PASSWORD,
} as const;
const PHONE = { strategy: 'phone_code' } as const;
const ATTEMPT = /^POST .*attempt_second_factor/;
const PREPARE = /^POST .*prepare_second_factor/;

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

/** clerk-js that has signed in with a password, and a flow over its resource. */
async function open(
  options: SandboxOptions = {},
  flowOptions: Partial<CreateSecondFactorOptions> = {},
) {
  const server = await serveSandbox({ sandbox: createSandbox(options) });
  const proxy = await startFaultProxy(server.url);
  closing.push(proxy.close, server.close);
  const loaded = await loadClerk(proxy.url);
  const resource = await loaded.signIn().create(CREDENTIALS);
  const flow = createSecondFactor({ signIn: resource, ...flowOptions });
  return {
    ...loaded,
    proxy,
    resource,
    flow,
    sandbox: server.sandbox,
    prepare: (params: { strategy: string; phoneNumberId?: string } = PHONE) =>
      tell(flow, flow.prepareSecondFactor(params)),
    attempt: (strategy: string, code: string) =>
      tell(flow, flow.attemptSecondFactor({ strategy, code })),
  };
}

describe('the classic resource of clerk-js, as it is', () => {
  it.each(['idn_phone_1', 'idn_phone_2'])('verifies the phone %s', async (phoneNumberId) => {
    const { prepare, attempt, sandbox, resource } = await open();
    expect(await prepare({ ...PHONE, phoneNumberId })).toBe('ok @ prepared');
    expect(sandbox.inbox.latest()?.factor.phoneNumberId).toBe(phoneNumberId);
    const code = sandbox.inbox.code();
    expect(await attempt('phone_code', code === '000000' ? '000001' : '000000')).toBe(
      'code_incorrect @ failed.code_rejected',
    );
    expect(await attempt('phone_code', code)).toBe('ok @ complete');
    expect(resource.status).toBe('complete');
  });

  it('reads when a code expires', async () => {
    const { prepare, flow, sandbox } = await open();
    await prepare();
    const [delivery] = Object.values(flow.bookmark().deliveries);
    expect(delivery?.expiresAt).toBe((sandbox.inbox.latest()?.sentAt ?? 0) + 600_000);
  });

  it('verifies an e-mail code', async () => {
    const { prepare, attempt, sandbox } = await open();
    expect(await prepare({ strategy: 'email_code' })).toBe('ok @ prepared');
    expect(await attempt('email_code', sandbox.inbox.code())).toBe('ok @ complete');
  });

  it('verifies a TOTP', async () => {
    const { attempt, sandbox } = await open();
    expect(await attempt('totp', sandbox.authenticator.code())).toBe('ok @ complete');
  });

  it('verifies a backup code', async () => {
    const { attempt, sandbox } = await open();
    expect(await attempt('backup_code', sandbox.backupCodes[3] ?? '')).toBe('ok @ complete');
    expect(sandbox.backupCodes).toHaveLength(9);
  });

  it('gives the session, which clerk-js makes active', async () => {
    const { flow, clerk, sandbox } = await open();
    const code = sandbox.authenticator.code();
    const done = await flow.attemptSecondFactor({ strategy: 'totp', code });
    await clerk.setActive({ session: done.createdSessionId });
    expect(clerk.session?.id).toBe(done.createdSessionId);
    expect(await clerk.session?.getToken()).toMatch(/^eyJ/);
  });

  it('verifies a sign-in that needs trust in the client', async () => {
    const { resource, prepare, attempt, sandbox } = await open({
      signIns: { status: 'needs_client_trust' },
    });
    expect(resource.status).toBe('needs_client_trust');
    expect(await prepare({ strategy: 'email_code' })).toBe('ok @ prepared');
    expect(await attempt('email_code', sandbox.inbox.code())).toBe('ok @ complete');
  });

  it('verifies a sign-in that needs a new password afterwards', async () => {
    const { flow, attempt, sandbox } = await open({
      signIns: { afterwards: 'needs_new_password' },
    });
    expect(await attempt('totp', sandbox.authenticator.code())).toBe('ok @ complete');
    expect(flow.actor.getSnapshot().output?.signIn.status).toBe('needs_new_password');
  });

  it('goes on after the app has started again, and sends nothing', async () => {
    const { prepare, flow, proxy, token, sandbox } = await open();
    await prepare();
    const resume = flow.bookmark();
    flow.stop();
    const again = await loadClerk(proxy.url, token());
    const resumed = createSecondFactor({ signIn: again.signIn(), resume });
    expect(whereIs(resumed)).toBe('prepared');
    const code = sandbox.inbox.code();
    expect(await tell(resumed, resumed.attemptSecondFactor({ ...PHONE, code }))).toBe(
      'ok @ complete',
    );
    expect(sandbox.inbox.messages).toHaveLength(1);
  });

  it('goes on beside a newer sign-in of the same client', async () => {
    const { signIn, prepare, attempt, sandbox, resource } = await open();
    await prepare();
    const { id } = resource;
    const newer = await signIn().create(CREDENTIALS);
    expect(newer.id).not.toBe(id);
    expect(await attempt('phone_code', sandbox.inbox.code())).toBe('ok @ complete');
    expect(resource.id).toBe(id);
  });
});

describe('between clerk-js and its server', () => {
  it.each<[string, ProxyFault]>([
    ['a reply is lost', 'dropReply'],
    ['a reply is cut', 'cutBody'],
    ['a page comes in place of a reply', { ...HTML_PAGE, takesEffect: true }],
  ])('%s: the right code completes, because the sign-in is looked up', async (_, fault) => {
    const { prepare, attempt, proxy, sandbox } = await open();
    await prepare();
    proxy.next(ATTEMPT, fault);
    expect(await attempt('phone_code', sandbox.inbox.code())).toBe('ok @ complete');
    expect(sandbox.requests.count('attempt')).toBe(1);
    expect(sandbox.requests.count('reload')).toBe(1);
  });

  it.each<[string, ProxyFault, string]>([
    ['a request is lost', 'dropRequest', 'network'],
    ['a page comes in place of a request', HTML_PAGE, 'server_error'],
  ])('%s: the outcome is unknown, and the code is good for another try', async (_, fault, code) => {
    const { prepare, attempt, proxy, sandbox } = await open();
    await prepare();
    proxy.next(ATTEMPT, fault);
    const sent = sandbox.inbox.code();
    expect(await attempt('phone_code', sent)).toBe(`${code} @ failed.outcome_unknown`);
    expect(await attempt('phone_code', sent)).toBe('ok @ complete');
  });

  it.each<[string, ProxyFault]>([
    ['lost', 'dropReply'],
    ['a page', { ...HTML_PAGE, takesEffect: true }],
  ])('the reply to a prepare is %s: its code is taken', async (_, fault) => {
    const { prepare, attempt, proxy, sandbox } = await open();
    proxy.next(PREPARE, fault);
    expect(await prepare()).toMatch(/^(network|server_error) @ failed\.not_sent$/);
    expect(await attempt('phone_code', sandbox.inbox.code())).toBe('ok @ complete');
  });

  it('an answer that comes too late: the right code completes', async () => {
    const clock = new SimulatedClock();
    const { prepare, attempt, proxy, sandbox } = await open({}, { clock });
    await prepare();
    let release = () => {};
    const until = new Promise<void>((resolve) => {
      release = resolve;
    });
    proxy.next(ATTEMPT, { until });
    const step = attempt('phone_code', sandbox.inbox.code());
    await expect.poll(() => sandbox.requests.latest('attempt')?.answer).toBe('ok');
    clock.increment(30_000);
    expect(await step).toBe('ok @ complete');
    release();
  });

  it('throttling holds attempts until the server says, and no longer', async () => {
    const { prepare, flow, proxy, sandbox } = await open();
    await prepare();
    const error = { code: 'too_many_requests', message: 'Too many requests.' };
    proxy.next(ATTEMPT, {
      status: 429,
      headers: { 'content-type': 'application/json', 'retry-after': '7' },
      body: JSON.stringify({ errors: [error] }),
    });
    const before = Date.now();
    const step = flow.attemptSecondFactor({ ...PHONE, code: sandbox.inbox.code() });
    const refused = await step.catch((thrown: unknown) => thrown);
    expect(refused).toMatchObject({ code: 'rate_limited', retryAt: expect.any(Number) });
    const { hold } = flow.actor.getSnapshot().context.deadlines;
    expect(hold).toBeGreaterThanOrEqual(before + 7_000);
    expect(hold).toBeLessThanOrEqual(Date.now() + 7_000);
    expect(whereIs(flow)).toBe('failed.throttled');
  });

  it('the real limit of the server is read too', async () => {
    const { attempt } = await open();
    for (let n = 0; n < 3; n += 1) await attempt('totp', '000000');
    expect(await attempt('totp', '000000')).toBe('rate_limited @ failed.throttled');
  });

  it('a lock ends the flow', async () => {
    const { attempt, sandbox } = await open();
    sandbox.user().lock();
    expect(await attempt('totp', sandbox.authenticator.code())).toBe('locked @ halted: locked');
  });
});

describe('a step-up of clerk-js', () => {
  it('tells by the age of the second factor that it was verified, although the answer was lost', async () => {
    let laterMs = 0;
    const { flow, clerk, proxy, sandbox } = await open({ now: () => Date.now() + laterMs });
    const code = sandbox.authenticator.code();
    const done = await flow.attemptSecondFactor({ strategy: 'totp', code });
    await clerk.setActive({ session: done.createdSessionId });
    laterMs = 120_000;
    const { session } = clerk;
    const before = await session?.startVerification({ level: 'second_factor' });
    expect(before?.session.factorVerificationAge).toEqual([2, 2]);

    await session?.prepareSecondFactorVerification(PHONE);
    proxy.next(ATTEMPT, 'dropReply');
    const attempt = { ...PHONE, code: sandbox.inbox.code() };
    // clerk-js takes a lost answer in Node for being offline: it resolves, with nothing.
    const lost = await session?.attemptSecondFactorVerification(attempt);
    expect(lost?.status).toBeUndefined();
    const after = await session?.startVerification({ level: 'second_factor' });
    expect(after?.status).toBe('needs_second_factor'); // each start begins another one
    expect(after?.session.factorVerificationAge).toEqual([2, 0]);
  });
});
