import { describe, expect, it } from 'vitest';
import { createSandboxApp } from '../../../src/sandbox/app.ts';
import {
  createHttpSignIn,
  SandboxApiError,
  type SandboxFetch,
  sandboxServices,
} from '../../../src/sandbox/index.ts';
import { refusalOf, rejectionOf, simulate } from './support.ts';

const CREDENTIALS = { identifier: 'ada@example.com', password: 'correct horse battery staple' };
const CODE = '31415926';

/** The client on the app of a sandbox, without a socket. */
async function connect() {
  const { sandbox, clock } = simulate();
  const { request: fetch } = createSandboxApp(sandbox);
  const signIn = await createHttpSignIn(CREDENTIALS, { fetch });
  return { sandbox, clock, signIn, services: sandboxServices({ fetch, signInId: signIn.id }) };
}

/** The client on a server that answers with this. */
function answering(answer: () => Response | Promise<Response>, seen: RequestInit[] = []) {
  const fetch: SandboxFetch = (_url, init) => {
    seen.push(init);
    return answer();
  };
  return sandboxServices({ fetch, signInId: 'sia_1' });
}

describe('the HTTP client', () => {
  it('gives the same sign-in as the services do', async () => {
    const { sandbox, signIn, services } = await connect();
    expect(signIn).toEqual(sandbox.peek(signIn.id));
    const prepared = await services.prepareSecondFactor({
      strategy: 'phone_code',
      phoneNumberId: 'idn_phone_2',
    });
    expect(prepared).toEqual(sandbox.peek(signIn.id));
    expect(prepared.secondFactorVerification?.status).toBe('unverified');
    expect(await services.reloadSignIn()).toEqual(prepared);
  });

  it('sends the id of the phone', async () => {
    const { sandbox, services } = await connect();
    await services.prepareSecondFactor({ strategy: 'phone_code', phoneNumberId: 'idn_phone_2' });
    expect(sandbox.inbox.latest()?.to).toBe('+15555550101');
  });

  it('completes a sign-in', async () => {
    const { sandbox, services } = await connect();
    await services.prepareSecondFactor({ strategy: 'email_code', emailAddressId: 'idn_email_1' });
    const signIn = await services.attemptSecondFactor({
      strategy: 'email_code',
      code: sandbox.inbox.code(),
    });
    expect(signIn).toMatchObject({ status: 'complete', createdSessionId: 'sess_1' });
  });

  it('gives the error of a verification', async () => {
    const { clock, services } = await connect();
    await services.prepareSecondFactor({ strategy: 'phone_code' });
    clock.increment(600_000);
    expect((await services.reloadSignIn()).secondFactorVerification).toMatchObject({
      status: 'expired',
      error: { code: 'verification_expired' },
    });
  });

  it('rejects as the services do', async () => {
    const { sandbox, services, signIn } = await connect();
    const params = { strategy: 'totp', code: CODE };
    const overHttp = await rejectionOf(services.attemptSecondFactor(params));
    const direct = await rejectionOf(sandbox.services(signIn.id).attemptSecondFactor(params));
    expect(overHttp).toBeInstanceOf(SandboxApiError);
    expect(overHttp).toEqual(direct);
  });

  it.each([
    [7, 7],
    ['Wed, 21 Oct 2026 07:28:00 GMT', 'Wed, 21 Oct 2026 07:28:00 GMT'],
  ])('hands on a Retry-After of %s', async (retryAfter, expected) => {
    const { sandbox, services } = await connect();
    sandbox.faults.next('reload', { status: 429, retryAfter });
    await expect(services.reloadSignIn()).rejects.toMatchObject({
      status: 429,
      retryAfter: expected,
    });
  });

  it('hands on how long a lock lasts', async () => {
    const { sandbox, services } = await connect();
    sandbox.user().lock(sandbox.now() + 60_000);
    await expect(services.prepareSecondFactor({ strategy: 'phone_code' })).rejects.toMatchObject({
      errors: [{ code: 'user_locked', meta: { lockoutExpiresInSeconds: 60 } }],
    });
  });

  it('does not start a sign-in with a wrong password', async () => {
    const { request: fetch } = createSandboxApp(simulate().sandbox);
    const wrong = { ...CREDENTIALS, password: 'nope' };
    expect(await refusalOf(createHttpSignIn(wrong, { fetch }))).toBe('422 form_password_incorrect');
  });

  it('rejects with a network error when the reply is lost', async () => {
    const { sandbox, services } = await connect();
    sandbox.faults.next('prepare', { dropReply: true });
    const error = await rejectionOf(services.prepareSecondFactor({ strategy: 'phone_code' }));
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toBe('Failed to fetch');
  });

  it('passes the signal on', async () => {
    const { sandbox, services } = await connect();
    sandbox.faults.next('reload', { neverSettles: true });
    const controller = new AbortController();
    const promise = services.reloadSignIn({ signal: controller.signal });
    await Promise.resolve();
    controller.abort();
    expect(await rejectionOf(promise)).toMatchObject({ name: 'AbortError' });
  });

  it('says of a time-out that it was one', async () => {
    const { sandbox, services } = await connect();
    sandbox.faults.next('reload', { neverSettles: true });
    const rejection = services.reloadSignIn({ signal: AbortSignal.timeout(1) });
    expect(await rejectionOf(rejection)).toMatchObject({ name: 'TimeoutError' });
  });

  it('rejects a page with its status and no errors', async () => {
    const services = answering(() => new Response('<html></html>', { status: 502 }));
    await expect(services.reloadSignIn()).rejects.toMatchObject({ status: 502, errors: [] });
  });

  it.each(['<html></html>', 'null', '[]', '{}', '{"response":{"id":"sia_1"}}'])(
    'never takes %s for a sign-in',
    async (body) => {
      const services = answering(() => new Response(body));
      await expect(services.reloadSignIn()).rejects.toMatchObject({ status: 200, errors: [] });
    },
  );

  it('calls the base URL, with the id escaped', async () => {
    const urls: string[] = [];
    const services = sandboxServices({
      baseUrl: new URL('http://127.0.0.1:8080/'),
      signInId: 'a/b',
      fetch: (url) => {
        urls.push(url);
        return new Response('{}', { status: 404 });
      },
    });
    await rejectionOf(services.reloadSignIn());
    expect(urls).toEqual(['http://127.0.0.1:8080/v1/client/sign_ins/a%2Fb']);
  });

  it('says with the id of a request that it is the same one when it is made again', async () => {
    const { sandbox, services } = await connect();
    const request = { requestId: 'a' };
    const first = await services.prepareSecondFactor({ strategy: 'phone_code' }, request);
    expect(await services.prepareSecondFactor({ strategy: 'phone_code' }, request)).toEqual(first);
    expect(sandbox.inbox.messages).toHaveLength(1);
  });

  it('leaves undefined parameters out', async () => {
    const seen: RequestInit[] = [];
    const services = answering(() => new Response('{}', { status: 404 }), seen);
    const params = { strategy: 'phone_code', phoneNumberId: undefined } as never;
    await rejectionOf(services.prepareSecondFactor(params));
    expect(String(seen[0]?.body)).toBe('strategy=phone_code');
  });
});

describe('an error of the HTTP client', () => {
  const everything = (error: unknown) =>
    JSON.stringify(error) + String((error as Error).stack) + JSON.stringify((error as Error).cause);

  it('does not hold the code that the server repeats', async () => {
    const entry = { code: `c_${CODE}`, message: CODE, long_message: `${CODE} is wrong` };
    const errors = [{ ...entry, meta: { param_name: CODE } }];
    const services = answering(() => Response.json({ errors }, { status: 422 }));
    const error = await rejectionOf(services.attemptSecondFactor({ strategy: 'totp', code: CODE }));
    expect(error).toMatchObject({ message: '[redacted] is wrong' });
    expect(everything(error)).not.toContain(CODE);
  });

  it('does not hold the request that failed', async () => {
    const services = answering(() => {
      throw Object.assign(new Error(`boom ${CODE}`), { config: { data: CODE } });
    });
    const error = await rejectionOf(services.attemptSecondFactor({ strategy: 'totp', code: CODE }));
    expect(everything(error)).not.toContain(CODE);
  });
});
