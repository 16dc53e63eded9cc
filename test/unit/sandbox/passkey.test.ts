import { describe, expect, it, vi } from 'vitest';
import {
  createSandbox,
  DEFAULT_USER,
  type SandboxPasskeyOptions,
  sandboxServices,
} from '../../../src/sandbox/index.ts';
import { refusalOf, rejectionOf, simulateUnhurried } from './support.ts';
import { connect } from './support-http.ts';

// Whether a signature is right is told in test/backends/passkey.test.ts, by the library that checks it.
// Here a stub says yes or no, in time that the test takes.

const PASSKEY = { strategy: 'passkey' };
type Check = SandboxPasskeyOptions['verifyAuthenticationResponse'];
const YES: Check = async () => ({ verified: true, authenticationInfo: { newCounter: 1 } });
const NO: Check = async () => ({ verified: false, authenticationInfo: { newCounter: 1 } });

/** A sandbox whose user has a passkey, and one sign-in. */
function open(
  check: Check = YES,
  options: Omit<SandboxPasskeyOptions, 'verifyAuthenticationResponse'> = {},
) {
  const verifyAuthenticationResponse = vi.fn(check);
  const { sandbox, clock } = simulateUnhurried({
    users: [{ ...DEFAULT_USER, passkeys: true }],
    passkeys: { verifyAuthenticationResponse, ...options },
  });
  const { id } = sandbox.signIn();
  const services = sandbox.services(id);
  const ask = async () => {
    const { secondFactorVerification } = await services.prepareSecondFactor(PASSKEY);
    return secondFactorVerification?.challenge ?? '';
  };
  const answer = (challenge: string) =>
    services.attemptSecondFactor({ strategy: 'passkey' }, { challenge });
  return { sandbox, clock, id, services, ask, answer, check: verifyAuthenticationResponse };
}

describe('a passkey', () => {
  it('is a factor without an id', () => {
    const { sandbox } = open();
    expect(sandbox.signIn().supportedSecondFactors).toContainEqual({ strategy: 'passkey' });
  });

  it('is asked by a challenge that names it, and nothing is sent', async () => {
    const { ask, sandbox } = open();
    expect(JSON.parse(await ask())).toEqual({
      challenge: expect.stringMatching(/^[\w-]{32}$/),
      rpId: 'localhost',
      allowCredentials: [{ type: 'public-key', id: sandbox.passkey.id }],
      userVerification: 'preferred',
    });
    expect(sandbox.inbox.messages).toEqual([]);
  });

  it('is for the domain that the sandbox was given', async () => {
    const { ask } = open(YES, { rpId: 'example.com' });
    expect(JSON.parse(await ask()).rpId).toBe('example.com');
  });

  it('answers with a credential, which is checked against what was asked', async () => {
    const { ask, answer, check, sandbox } = open(YES, { origins: ['http://localhost:1'] });
    const challenge = await ask();
    expect(await answer(challenge)).toMatchObject({
      status: 'complete',
      secondFactorVerification: { status: 'verified', strategy: 'passkey', attempts: 1 },
    });
    expect(check.mock.calls[0]?.[0]).toMatchObject({
      expectedChallenge: JSON.parse(challenge).challenge,
      expectedOrigin: ['http://localhost:1'],
      expectedRPID: 'localhost',
      credential: { id: sandbox.passkey.id, counter: 0 },
      response: { id: sandbox.passkey.id, type: 'public-key' },
    });
  });

  it.each<[string, Check]>([
    ['says no', NO],
    [
      'throws',
      async () => {
        throw new Error('Unexpected origin');
      },
    ],
  ])('is refused where its check %s, and the user is not locked for it', async (_, check) => {
    const { ask, answer, sandbox } = open(check);
    const challenge = await ask();
    expect(await refusalOf(answer(challenge))).toBe('400 passkey_authentication_failure');
    expect(sandbox.user().failures).toBe(0);
  });

  it('spends its challenge with the fifth wrong answer', async () => {
    const { ask, answer } = open(NO);
    const challenge = await ask();
    for (let n = 0; n < 5; n += 1) await rejectionOf(answer(challenge));
    expect(await refusalOf(answer(challenge))).toBe('400 verification_failed');
  });

  it('of somebody else is not known', async () => {
    const { services, ask, sandbox, check } = open();
    const foreign = { ...(await sandbox.passkey.sign(await ask())), id: 'x' };
    const params = { strategy: 'passkey', publicKeyCredential: JSON.stringify(foreign) };
    const attempt = services.attemptSecondFactor(params);
    expect(await refusalOf(attempt)).toBe('404 passkey_not_registered');
    expect(check).not.toHaveBeenCalled();
  });

  it.each(['', 'null', '{}', '[]', '"x"', '{"id":1}', '<html>'])(
    'is no credential: %s',
    async (publicKeyCredential) => {
      const { services, ask } = open();
      await ask();
      const params = { strategy: 'passkey', publicKeyCredential };
      expect(await refusalOf(services.attemptSecondFactor(params))).toBe(
        publicKeyCredential ? '422 form_param_format_invalid' : '422 form_param_nil',
      );
    },
  );

  it('is not taken before it was asked', async () => {
    const { sandbox, ask } = open();
    const challenge = await ask();
    const other = sandbox.services(sandbox.signIn().id);
    const attempt = other.attemptSecondFactor({ strategy: 'passkey' }, { challenge });
    expect(await refusalOf(attempt)).toBe('400 verification_missing');
  });

  it('is made by whoever the services were given', async () => {
    const { sandbox, id, ask } = open();
    const challenge = await ask();
    const dismissed = new DOMException('closed', 'NotAllowedError');
    const authenticate = vi.fn(async () => {
      throw dismissed;
    });
    const services = sandbox.services(id, { authenticate });
    const attempt = services.attemptSecondFactor({ strategy: 'passkey' }, { challenge });
    expect(await rejectionOf(attempt)).toMatchObject({ code: 'proof_dismissed' });
    expect(authenticate).toHaveBeenCalledWith(challenge, { signal: undefined });
    expect(sandbox.requests.count('attempt')).toBe(0);
  });
});

