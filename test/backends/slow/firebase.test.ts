import { createSecondFactor } from 'second-factor';
import { firebase } from 'second-factor/firebase';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type FaultProxy,
  HTML_PAGE,
  type ProxyFault,
  startFaultProxy,
} from '../support/fault-proxy.ts';
import {
  type FirebaseAuth,
  loadFirebaseAuth,
  openFirebase,
  verifier,
} from '../support/firebase.ts';
import { type FirebaseEmulator, startFirebaseEmulator } from '../support/firebase-emulator.ts';
import { tell, whereIs } from '../support/tell.ts';

// The real SDK of Firebase on its Auth emulator: text messages.

const START = /^POST .*mfaSignIn:start/;
const FINALIZE = /^POST .*mfaSignIn:finalize/;

let sdk: FirebaseAuth;
let emulator: FirebaseEmulator;
let proxy: FaultProxy;
beforeAll(async () => {
  sdk = await loadFirebaseAuth();
  emulator = await startFirebaseEmulator();
  proxy = await startFaultProxy(emulator.url);
  vi.spyOn(console, 'log').mockImplementation(() => {}); // the SDK writes there that it has no reCAPTCHA
});
afterAll(async () => {
  vi.restoreAllMocks();
  await proxy?.close();
  await emulator?.close();
});

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

let users = 0;
/** A user of its own, who has signed in with a password. */
async function open() {
  const email = `user-${users++}@example.com`;
  const { localId } = await emulator.createUser(email);
  const before = (await emulator.sent()).length;
  const { auth, signIn, close } = await openFirebase(sdk, proxy.url, email);
  closing.push(close);
  const resolver = await signIn();
  const flow = createSecondFactor(firebase({ auth, resolver, sdk, verifier }));
  const [first, second] = resolver.hints.map(({ uid }) => ({
    strategy: 'phone_code',
    phoneNumberId: uid,
  }));
  if (!first || !second) throw new Error('The user has two phones.');
  return {
    auth,
    signIn,
    resolver,
    flow,
    first,
    second,
    localId,
    sent: async () => (await emulator.sent()).slice(before),
    code: async () => (await emulator.sent()).at(-1)?.code ?? '',
    prepare: (params = first) => tell(flow, flow.prepareSecondFactor(params)),
    attempt: (code: string, params = first) =>
      tell(flow, flow.attemptSecondFactor({ ...params, code })),
  };
}

describe('a phone', () => {
  it('is offered masked, as the server shows it', async () => {
    const { flow } = await open();
    const { supportedSecondFactors } = flow.actor.getSnapshot().context.signIn;
    expect(supportedSecondFactors.map(({ safeIdentifier }) => safeIdentifier)).toEqual([
      expect.stringMatching(/^\+\*+\d{4}$/),
      expect.stringMatching(/^\+\*+\d{4}$/),
    ]);
  });

  it('is verified, and the user is signed in', async () => {
    const { prepare, attempt, second, sent, code, auth, localId } = await open();
    expect(await prepare(second)).toBe('ok @ prepared');
    expect(await sent()).toHaveLength(1);
    const right = await code();
    expect(await attempt(right === '000000' ? '000001' : '000000', second)).toBe(
      'code_incorrect @ failed.code_rejected',
    );
    expect(await attempt(right, second)).toBe('ok @ complete');
    expect(auth.currentUser?.uid).toBe(localId);
  });

  it('stays live beside the other one', async () => {
    const { prepare, attempt, first, second, code, sent } = await open();
    await prepare(first);
    const right = await code();
    await prepare(second);
    expect(new Set((await sent()).map(({ phoneNumber }) => phoneNumber)).size).toBe(2);
    expect(await attempt(right, first)).toBe('ok @ complete');
  });
});

describe('a reload of the page', () => {
  it('goes on once the password was typed again, and sends nothing', async () => {
    const { prepare, flow, auth, signIn, first, code, sent } = await open();
    await prepare();
    const resume = JSON.parse(JSON.stringify(flow.bookmark()));
    flow.stop();
    const again = firebase({ auth, resolver: await signIn(), sdk, verifier });
    const resumed = createSecondFactor({ ...again, resume });
    expect(whereIs(resumed)).toBe('prepared');
    expect(await sent()).toHaveLength(1);
    const attempt = resumed.attemptSecondFactor({ ...first, code: await code() });
    expect(await tell(resumed, attempt)).toBe('ok @ complete');
  });
});

describe('a lost reply', () => {
  it.each<readonly [string, ProxyFault, boolean]>([
    ['the reply', 'dropReply', true],
    ['half of the body', 'cutBody', true],
    ['a page in place of the reply', { ...HTML_PAGE, takesEffect: true }, true],
    ['a page that says 200', { ...HTML_PAGE, status: 200, takesEffect: true }, true],
    ['the request', 'dropRequest', false],
    ['a page in place of the server', HTML_PAGE, false],
  ])('to an attempt (%s) is no wrong code', async (_, fault, tookEffect) => {
    const { prepare, attempt, code, auth } = await open();
    await prepare();
    proxy.next(FINALIZE, fault);
    const right = await code();
    expect(await attempt(right)).toBe('network @ failed.outcome_unknown');
    expect(auth.currentUser).toBeNull();
    if (tookEffect) {
      // The code was right and is spent.
      expect(await attempt(right)).toBe('not_prepared @ failed.code_spent');
      expect(await prepare()).toBe('ok @ prepared');
    }
    expect(await attempt(await code())).toBe('ok @ complete');
  });

  it('leaves it open whether the attempt lands', async () => {
    const { prepare, attempt, code, flow } = await open();
    await prepare();
    proxy.next(FINALIZE, 'dropReply');
    await attempt(await code());
    flow.actor.send({ type: 'CANCEL' });
    expect(flow.actor.getSnapshot().output).toMatchObject({ attemptMayLand: true });
  });

  it('to a prepare makes its code useless, and says so', async () => {
    const { prepare, attempt, code, sent } = await open();
    proxy.next(START, 'dropReply');
    expect(await prepare()).toBe('network @ failed.not_sent');
    expect(await sent()).toHaveLength(1);
    expect(await attempt(await code())).toBe('not_prepared @ failed.code_spent');
    expect(await prepare()).toBe('ok @ prepared');
    expect(await attempt(await code())).toBe('ok @ complete');
  });
});

describe('what the server refuses', () => {
  it('is a user who was disabled meanwhile', async () => {
    const { prepare, attempt, code, localId } = await open();
    await prepare();
    await emulator.disableUser(localId);
    expect(await attempt(await code())).toBe('locked @ halted: locked');
  });
});
