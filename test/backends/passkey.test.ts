import { verifyAuthenticationResponse } from '@simplewebauthn/server';
import { createSecondFactor, passkey } from 'second-factor';
import {
  createSandbox,
  DEFAULT_USER,
  SandboxApiError,
  type SandboxAuthenticate,
  type SandboxCredential,
  type SandboxPasskeyOptions,
} from 'second-factor/sandbox';
import { describe, expect, it } from 'vitest';
import { tell } from './support/tell.ts';

// The passkeys of the sandbox, checked by the library that a real server would use.

const PAGE = 'http://localhost:5173';

/** A sign-in whose challenge is out, and a way to answer it. */
async function open(options: Partial<SandboxPasskeyOptions> = {}) {
  const sandbox = createSandbox({
    users: [{ ...DEFAULT_USER, passkeys: true }],
    limits: { attemptsPerWindow: Number.POSITIVE_INFINITY },
    passkeys: { verifyAuthenticationResponse, ...options },
  });
  const { passkey: software } = sandbox;
  const enter = () => {
    const services = sandbox.services(sandbox.signIn().id);
    return {
      ask: async () => {
        const { secondFactorVerification } = await services.prepareSecondFactor({
          strategy: 'passkey',
        });
        return secondFactorVerification?.challenge ?? '';
      },
      /** The status that a credential leads to, or the code of its refusal. */
      answer: async (credential: SandboxCredential) => {
        try {
          const publicKeyCredential = JSON.stringify(credential);
          const params = { strategy: 'passkey', publicKeyCredential };
          return (await services.attemptSecondFactor(params)).status;
        } catch (error) {
          if (!(error instanceof SandboxApiError)) throw error;
          return error.errors[0]?.code;
        }
      },
    };
  };
  return { sandbox, passkey: software, enter, ...enter() };
}

const REFUSED = 'passkey_authentication_failure';

describe('the passkey of a sandbox', () => {
  it('verifies a sign-in, on any port of its domain', async () => {
    const { ask, answer, passkey } = await open();
    expect(await answer(await passkey.sign(await ask(), { origin: PAGE }))).toBe('complete');
  });

  it('verifies many, whatever the bytes of their signatures', async () => {
    const { enter, passkey } = await open();
    for (let n = 0; n < 50; n += 1) {
      const { ask, answer } = enter();
      expect(await answer(await passkey.sign(await ask()))).toBe('complete');
    }
  });

  it.each(['https://localhost.example.com', 'https://example.com', 'null', ''])(
    'is refused from the page %j',
    async (origin) => {
      const { ask, answer, passkey } = await open();
      expect(await answer(await passkey.sign(await ask(), { origin }))).toBe(REFUSED);
    },
  );

  it('is refused from a page that is not one of those named', async () => {
    const { ask, answer, passkey } = await open({ origins: ['http://localhost:1'] });
    expect(await answer(await passkey.sign(await ask(), { origin: PAGE }))).toBe(REFUSED);
  });

  it('is refused for another domain', async () => {
    const { ask, answer, passkey } = await open();
    const asked = JSON.stringify({ ...JSON.parse(await ask()), rpId: 'example.com' });
    expect(await answer(await passkey.sign(asked, { origin: PAGE }))).toBe(REFUSED);
  });

  it('is refused with the answer to an older challenge', async () => {
    const { ask, answer, passkey } = await open();
    const older = await passkey.sign(await ask());
    await ask();
    expect(await answer(older)).toBe(REFUSED);
  });

  it('is refused with the answer that another sign-in took', async () => {
    const { ask, answer, enter, passkey } = await open();
    const credential = await passkey.sign(await ask());
    expect(await answer(credential)).toBe('complete');
    expect(await answer(credential)).toBe('verification_already_verified');
    const other = enter();
    await other.ask();
    expect(await other.answer(credential)).toBe(REFUSED);
  });

  it('is refused where its count goes back, as that of a copy does', async () => {
    const { ask, answer, enter, passkey } = await open();
    const late = enter();
    const early = await passkey.sign(await late.ask());
    expect(await answer(await passkey.sign(await ask()))).toBe('complete');
    expect(await late.answer(early)).toBe(REFUSED);
  });

  it('is refused with a signature that somebody changed', async () => {
    const { ask, answer, passkey } = await open();
    const credential = await passkey.sign(await ask());
    const { signature } = credential.response;
    const other = signature[40] === 'A' ? 'B' : 'A';
    const changed = signature.slice(0, 40) + other + signature.slice(41);
    const forged = { ...credential, response: { ...credential.response, signature: changed } };
    expect(await answer(forged)).toBe(REFUSED);
    expect(await answer(credential)).toBe('complete');
  });
});

describe('a flow', () => {
  /** A flow over a passkey, whose prompt is answered by the test. */
  async function start(authenticate?: SandboxAuthenticate) {
    const { sandbox } = await open();
    const signIn = sandbox.signIn();
    const services = sandbox.services(signIn.id, authenticate && { authenticate });
    const flow = createSecondFactor({ signIn, services, options: { strategies: { passkey } } });
    await flow.prepareSecondFactor({ strategy: 'passkey' });
    const attempt = () => tell(flow, flow.attemptSecondFactor({ strategy: 'passkey' }));
    return { sandbox, flow, attempt };
  }

  it('completes with a passkey', async () => {
    const { attempt } = await start();
    expect(await attempt()).toBe('ok @ complete');
  });

  it('goes on when the prompt is dismissed, and completes with the next one', async () => {
    let isOpen = false;
    const { attempt, sandbox } = await start((challenge) => {
      const answer = isOpen
        ? sandbox.passkey.sign(challenge)
        : Promise.reject(new DOMException('', 'NotAllowedError'));
      isOpen = true;
      return answer;
    });
    expect(await attempt()).toBe('proof_dismissed @ failed.not_sent');
    expect(await attempt()).toBe('ok @ complete');
    expect(sandbox.requests.all.map(({ method }) => method)).toEqual(['prepare', 'attempt']);
  });

  it('goes on from a bookmark, with the challenge of before', async () => {
    const { flow, sandbox } = await start();
    const { signIn } = flow.actor.getSnapshot().context;
    const resume = JSON.parse(JSON.stringify(flow.bookmark()));
    flow.stop();
    const resumed = createSecondFactor({
      signIn,
      services: sandbox.services(signIn.id),
      resume,
      options: { strategies: { passkey } },
    });
    const step = resumed.attemptSecondFactor({ strategy: 'passkey' });
    expect(await tell(resumed, step)).toBe('ok @ complete');
    expect(sandbox.requests.count('prepare')).toBe(1);
  });
});
