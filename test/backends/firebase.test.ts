import {
  type CreateSecondFactorOptions,
  createSecondFactor,
  type SecondFactorErrorCode,
} from 'second-factor';
import { firebase, firebaseToError } from 'second-factor/firebase';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { SimulatedClock } from 'xstate';
import { readErrorTable } from '../support/error-table.ts';
import {
  type FaultProxy,
  HTML_PAGE,
  type ProxyFault,
  startFaultProxy,
} from './support/fault-proxy.ts';
import { type FirebaseAuth, loadFirebaseAuth, openFirebase, verifier } from './support/firebase.ts';
import {
  APP_1,
  APP_2,
  type FirebaseStub,
  PHONE,
  startFirebaseStub,
} from './support/firebase-stub.ts';
import { tell, whereIs } from './support/tell.ts';

// The real SDK of Firebase on a stub of its server, for authenticator apps and for the errors. Text messages
// are sent by its emulator, in slow/firebase.test.ts.

const FINALIZE = /^POST .*mfaSignIn:finalize/;
const START = /^POST .*mfaSignIn:start/;
const APP = { strategy: 'totp', totpId: APP_1 };
const SMS = { strategy: 'phone_code', phoneNumberId: PHONE };

let sdk: FirebaseAuth;
let server: FirebaseStub;
let proxy: FaultProxy;
beforeAll(async () => {
  sdk = await loadFirebaseAuth();
  server = await startFirebaseStub();
  proxy = await startFaultProxy(server.url);
  vi.spyOn(console, 'log').mockImplementation(() => {}); // the SDK writes there that it has no reCAPTCHA
});
afterAll(async () => {
  vi.restoreAllMocks();
  await proxy.close();
  await server.close();
});

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

async function open(options: Partial<CreateSecondFactorOptions> = {}) {
  const { auth, signIn, close } = await openFirebase(sdk, proxy.url, 'ada@example.com');
  closing.push(close);
  const resolver = await signIn();
  const flow = createSecondFactor({ ...firebase({ auth, resolver, sdk, verifier }), ...options });
  return {
    auth,
    signIn,
    resolver,
    flow,
    code: (id = APP_1) => server.apps[id]?.generate() ?? '',
    attempt: (params: Parameters<typeof flow.attemptSecondFactor>[0]) =>
      tell(flow, flow.attemptSecondFactor(params)),
  };
}

const answer = (message: string, status = 400): ProxyFault => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ error: { code: status, message } }),
});

describe('an authenticator app', () => {
  it('is offered by its name, beside the phones', async () => {
    const { flow } = await open();
    expect(flow.actor.getSnapshot().context.signIn.supportedSecondFactors).toEqual([
      { ...APP, safeIdentifier: 'My phone' },
      { strategy: 'totp', totpId: APP_2, safeIdentifier: '' },
      { ...SMS, safeIdentifier: '+*******0100' },
    ]);
  });

  it.each([APP_1, APP_2])('is verified: %s', async (totpId) => {
    const { attempt, code, auth } = await open();
    const other = totpId === APP_1 ? APP_2 : APP_1;
    expect(await attempt({ ...APP, totpId, code: code(other) })).toBe(
      'code_incorrect @ failed.code_rejected',
    );
    expect(await attempt({ ...APP, totpId, code: code(totpId) })).toBe('ok @ complete');
    expect(auth.currentUser?.email).toBe('ada@example.com');
  });

  it.each<readonly [string, ProxyFault]>([
    ['the reply', 'dropReply'],
    ['half of the body', 'cutBody'],
    ['the request', 'dropRequest'],
    ['a page in place of the reply', { ...HTML_PAGE, takesEffect: true }],
    ['a page that says 200', { ...HTML_PAGE, status: 200, takesEffect: true }],
  ])('is no wrong code where %s is lost', async (_, fault) => {
    const { attempt, code } = await open();
    proxy.next(FINALIZE, fault);
    expect(await attempt({ ...APP, code: code() })).toBe('network @ failed.outcome_unknown');
    expect(await attempt({ ...APP, code: code() })).toBe('ok @ complete');
  });

  it('leaves it open whether a lost attempt lands', async () => {
    const { attempt, code, flow } = await open();
    proxy.next(FINALIZE, 'dropReply');
    await attempt({ ...APP, code: code() });
    flow.actor.send({ type: 'CANCEL' });
    expect(flow.actor.getSnapshot().output).toMatchObject({ attemptMayLand: true });
  });

  it('is not verified by an answer without tokens', async () => {
    const { attempt, code } = await open();
    const empty = { status: 200, headers: { 'content-type': 'application/json' }, body: '{}' };
    proxy.next(FINALIZE, empty);
    expect(await attempt({ ...APP, code: code() })).toBe('server_error @ failed.outcome_unknown');
  });
});

describe('a resolver that resolves', () => {
  it('with no user is no success', async () => {
    const { auth, resolver } = await open();
    const { session, hints } = resolver;
    const lying = { session, hints, resolveSignIn: async () => ({}) };
    const flow = createSecondFactor(firebase({ auth, resolver: lying, sdk }));
    expect(await tell(flow, flow.attemptSecondFactor({ ...APP, code: '123456' }))).toBe(
      'malformed_reply @ failed.outcome_unknown',
    );
  });

  it('with no verification id has sent nothing', async () => {
    const { flow } = await open();
    const body = JSON.stringify({ phoneResponseInfo: {} });
    proxy.next(START, { status: 200, headers: { 'content-type': 'application/json' }, body });
    expect(await tell(flow, flow.prepareSecondFactor(SMS))).toBe(
      'malformed_reply @ failed.not_sent',
    );
  });
});

