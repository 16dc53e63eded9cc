import { createAuthClient } from 'better-auth/client';
import { TWO_FACTOR_ERROR_CODES, twoFactorClient } from 'better-auth/client/plugins';
import { createAuthClient as createReactClient } from 'better-auth/react';
import { type CreateSecondFactorOptions, createSecondFactor } from 'second-factor';
import { betterAuth, betterAuthToError } from 'second-factor/better-auth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SimulatedClock } from 'xstate';
import { readErrorTable } from '../support/error-table.ts';
import {
  type BetterAuthServer,
  type BetterAuthUser,
  openClient,
  signUp,
  startBetterAuth,
} from './support/better-auth.ts';
import { createCookieFetch } from './support/cookie-fetch.ts';
import { HTML_PAGE, type ProxyFault } from './support/fault-proxy.ts';
import { tell, whereIs } from './support/tell.ts';

// A real better-auth server and its real client. The client is a browser's: its session is a cookie.

const HTML_SUCCESS = { ...HTML_PAGE, status: 200 };
const OTP = { strategy: 'email_code' };

let server: BetterAuthServer;
beforeAll(async () => {
  server = await startBetterAuth();
});
afterAll(() => server.close());

/** A browser in which somebody has signed in with a password, and a flow of theirs. */
async function open({
  at = server,
  user,
  browser = createCookieFetch(),
  ...options
}: {
  at?: BetterAuthServer;
  user?: BetterAuthUser;
  browser?: ReturnType<typeof createCookieFetch>;
} & Partial<CreateSecondFactorOptions> = {}) {
  const { url } = at.proxy;
  const owner = user ?? (await signUp(url));
  const client = openClient(url, browser);
  const { data } = await client.signIn.email({ email: owner.email, password: owner.password });
  const { twoFactorMethods } = Object(data);
  const flow = createSecondFactor({ ...betterAuth({ client, twoFactorMethods }), ...options });
  return {
    browser,
    client,
    data,
    flow,
    user: owner,
    prepare: () => tell(flow, flow.prepareSecondFactor(OTP)),
    attempt: (strategy: string, code: string, trustDevice = false) =>
      tell(flow, flow.attemptSecondFactor({ strategy, code, trustDevice })),
    isSignedIn: async () => (await client.getSession()).data !== null,
  };
}

const latest = (at = server) => at.sent.at(-1) ?? '';
/** A code of six digits that is not that one. */
const other = (code: string) => (code === '000000' ? '000001' : '000000');

