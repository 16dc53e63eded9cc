import { AuthClient } from '@supabase/auth-js';
import { build } from 'esbuild';
import {
  type CreateSecondFactorOptions,
  createSecondFactor,
  isSecondFactorError,
  type SecondFactorErrorCode,
} from 'second-factor';
import { supabase } from 'second-factor/supabase';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SimulatedClock } from 'xstate';
import { HTML_PAGE, type ProxyFault, startFaultProxy } from './support/fault-proxy.ts';
import {
  APP_1,
  APP_2,
  HEADERS,
  PHONE_1,
  PHONE_2,
  REFUSALS,
  type SupabaseAuthOptions,
  startSupabaseAuth,
} from './support/supabase-auth.ts';
import { tell, whereIs } from './support/tell.ts';

// The real client of Supabase on a stub of its server, over loopback.

const FIRST = { strategy: 'phone_code', phoneNumberId: PHONE_1 };
const SECOND = { strategy: 'phone_code', phoneNumberId: PHONE_2 };
const CHALLENGE = /^POST .*challenge$/;
const VERIFY = /^POST .*verify$/;

const closing: (() => Promise<void>)[] = [];
beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(() => {}); // auth-js writes each failed fetch there
});
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(closing.splice(0).map((close) => close()));
});

interface Setup extends SupabaseAuthOptions {
  readonly flow?: Partial<CreateSecondFactorOptions>;
  readonly Client?: typeof AuthClient;
}

/** A client that has signed in with a password. */
async function open({ flow: options, Client = AuthClient, ...server }: Setup = {}) {
  const backend = await startSupabaseAuth(server);
  const proxy = await startFaultProxy(backend.url);
  closing.push(proxy.close, backend.close);
  let ip = '192.0.2.1';
  const newClient = () =>
    new Client({
      url: proxy.url,
      autoRefreshToken: false,
      persistSession: false,
      fetch: (input, init) => {
        const headers = new Headers(init?.headers);
        headers.set('x-forwarded-for', ip);
        return fetch(input, { ...init, headers });
      },
    });
  const auth = newClient();
  const signInAgain = () => auth.signInWithPassword({ email: 'ada@example.com', password: 'x' });
  await signInAgain();
  const start = async (more?: Partial<CreateSecondFactorOptions>) =>
    createSecondFactor({ ...(await supabase({ client: { auth } })), ...options, ...more });
  const flow = await start();
  return {
    ...backend,
    proxy,
    auth,
    newClient,
    signInAgain,
    start,
    flow,
    moveTo: (address: string) => {
      ip = address;
    },
    code: () => backend.outbox.at(-1)?.code ?? '',
    wrong: () => (backend.outbox.at(-1)?.code === '000000' ? '000001' : '000000'),
    app: (id: string) => backend.apps[id]?.generate() ?? '',
    level: async () => (await auth.mfa.getAuthenticatorAssuranceLevel()).data?.currentLevel,
    prepare: (params = FIRST) => tell(flow, flow.prepareSecondFactor(params)),
    attempt: (params: Parameters<typeof flow.attemptSecondFactor>[0]) =>
      tell(flow, flow.attemptSecondFactor(params)),
  };
}

const json = (status: number, body: object, more: object = {}): ProxyFault => ({
  status,
  headers: HEADERS,
  body: JSON.stringify(body),
  ...more,
});