describe('a sign-in', () => {
  it('is named by the first factor, so that a later one of the same user goes on', async () => {
    const { auth, signIn, flow } = await open();
    await flow.prepareSecondFactor(SMS);
    const resume = flow.bookmark();
    const again = firebase({ auth, resolver: await signIn(), sdk, verifier });
    expect(whereIs(createSecondFactor({ ...again, resume }))).toBe('prepared');
    const { session, hints } = await signIn();
    const other = { session, hints: hints.slice(1), resolveSignIn: async () => ({}) };
    const others = createSecondFactor({ ...firebase({ auth, resolver: other, sdk }), resume });
    expect(whereIs(others)).toBe('needs_second_factor');
    const named = firebase({ auth, resolver: await signIn(), sdk, id: 'another' });
    expect(whereIs(createSecondFactor({ ...named, resume }))).toBe('needs_second_factor');
  });

  it('waits for people who solve a captcha', async () => {
    const clock = new SimulatedClock();
    const { auth, resolver } = await open();
    let solve = (_: string) => {};
    const asked = vi.fn(() => new Promise<string>((resolve) => (solve = resolve)));
    const made = firebase({ auth, resolver, sdk, verifier: { ...verifier, verify: asked } });
    const flow = createSecondFactor({ ...made, clock });
    const sent = tell(flow, flow.prepareSecondFactor(SMS));
    await vi.waitFor(() => expect(asked).toHaveBeenCalled());
    clock.increment(179_000);
    expect(whereIs(flow)).toBe('preparing');
    solve('a token');
    expect(await sent).toBe('ok @ prepared');
  });
});

describe('the codes of the server', () => {
  it.each<readonly [string, SecondFactorErrorCode]>([
    ['INVALID_CODE', 'code_incorrect'],
    ['MISSING_CODE', 'code_malformed'],
    ['SESSION_EXPIRED', 'code_expired'],
    ['INVALID_SESSION_INFO', 'not_prepared'],
    ['MISSING_SESSION_INFO', 'not_prepared'],
    ['TOO_MANY_ATTEMPTS_TRY_LATER : Try again later.', 'rate_limited'],
    ['QUOTA_EXCEEDED : Exceeded quota for verifying.', 'delivery_failed'],
    ['CAPTCHA_CHECK_FAILED', 'delivery_failed'],
    ['INVALID_APP_CREDENTIAL', 'delivery_failed'],
    ['INVALID_RECAPTCHA_TOKEN', 'delivery_failed'],
    ['MFA_ENROLLMENT_NOT_FOUND', 'strategy_unavailable'],
    ['OPERATION_NOT_ALLOWED : SMS based MFA not enabled.', 'strategy_unavailable'],
    ['BILLING_NOT_ENABLED', 'strategy_unavailable'],
    ['USER_DISABLED', 'locked'],
    ['INVALID_MFA_PENDING_CREDENTIAL', 'sign_in_expired'],
    ['MISSING_MFA_PENDING_CREDENTIAL', 'sign_in_expired'],
    ['USER_NOT_FOUND', 'sign_in_expired'],
    ['INVALID_API_KEY', 'integration_fault'],
    ['RECAPTCHA_NOT_ENABLED', 'integration_fault'],
    ['MISSING_CLIENT_TYPE', 'integration_fault'],
    ['BLOCKING_FUNCTION_ERROR_RESPONSE : HTTP Cloud Function returned an error.', 'server_error'],
  ])('are read by way of the SDK: %s', async (message, expected) => {
    const { flow, code } = await open();
    proxy.next(FINALIZE, answer(message));
    const refused = flow.attemptSecondFactor({ ...APP, code: code() });
    await expect(refused).rejects.toMatchObject({ code: expected });
  });

  it('come without a word of the server, which may repeat what was typed', async () => {
    const raw: unknown[] = [];
    const { flow } = await open({ onRejection: (one) => raw.push(one) });
    proxy.next(FINALIZE, answer('INVALID_CODE : The code 424242 is wrong.'));
    const refused = await flow
      .attemptSecondFactor({ ...APP, code: '424242' })
      .catch((reason) => reason);
    expect(String(raw[0])).toContain('424242');
    expect(refused.message).not.toContain('424242');
    expect(refused.cause).toEqual({
      name: 'FirebaseError',
      codes: ['auth/invalid-verification-code'],
    });
  });
});

describe('the table of docs/backends/firebase.md', () => {
  const rows = readErrorTable('backends/firebase.md');

  it.each(rows)('says what %s means: %s', (code, ours) => {
    expect(firebaseToError({ code }, 0).code).toBe(ours);
  });

  it('has every code of the SDK that has to do with a second factor', () => {
    const listed = rows.map(([code]) => code);
    const concerned = Object.values(sdk.AuthErrorCodes).filter((code) =>
      /multi-factor-(session|info)|verification-(code|id)|recaptcha|captcha|code-expired|quota|too-many/.test(
        code,
      ),
    );
    expect(concerned.length).toBeGreaterThan(10);
    expect(concerned.filter((code) => !listed.includes(code))).toEqual([]);
  });

  it('leaves what it does not name to the status and the way of the error', () => {
    expect(firebaseToError({ code: 'auth/internal-error' }, 0).code).toBe('server_error');
    expect(firebaseToError(new TypeError('Failed to fetch'), 0).code).toBe('network');
  });
});