describe('better-auth', () => {
  it('offers what the sign-in answered, and backup codes', async () => {
    const { flow } = await open();
    const { supportedSecondFactors } = flow.actor.getSnapshot().context.signIn;
    expect(supportedSecondFactors.map(({ strategy }) => strategy)).toEqual([
      'totp',
      'email_code',
      'backup_code',
    ]);
  });

  it('verifies a TOTP, and then there is a session', async () => {
    const { attempt, user, isSignedIn } = await open();
    expect(await isSignedIn()).toBe(false);
    expect(await attempt('totp', other(user.totp()))).toBe('code_incorrect @ failed.code_rejected');
    expect(await attempt('totp', user.totp())).toBe('ok @ complete');
    expect(await isSignedIn()).toBe(true);
  });

  it('verifies a code that it has sent', async () => {
    const { prepare, attempt, isSignedIn } = await open();
    expect(await attempt('email_code', '000000')).toBe('not_prepared @ needs_second_factor');
    expect(await prepare()).toBe('ok @ prepared');
    expect(await prepare()).toBe('resend_cooldown @ prepared');
    expect(await attempt('email_code', other(latest()))).toBe(
      'code_incorrect @ failed.code_rejected',
    );
    expect(await attempt('email_code', latest())).toBe('ok @ complete');
    expect(await isSignedIn()).toBe(true);
  });

  it('calls a code that is sent a text message, where the server sends those', async () => {
    const { client } = await open();
    const flow = createSecondFactor(
      betterAuth({ client, twoFactorMethods: ['otp'], otp: 'phone_code', backupCodes: false }),
    );
    await flow.prepareSecondFactor({ strategy: 'phone_code' });
    const attempt = flow.attemptSecondFactor({ strategy: 'phone_code', code: latest() });
    expect(await tell(flow, attempt)).toBe('ok @ complete');
  });

  it('verifies a backup code, each one once', async () => {
    const { attempt, user } = await open();
    const [code = ''] = user.backupCodes;
    expect(await attempt('backup_code', 'none-of-them')).toBe(
      'code_incorrect @ failed.code_rejected',
    );
    expect(await attempt('backup_code', ` ${code} `)).toBe('ok @ complete');
    const again = await open({ user });
    expect(await again.attempt('backup_code', code)).toBe('code_incorrect @ failed.code_rejected');
  });

  it('trusts a device, which is then asked for no second factor', async () => {
    const { attempt, user, browser, client } = await open();
    expect(await attempt('totp', user.totp(), true)).toBe('ok @ complete');
    await client.signOut();
    const again = await open({ user, browser });
    expect(again.data).not.toHaveProperty('twoFactorRedirect');
    expect(await again.isSignedIn()).toBe(true);
  });

  it('trusts no device that nobody ticked', async () => {
    const { attempt, user, browser, client } = await open();
    await attempt('totp', user.totp());
    await client.signOut();
    expect((await open({ user, browser })).data).toMatchObject({ twoFactorRedirect: true });
  });

  it('drops a factor that the server does not have', async () => {
    const { client } = await open();
    const flow = createSecondFactor(betterAuth({ client, twoFactorMethods: ['totp', 'otp'] }));
    server.proxy.next(/send-otp/, {
      status: 400,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code: 'OTP_NOT_CONFIGURED', message: '…' }),
    });
    expect(await tell(flow, flow.prepareSecondFactor(OTP))).toBe(
      'strategy_unavailable @ needs_second_factor',
    );
  });

  it('goes on after a reload of the page, and sends nothing', async () => {
    const { prepare, flow, browser } = await open();
    await prepare();
    const code = latest();
    const count = server.sent.length;
    const resume = flow.bookmark();
    flow.stop();
    const client = openClient(server.proxy.url, browser);
    const resumed = createSecondFactor({
      ...betterAuth({ client, twoFactorMethods: ['totp', 'otp'] }),
      resume,
    });
    expect(whereIs(resumed)).toBe('prepared');
    expect(await tell(resumed, resumed.attemptSecondFactor({ ...OTP, code }))).toBe(
      'ok @ complete',
    );
    expect(server.sent).toHaveLength(count);
  });

  it('tells a code that was never sent from a wrong one', async () => {
    const first = await open();
    await first.prepare();
    const resume = first.flow.bookmark();
    const { attempt } = await open({ resume });
    expect(await attempt('email_code', latest())).toBe('code_expired @ failed.code_spent');
  });

  it('ends where the sign-in is over', async () => {
    const stranger = openClient(server.proxy.url);
    const flow = createSecondFactor(betterAuth({ client: stranger, twoFactorMethods: ['otp'] }));
    expect(await tell(flow, flow.prepareSecondFactor(OTP))).toBe(
      'sign_in_expired @ halted: sign_in_expired',
    );
  });
});

describe('too many attempts', () => {
  it('spend a code that was sent, and another one can be had at once', async () => {
    const { prepare, attempt } = await open();
    await prepare();
    for (let n = 0; n < 5; n += 1) await attempt('email_code', other(latest()));
    expect(await attempt('email_code', latest())).toBe('attempts_exhausted @ failed.code_spent');
    expect(await prepare()).toBe('ok @ prepared');
    expect(await attempt('email_code', latest())).toBe('ok @ complete');
  });

  it.each([
    ['totp', (user: BetterAuthUser) => other(user.totp())],
    ['backup_code', () => 'none-of-them'],
  ])('end the sign-in, if they are with %s', async (strategy, wrong) => {
    const { attempt, user } = await open();
    for (let n = 0; n < 5; n += 1) await attempt(strategy, wrong(user));
    expect(await attempt(strategy, wrong(user))).toBe('sign_in_expired @ halted: sign_in_expired');
  });

  it('lock the account, over several sign-ins', async () => {
    const { attempt, user } = await open();
    for (let n = 0; n < 5; n += 1) await attempt('totp', other(user.totp()));
    const second = await open({ user });
    for (let n = 0; n < 5; n += 1) await second.attempt('totp', other(user.totp()));
    const third = await open({ user });
    expect(await third.attempt('totp', user.totp())).toBe('locked @ halted: locked');
  });

  it('in a short time are held back until the server says', async () => {
    const paths = { '/two-factor/verify-backup-code': { window: 3_600, max: 1 } };
    const limited = await startBetterAuth({ rateLimit: { enabled: true, customRules: paths } });
    const { attempt, flow } = await open({ at: limited });
    await attempt('backup_code', 'none-of-them');
    const before = Date.now();
    expect(await attempt('backup_code', 'none-of-them')).toBe('rate_limited @ failed.throttled');
    const { hold = 0 } = flow.actor.getSnapshot().context.deadlines;
    // The wait is told in whole seconds, and ends an hour after the first of the two.
    expect(hold).toBeGreaterThan(before);
    expect(hold).toBeLessThanOrEqual(Date.now() + 3_601_000);
    await limited.close();
  });
});