describe('factors', () => {
  it('are those whose enrolment was finished, phones masked', async () => {
    const { flow } = await open();
    expect(flow.actor.getSnapshot().context.signIn.supportedSecondFactors).toEqual([
      { strategy: 'totp', totpId: APP_1, safeIdentifier: 'My phone' },
      { strategy: 'totp', totpId: APP_2, safeIdentifier: 'Key ring' },
      { ...FIRST, safeIdentifier: '****0100' },
      { ...SECOND, safeIdentifier: '****0101' },
    ]);
  });

  it.each([APP_1, APP_2])('are verified by the app %s', async (totpId) => {
    const { attempt, app, level, proxy } = await open();
    const other = totpId === APP_1 ? APP_2 : APP_1;
    expect(await attempt({ strategy: 'totp', totpId, code: app(other) })).toBe(
      'code_incorrect @ failed.code_rejected',
    );
    expect(await attempt({ strategy: 'totp', totpId, code: app(totpId) })).toBe('ok @ complete');
    expect(await level()).toBe('aal2');
    const asked = proxy.log.filter(({ request }) => request.includes('/factors/'));
    expect(asked.map(({ request }) => request.split('/').at(-1))).toEqual([
      'challenge',
      'verify',
      'challenge',
      'verify',
    ]);
  });

  it('are verified by the second phone', async () => {
    const { prepare, attempt, code, wrong, outbox, level } = await open();
    expect(await prepare(SECOND)).toBe('ok @ prepared');
    expect(outbox.at(-1)?.to).toBe('15550101');
    expect(await attempt({ ...SECOND, code: wrong() })).toBe(
      'code_incorrect @ failed.code_rejected',
    );
    expect(await attempt({ ...SECOND, code: code() })).toBe('ok @ complete');
    expect(await level()).toBe('aal2');
  });

  it('stay live side by side', async () => {
    const { prepare, attempt, code } = await open();
    await prepare(FIRST);
    const first = code();
    await prepare(SECOND);
    expect(await attempt({ ...FIRST, code: first })).toBe('ok @ complete');
  });

  it('are sent a message again after a minute, as the server wants it', async () => {
    const { flow, prepare } = await open();
    const before = Date.now();
    await prepare();
    const until = Number(flow.bookmark().deadlines[`resend:phone_code/${PHONE_1}`]);
    expect(until).toBeGreaterThanOrEqual(before + 60_000);
    expect(until).toBeLessThanOrEqual(Date.now() + 60_000);
  });

  it('can be reached by WhatsApp', async () => {
    const { auth, newClient } = await open();
    const other = newClient();
    const spy = vi.spyOn(other.mfa, 'challenge');
    await other.setSession({
      access_token: (await auth.getSession()).data.session?.access_token ?? '',
      refresh_token: 'unused',
    });
    const flow = createSecondFactor(
      await supabase({ client: { auth: other }, channel: 'whatsapp' }),
    );
    await flow.prepareSecondFactor(FIRST);
    expect(spy).toHaveBeenCalledWith({ factorId: PHONE_1, channel: 'whatsapp' });
  });
});

describe('a start', () => {
  it('is complete where the session was lifted already', async () => {
    const { attempt, app, start } = await open();
    await attempt({ strategy: 'totp', totpId: APP_1, code: app(APP_1) });
    expect(whereIs(await start())).toBe('complete');
  });

  it('is refused where nobody is signed in', async () => {
    const { newClient } = await open();
    await expect(supabase({ client: { auth: newClient() } })).rejects.toMatchObject({
      code: 'sign_in_expired',
    });
  });

  it('is refused where the access token names no session', async () => {
    const { auth } = await open();
    const answer = await auth.getSession();
    if (answer.data.session) answer.data.session.access_token = 'opaque';
    vi.spyOn(auth, 'getSession').mockResolvedValue(answer);
    await expect(supabase({ client: { auth } })).rejects.toMatchObject({ code: 'sign_in_expired' });
  });

  it.each([
    ['dropRequest', 'network'],
    [HTML_PAGE, 'server_error'],
    [{ status: 404, body: '<!doctype html>' }, 'server_error'],
  ] as const)('is refused where the factors can not be had: %o', async (fault, code) => {
    const { auth, proxy } = await open();
    proxy.next(/^GET .*user/, fault);
    const refused = await supabase({ client: { auth } }).catch((reason) => reason);
    expect(isSecondFactorError(refused) && refused.code).toBe(code);
  });
});