describe('while a passkey is checked', () => {
  /** A check that waits for the test. */
  function openHeld() {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const world = open(async () => {
      await held;
      return YES({} as never);
    });
    const checking = () => expect.poll(() => world.check).toHaveBeenCalled();
    return { ...world, release, checking };
  }

  it('another factor may be first', async () => {
    const { ask, answer, services, sandbox, release, checking } = openHeld();
    const attempt = answer(await ask());
    await checking();
    await services.attemptSecondFactor({ strategy: 'totp', code: sandbox.authenticator.code() });
    release();
    expect(await refusalOf(attempt)).toBe('400 verification_already_verified');
    expect(sandbox.session(sandbox.signIn().id)).toBeNull();
  });

  it('a newer delivery may take the place of the challenge', async () => {
    const { ask, answer, services, release, checking } = openHeld();
    const attempt = answer(await ask());
    await checking();
    await services.prepareSecondFactor({ strategy: 'phone_code' });
    release();
    expect(await refusalOf(attempt)).toBe('400 verification_missing');
  });
});

describe('a passkey over HTTP', () => {
  it('is asked by a nonce, and answers as public_key_credential', async () => {
    const { sandbox } = open();
    const { post } = connect(sandbox);
    const path = `/sign_ins/${sandbox.signIn().id}`;
    const { body } = await post(`${path}/prepare_second_factor`, PASSKEY);
    const { nonce } = body.response.second_factor_verification;
    const credential = await sandbox.passkey.sign(nonce);
    const done = await post(`${path}/attempt_second_factor`, {
      ...PASSKEY,
      public_key_credential: JSON.stringify(credential),
    });
    expect(done.body.response.status).toBe('complete');
    expect(sandbox.requests.latest()?.params).toEqual({
      strategy: 'passkey',
      public_key_credential: '[redacted]',
    });
  });

  it('is served by the HTTP client', async () => {
    const { sandbox, id } = open();
    const services = sandboxServices({
      fetch: connect(sandbox).app.request,
      signInId: id,
      authenticate: (challenge) => sandbox.passkey.sign(challenge),
    });
    const { secondFactorVerification } = await services.prepareSecondFactor(PASSKEY);
    const { challenge = '' } = secondFactorVerification ?? {};
    expect(challenge).toBe(sandbox.peek(id).secondFactorVerification?.challenge);
    const done = await services.attemptSecondFactor({ strategy: 'passkey' }, { challenge });
    expect(done.status).toBe('complete');
  });
});

describe('a sandbox', () => {
  it('with passkeys is told who checks them', () => {
    expect(() => createSandbox({ users: [{ ...DEFAULT_USER, passkeys: true }] })).toThrow(
      TypeError,
    );
  });

  it('says where there is no passkey', () => {
    expect(() => createSandbox().passkey).toThrow('ada@example.com has no passkey.');
  });
});