const VERIFY = /^POST .*verify-totp/;
const SEND = /^POST .*send-otp/;

describe('between the client and its server', () => {
  it('a lost answer held the session: nobody can tell, and it is not called a wrong code', async () => {
    const { attempt, user, flow, isSignedIn } = await open();
    server.proxy.next(VERIFY, 'dropReply');
    expect(await attempt('totp', user.totp())).toBe('network @ failed.outcome_unknown');
    expect(await isSignedIn()).toBe(false);
    expect(await attempt('totp', user.totp())).toBe('sign_in_expired @ halted: sign_in_expired');
    expect(flow.actor.getSnapshot().output).toMatchObject({ attemptMayLand: true });
  });

  it('an answer that is cut after its headers brought the session: the right code completes', async () => {
    const { attempt, user } = await open();
    server.proxy.next(VERIFY, 'cutBody');
    expect(await attempt('totp', user.totp())).toBe('ok @ complete');
  });

  it.each<[string, ProxyFault, string]>([
    ['a request is lost', 'dropRequest', 'network'],
    ['a page comes in place of a request', HTML_PAGE, 'server_error'],
    ['a page with the status 200 does', HTML_SUCCESS, 'malformed_reply'],
  ])('%s: the outcome is unknown, and the code is good for another try', async (_, fault, code) => {
    const { attempt, user } = await open();
    server.proxy.next(VERIFY, fault);
    expect(await attempt('totp', user.totp())).toBe(`${code} @ failed.outcome_unknown`);
    expect(await attempt('totp', user.totp())).toBe('ok @ complete');
  });

  it.each<[string, ProxyFault, string]>([
    ['lost', 'dropReply', 'network'],
    ['a page', { ...HTML_PAGE, takesEffect: true }, 'server_error'],
    ['a page with the status 200', { ...HTML_SUCCESS, takesEffect: true }, 'malformed_reply'],
  ])('the answer to a prepare is %s: its code is taken', async (_, fault, code) => {
    const { prepare, attempt } = await open();
    server.proxy.next(SEND, fault);
    expect(await prepare()).toBe(`${code} @ failed.not_sent`);
    expect(await attempt('email_code', latest())).toBe('ok @ complete');
  });

  it('an answer that does not come in time: the outcome is unknown', async () => {
    const clock = new SimulatedClock();
    const { attempt, user } = await open({ clock });
    let release = () => {};
    const until = new Promise<void>((resolve) => {
      release = resolve;
    });
    server.proxy.next(VERIFY, { until });
    const step = attempt('totp', user.totp());
    await expect.poll(() => server.proxy.pending).toBe(0);
    clock.increment(30_000);
    expect(await step).toBe('timeout @ failed.outcome_unknown');
    release();
  });

  it('the session is asked for, and a page answers: the outcome is unknown', async () => {
    const { attempt, user } = await open();
    server.proxy.next(VERIFY, 'cutBody');
    server.proxy.next(/get-session/, HTML_SUCCESS);
    expect(await attempt('totp', user.totp())).toMatch(
      /^(network|server_error) @ failed\.outcome_unknown$/,
    );
  });

  it.each([
    ['a prepare', SEND, 'resend:email_code'],
    ['an attempt', VERIFY, 'hold'],
  ])('throttling of %s is waited for', async (_, match, name) => {
    const { prepare, attempt, user, flow } = await open();
    server.proxy.next(match, {
      status: 429,
      headers: { 'content-type': 'application/json', 'x-retry-after': '7' },
      body: JSON.stringify({ message: 'Too many requests. Please try again later.' }),
    });
    const before = Date.now();
    const step = match === SEND ? await prepare() : await attempt('totp', user.totp());
    expect(step).toBe('rate_limited @ failed.throttled');
    const until = flow.actor.getSnapshot().context.deadlines[name];
    expect(until).toBeGreaterThanOrEqual(before + 7_000);
    expect(until).toBeLessThanOrEqual(Date.now() + 7_000);
  });
});