describe('a reload of the page', () => {
  it('finds the message that was sent, and its challenge', async () => {
    const { flow, prepare, start, code, outbox } = await open();
    await prepare();
    const resume = JSON.parse(JSON.stringify(flow.bookmark()));
    flow.stop();
    const resumed = await start({ resume });
    expect(whereIs(resumed)).toBe('prepared');
    expect(await tell(resumed, resumed.attemptSecondFactor({ ...FIRST, code: code() }))).toBe(
      'ok @ complete',
    );
    expect(outbox).toHaveLength(1);
  });

  it('does not take over from an earlier sign-in of the same user', async () => {
    const { flow, prepare, start, signInAgain } = await open();
    await prepare();
    const resume = flow.bookmark();
    await signInAgain();
    expect(whereIs(await start({ resume }))).toBe('needs_second_factor');
  });
});

describe('a lost reply', () => {
  const LOST: readonly (readonly [string, ProxyFault, boolean])[] = [
    ['the reply', 'dropReply', true],
    ['half of the body', 'cutBody', true],
    ['a page in place of the reply', { ...HTML_PAGE, takesEffect: true }, true],
    ['a page that says 200', { ...HTML_PAGE, status: 200, takesEffect: true }, true],
    ['the request', 'dropRequest', false],
    ['a page in place of the server', HTML_PAGE, false],
    ['a time-out of the server', json(504, {}), false],
  ];

  it.each(LOST)('to a phone (%s) is no wrong code', async (_, fault, tookEffect) => {
    const { prepare, attempt, code, proxy, advance } = await open();
    await prepare();
    proxy.next(VERIFY, fault);
    expect(await attempt({ ...FIRST, code: code() })).toMatch(/ @ failed\.outcome_unknown$/);
    if (tookEffect) {
      // The challenge is spent: the answer says so in the words of a change of address.
      expect(await attempt({ ...FIRST, code: code() })).toBe('code_expired @ failed.code_spent');
      advance(60_000);
      expect(await prepare()).toBe('ok @ prepared');
    }
    expect(await attempt({ ...FIRST, code: code() })).toBe('ok @ complete');
    expect(proxy.pending).toBe(0);
  });

  it.each(LOST)('to an app (%s) is no wrong code', async (_, fault) => {
    const { attempt, app, proxy } = await open();
    proxy.next(VERIFY, fault);
    const again = () => attempt({ strategy: 'totp', totpId: APP_1, code: app(APP_1) });
    expect(await again()).toMatch(/ @ failed\.outcome_unknown$/);
    expect(await again()).toBe('ok @ complete');
  });

  it('leaves it open whether the attempt lands', async () => {
    const { flow, attempt, app, proxy } = await open();
    proxy.next(VERIFY, 'dropReply');
    await attempt({ strategy: 'totp', totpId: APP_1, code: app(APP_1) });
    flow.actor.send({ type: 'CANCEL' });
    expect(flow.actor.getSnapshot().output).toMatchObject({
      reason: 'cancelled',
      attemptMayLand: true,
    });
  });

  it('to a request for a message makes its code useless, and says so', async () => {
    const { prepare, attempt, code, proxy, advance } = await open();
    proxy.next(CHALLENGE, 'dropReply');
    expect(await prepare()).toBe('network @ failed.not_sent');
    expect(await attempt({ ...FIRST, code: code() })).toBe('not_prepared @ failed.code_spent');
    advance(60_000);
    expect(await prepare()).toBe('ok @ prepared');
    expect(await attempt({ ...FIRST, code: code() })).toBe('ok @ complete');
  });

  it('that comes late is heard of', async () => {
    const clock = new SimulatedClock();
    const { flow, app, proxy, level } = await open({ flow: { clock } });
    let release = () => {};
    proxy.next(VERIFY, { until: new Promise<void>((resolve) => (release = resolve)) });
    const attempt = tell(
      flow,
      flow.attemptSecondFactor({ strategy: 'totp', totpId: APP_1, code: app(APP_1) }),
    );
    await vi.waitFor(() => expect(proxy.pending).toBe(0));
    clock.increment(30_000);
    expect(await attempt).toBe('timeout @ failed.outcome_unknown');
    release();
    await vi.waitFor(() => expect(whereIs(flow)).toBe('complete'));
    expect(await level()).toBe('aal2');
  });
});