describe('a client whose owner has set how it calls', () => {
  /** A flow of a client with these options, which has signed in. */
  async function openWith(fetchOptions: object) {
    const { url } = server.proxy;
    const { email, password, totp } = await signUp(url);
    const { fetch } = createCookieFetch();
    const client = createAuthClient({
      baseURL: url,
      fetchOptions: { customFetchImpl: fetch, ...fetchOptions },
      plugins: [twoFactorClient()],
    });
    await client.signIn.email({ email, password });
    const flow = createSecondFactor(betterAuth({ client }));
    const attempt = (code: string) =>
      tell(flow, flow.attemptSecondFactor({ strategy: 'totp', code }));
    return { totp, attempt, flow };
  }

  it('sends a wrong code once, although it tries again by itself', async () => {
    const { attempt, totp } = await openWith({ retry: { type: 'linear', attempts: 2, delay: 0 } });
    const before = server.proxy.log.length;
    expect(await attempt(other(totp()))).toBe('code_incorrect @ failed.code_rejected');
    expect(server.proxy.log.slice(before)).toHaveLength(1);
  });

  it('reads errors and answers, although it throws the ones and resolves with the others', async () => {
    const { attempt, totp } = await openWith({ throw: true });
    expect(await attempt(other(totp()))).toBe('code_incorrect @ failed.code_rejected');
    expect(await attempt(totp())).toBe('ok @ complete');
  });

  it('gives a request up once nobody waits for its answer', async () => {
    const signals: (AbortSignal | null | undefined)[] = [];
    const { fetch } = createCookieFetch();
    const { attempt, totp, flow } = await openWith({
      customFetchImpl: (input: string, init: RequestInit) => {
        signals.push(init.signal);
        return fetch(input, init);
      },
    });
    server.proxy.next(VERIFY, { until: new Promise(() => {}) });
    const step = attempt(totp());
    await expect.poll(() => server.proxy.pending).toBe(0);
    flow.stop();
    expect(await step).toMatch(/^cancelled/);
    expect(signals.at(-1)?.aborted).toBe(true);
  });

  it('calls the hooks of its owner too', async () => {
    const heard: number[] = [];
    const { attempt, totp } = await openWith({
      onResponse: ({ response }: { response: Response }) => {
        heard.push(response.status);
      },
    });
    heard.length = 0;
    await attempt(totp());
    expect(heard).toEqual([200]);
  });
});

describe('what better-auth calls an error', () => {
  const table = readErrorTable('backends/better-auth.md');
  const AT = 1_800_000_000_000;

  it.each(table)('%s is %s', (code, meaning) => {
    const error = betterAuthToError({ code, status: 400, message: '424242' }, AT);
    expect(error).toMatchObject({ code: meaning, cause: { status: 400, codes: [code] } });
  });

  it('leaves none of its plugin out', () => {
    const known = [...table.map(([code]) => code), 'TOTP_ALREADY_ENABLED']; // that is of enrolment
    expect(known).toEqual(expect.arrayContaining(Object.keys(TWO_FACTOR_ERROR_CODES)));
  });

  it.each([
    [{ code: 'FAILED_TO_CREATE_SESSION', status: 500 }, 'server_error'],
    [{ status: 409, message: 'Failed to verify backup code 424242.' }, 'server_error'],
    [{ code: 'constructor' }, 'server_error'],
    [{ status: 429 }, 'rate_limited'],
    [new TypeError('fetch failed'), 'network'],
    [{ name: 'AbortError' }, 'timeout'],
    [null, 'server_error'],
  ])('reads %j as %s', (value, code) => {
    const error = betterAuthToError(value, AT);
    expect(error.code).toBe(code);
    expect(JSON.stringify([error, error.message, error.cause])).not.toContain('424242');
  });
});

describe('the types', () => {
  it('take clients with the plugin, and no others', () => {
    const plugins = [twoFactorClient()];
    betterAuth({ client: createAuthClient({ plugins }) });
    betterAuth({ client: createReactClient({ plugins }) });
    // @ts-expect-error without the plugin there is no `twoFactor`
    betterAuth({ client: createAuthClient({}) });
  });
});