describe('an answer that resolves', () => {
  it.each([
    ['nothing', {}],
    ['a session that was not lifted', { access_token: `a.${btoa('{"aal":"aal1"}')}.c` }],
    ['a lifted session of another', { access_token: `a.${btoa('{"aal":"aal2"}')}.c` }],
    ['junk for a token', { access_token: 'x', expires_in: 3_600 }],
  ])('with %s is no success', async (_, body) => {
    const { attempt, app, proxy } = await open();
    proxy.next(VERIFY, json(200, body));
    expect(await attempt({ strategy: 'totp', totpId: APP_1, code: app(APP_1) })).toBe(
      'malformed_reply @ failed.outcome_unknown',
    );
  });

  it('without a challenge has sent nothing', async () => {
    const { prepare, proxy } = await open();
    proxy.next(CHALLENGE, json(200, {}));
    expect(await prepare()).toBe('malformed_reply @ failed.not_sent');
  });
});

describe('what the server refuses by its own rules', () => {
  it('is a code from another network than the message was asked from', async () => {
    const { prepare, attempt, code, moveTo } = await open();
    await prepare();
    moveTo('198.51.100.7');
    expect(await attempt({ ...FIRST, code: code() })).toBe('code_expired @ failed.code_spent');
  });

  it('is a challenge that is too old', async () => {
    const { prepare, attempt, code, advance } = await open();
    await prepare();
    advance(300_001);
    expect(await attempt({ ...FIRST, code: code() })).toBe('code_expired @ failed.code_spent');
  });

  it('is a wrong code, which Twilio Verify calls wrong or too old', async () => {
    const { prepare, attempt, wrong } = await open({ twilioVerify: true });
    await prepare();
    expect(await attempt({ ...FIRST, code: wrong() })).toBe(
      'code_incorrect @ failed.code_rejected',
    );
  });

  it('is an attempt that a hook rejects, and the user is signed out', async () => {
    const { attempt, app, start } = await open({ rejects: true });
    expect(await attempt({ strategy: 'totp', totpId: APP_1, code: app(APP_1) })).toBe(
      'locked @ halted: locked',
    );
    await expect(start()).rejects.toMatchObject({ code: 'sign_in_expired' });
  });

  it('is a session that was ended elsewhere, in an error without a code', async () => {
    const { prepare, endSessions } = await open();
    endSessions();
    expect(await prepare()).toBe('sign_in_expired @ halted: sign_in_expired');
  });

  it('is a second message within a minute, and how long that takes is read from the text', async () => {
    const { flow, proxy } = await open({ flow: { now: () => 1_000_000 } });
    const [status, code, message] = REFUSALS.over_sms_send_rate_limit;
    proxy.next(CHALLENGE, json(status, { code, message }));
    const refused = await flow.prepareSecondFactor(FIRST).catch((reason) => reason);
    expect(refused).toMatchObject({ code: 'rate_limited', retryAt: 1_042_000 });
  });
});

describe('the codes of the server', () => {
  const MEANINGS: Readonly<Record<keyof typeof REFUSALS, SecondFactorErrorCode>> = {
    no_authorization: 'sign_in_expired',
    bad_jwt: 'sign_in_expired',
    user_not_found: 'sign_in_expired',
    session_not_found: 'sign_in_expired',
    user_banned: 'locked',
    factor_not_found: 'strategy_unavailable',
    factor_is_no_uuid: 'integration_fault',
    bad_json: 'integration_fault',
    over_request_rate_limit: 'rate_limited',
    over_sms_send_rate_limit: 'rate_limited',
    channel_invalid: 'integration_fault',
    sms_send_failed: 'delivery_failed',
    phone_disabled: 'strategy_unavailable',
    totp_disabled: 'strategy_unavailable',
    code_empty: 'integration_fault',
    challenge_not_found: 'code_expired',
    ip_mismatch: 'code_expired',
    challenge_expired: 'code_expired',
    totp_incorrect: 'code_incorrect',
    phone_incorrect: 'code_incorrect',
    twilio_refused: 'code_incorrect',
    hook_rejected: 'locked',
    hook_timeout: 'server_error',
    hook_timeout_after_retry: 'server_error',
    refresh_token_not_found: 'sign_in_expired',
    refresh_token_already_used: 'sign_in_expired',
    session_expired: 'sign_in_expired',
    unexpected_failure: 'server_error',
    request_timeout: 'timeout',
  };

  it.each(Object.entries(MEANINGS))('read %s as %s', async (name, expected) => {
    const { flow, proxy } = await open();
    await flow.prepareSecondFactor(FIRST);
    // SAFETY: the keys of the one are those of the other.
    const [status, code, message] = REFUSALS[name as keyof typeof REFUSALS];
    proxy.next(VERIFY, json(status, { code, message }));
    const refused = flow.attemptSecondFactor({ ...FIRST, code: '424242' });
    await expect(refused).rejects.toMatchObject({ code: expected });
  });

  it('come without a word of the server, which may repeat what was typed', async () => {
    const raw: unknown[] = [];
    const { flow, proxy } = await open({ flow: { onRejection: (one) => raw.push(one) } });
    await flow.prepareSecondFactor(FIRST);
    const echo = { code: 'mfa_verification_failed', message: 'Invalid code 424242 entered' };
    proxy.next(VERIFY, json(422, echo));
    const refused = await flow
      .attemptSecondFactor({ ...FIRST, code: '424242' })
      .catch((reason) => reason);
    expect(String(raw[0])).toContain('424242');
    expect(refused.cause).toEqual({
      name: 'AuthApiError',
      status: 422,
      codes: ['mfa_verification_failed'],
    });
    expect(refused.message).not.toContain('424242');
  });

  it.each([
    [429, {}, 'rate_limited'],
    [418, { code: 'constructor' }, 'server_error'],
    [503, {}, 'server_error'],
  ])('that are not known are read by the status: %s', async (status, body, expected) => {
    const { flow, proxy } = await open();
    await flow.prepareSecondFactor(FIRST);
    proxy.next(VERIFY, json(status, body));
    const refused = flow.attemptSecondFactor({ ...FIRST, code: '424242' });
    await expect(refused).rejects.toMatchObject({ code: expected });
  });

  it('are read from a client whose classes have other names', async () => {
    const { outputFiles } = await build({
      stdin: {
        contents: "export { AuthClient } from '@supabase/auth-js'",
        resolveDir: import.meta.dirname,
      },
      bundle: true,
      minify: true,
      format: 'esm',
      write: false,
    });
    const text = Buffer.from(outputFiles[0]?.contents ?? []).toString('base64');
    const minified = await import(/* @vite-ignore */ `data:text/javascript;base64,${text}`);
    const { attempt, endSessions, prepare } = await open({ Client: minified.AuthClient });
    expect(minified.AuthClient.name).not.toBe('AuthClient');
    expect(await attempt({ strategy: 'totp', totpId: APP_1, code: '000000' })).toMatch(
      /^code_incorrect/,
    );
    endSessions();
    expect(await prepare()).toBe('sign_in_expired @ halted: sign_in_expired');
  });
});

describe('a flow that is stopped', () => {
  it('no longer listens to the client', async () => {
    const { auth, start } = await open();
    const listen = vi.spyOn(auth, 'onAuthStateChange');
    const flow = await start();
    const { data } = listen.mock.results[0]?.value ?? {};
    const unsubscribe = vi.spyOn(data.subscription, 'unsubscribe');
    flow.stop();
    expect(unsubscribe).toHaveBeenCalledOnce();
  });
});
