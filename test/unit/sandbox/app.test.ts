import { describe, expect, it } from 'vitest';
import { createSandboxApp } from '../../../src/sandbox/app.ts';
import type { Sandbox, SandboxOptions } from '../../../src/sandbox/index.ts';
import { rejectionOf, simulate, wrong } from './support.ts';

const CREDENTIALS = { identifier: 'ada@example.com', password: 'correct horse battery staple' };

/** The app of a sandbox with one sign-in, and a way to post to it. */
function open(options: Omit<SandboxOptions, 'clock' | 'now'> = {}) {
  const { sandbox, clock } = simulate(options);
  const app = createSandboxApp(sandbox);
  const { id } = sandbox.signIn();
  const send = async (path: string, init?: RequestInit) => {
    const response = await app.request(path, init);
    return { response, status: response.status, body: await response.json() };
  };
  const post = (path: string, form: Record<string, string>, init: RequestInit = {}) =>
    send(path, { method: 'POST', body: new URLSearchParams(form), ...init });
  const of = (path: string) => `/v1/client/sign_ins/${id}${path}`;
  return {
    sandbox,
    clock,
    app,
    id,
    send,
    post,
    get: () => send(of('')),
    prepare: (form: Record<string, string>) => post(of('/prepare_second_factor'), form),
    attempt: (form: Record<string, string>) => post(of('/attempt_second_factor'), form),
    attemptPath: of('/attempt_second_factor'),
  };
}

const codeOf = (sandbox: Sandbox) => sandbox.inbox.code();

describe('POST /v1/client/sign_ins', () => {
  it('answers with a sign-in that needs a second factor, and its client', async () => {
    const { post } = open();
    const { status, body } = await post('/v1/client/sign_ins', CREDENTIALS);
    expect(status).toBe(200);
    expect(body.response).toMatchObject({
      object: 'sign_in_attempt',
      id: 'sia_2',
      status: 'needs_second_factor',
      identifier: 'ada@example.com',
      first_factor_verification: { status: 'verified', strategy: 'password' },
      second_factor_verification: null,
      created_session_id: null,
    });
    expect(body.response.supported_second_factors[0]).toEqual({
      strategy: 'phone_code',
      phone_number_id: 'idn_phone_1',
      safe_identifier: '+1********00',
      default: true,
      primary: true,
    });
    expect(body.client).toMatchObject({ object: 'client', sign_in: { id: 'sia_2' }, sessions: [] });
  });

  it('refuses a wrong password', async () => {
    const { post } = open();
    const form = { ...CREDENTIALS, password: 'nope' };
    const { status, body } = await post('/v1/client/sign_ins', form);
    expect(status).toBe(422);
    expect(body.errors[0]).toMatchObject({
      code: 'form_password_incorrect',
      meta: { param_name: 'password' },
    });
  });

  it.each([
    ['password', 200],
    ['ticket', 422],
  ])('answers to the first factor %s with %d', async (strategy, status) => {
    const { post } = open();
    const answer = await post('/v1/client/sign_ins', { ...CREDENTIALS, strategy });
    expect(answer.status).toBe(status);
  });

  it('refuses a parameter it does not know', async () => {
    const { post } = open();
    const { body } = await post('/v1/client/sign_ins', { ...CREDENTIALS, otp: '1' });
    expect(body.errors[0]).toMatchObject({
      code: 'form_param_unknown',
      meta: { param_name: 'otp' },
    });
  });
});

describe('POST prepare_second_factor', () => {
  it('sends a code to the phone that is named in snake_case', async () => {
    const { prepare, sandbox, clock } = open();
    const { body } = await prepare({ strategy: 'phone_code', phone_number_id: 'idn_phone_2' });
    expect(sandbox.inbox.latest()?.to).toBe('+15555550101');
    expect(body.response.second_factor_verification).toEqual({
      object: 'verification',
      status: 'unverified',
      strategy: 'phone_code',
      attempts: 0,
      expire_at: clock.now() + 600_000,
    });
  });

  it('does not know the parameter in camelCase', async () => {
    const { prepare } = open();
    const { status, body } = await prepare({
      strategy: 'phone_code',
      phoneNumberId: 'idn_phone_2',
    });
    expect(status).toBe(422);
    expect(body.errors[0]).toMatchObject({
      code: 'form_param_unknown',
      meta: { param_name: 'phoneNumberId' },
    });
  });

  it('names the parameter of a foreign phone in snake_case', async () => {
    const { prepare } = open();
    const { status, body } = await prepare({ strategy: 'phone_code', phone_number_id: 'idn_9' });
    expect(status).toBe(400);
    expect(body.errors[0]).toMatchObject({
      code: 'strategy_for_user_invalid',
      meta: { param_name: 'phone_number_id' },
    });
  });

  it('says when to come back, in the Retry-After header', async () => {
    const { prepare } = open({ limits: { resendCooldownMs: 30_000 } });
    await prepare({ strategy: 'phone_code' });
    const { status, response } = await prepare({ strategy: 'phone_code' });
    expect(status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('30');
  });
});

describe('POST attempt_second_factor', () => {
  it('completes the sign-in, which leaves the client for its session', async () => {
    const { prepare, attempt, sandbox } = open();
    await prepare({ strategy: 'phone_code' });
    const { status, body } = await attempt({ strategy: 'phone_code', code: codeOf(sandbox) });
    expect(status).toBe(200);
    expect(body.response).toMatchObject({
      status: 'complete',
      created_session_id: 'sess_1',
      second_factor_verification: { status: 'verified' },
    });
    expect(body.client).toMatchObject({
      sign_in: null,
      last_active_session_id: 'sess_1',
      sessions: [{ object: 'session', id: 'sess_1', status: 'active' }],
    });
  });

  it('refuses a wrong code, with the state of the client and a trace id', async () => {
    const { prepare, attempt, sandbox } = open();
    await prepare({ strategy: 'phone_code' });
    const { status, body } = await attempt({
      strategy: 'phone_code',
      code: wrong(codeOf(sandbox)),
    });
    expect(status).toBe(422);
    expect(body).toEqual({
      errors: [
        {
          code: 'form_code_incorrect',
          message: 'is incorrect',
          long_message: 'Incorrect code',
          meta: { param_name: 'code' },
        },
      ],
      meta: { client: expect.objectContaining({ object: 'client' }) },
      clerk_trace_id: 'sandbox_2',
    });
    expect(body.meta.client.sign_in.second_factor_verification.attempts).toBe(1);
  });

  it('answers the fourth inside ten seconds with 429 and Retry-After', async () => {
    const { attempt } = open();
    for (let n = 0; n < 3; n += 1) await attempt({ strategy: 'totp', code: '1' });
    const { status, response, body } = await attempt({ strategy: 'totp', code: '1' });
    expect(status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('10');
    expect(body.errors[0].code).toBe('too_many_requests');
  });

  it('tells how long a lock lasts', async () => {
    const { attempt } = open({ limits: { lockAfterFailures: 1 } });
    const { status, body } = await attempt({ strategy: 'totp', code: '1' });
    expect(status).toBe(403);
    expect(body.errors[0]).toMatchObject({
      code: 'user_locked',
      meta: { lockout_expires_in_seconds: 3_600 },
    });
  });

  it('refuses a parameter that is there twice', async () => {
    const { send, attemptPath } = open();
    const { status, body } = await send(attemptPath, {
      method: 'POST',
      body: 'strategy=totp&code=1&code=2',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(status).toBe(422);
    expect(body.errors[0].code).toBe('form_param_format_invalid');
  });

  it.each(['application/json', 'text/plain', 'multipart/form-data; boundary=x'])(
    'answers 415 to %s, and nothing has happened',
    async (type) => {
      const { send, attemptPath, sandbox } = open();
      const { status, body } = await send(attemptPath, {
        method: 'POST',
        body: JSON.stringify({ strategy: 'totp', code: sandbox.authenticator.code() }),
        headers: { 'content-type': type },
      });
      expect(status).toBe(415);
      expect(body.errors[0].code).toBe('unsupported_content_type');
      expect(sandbox.requests.count()).toBe(0);
    },
  );
});

describe('GET /v1/client/sign_ins/{id}', () => {
  it('answers with the sign-in', async () => {
    const { get, id } = open();
    expect((await get()).body.response.id).toBe(id);
  });

  it('shows the error of an expired verification', async () => {
    const { get, prepare, clock } = open();
    await prepare({ strategy: 'phone_code' });
    clock.increment(600_000);
    expect((await get()).body.response.second_factor_verification).toMatchObject({
      status: 'expired',
      error: { code: 'verification_expired' },
    });
  });

  it('answers 404 for another id', async () => {
    const { send } = open();
    const { status, body } = await send('/v1/client/sign_ins/sia_404');
    expect(status).toBe(404);
    expect(body).toEqual({
      errors: [expect.objectContaining({ code: 'resource_not_found' })],
      clerk_trace_id: 'sandbox_1',
    });
  });
});

describe('the app', () => {
  it('answers 404 to what it does not serve', async () => {
    const { send } = open();
    expect((await send('/v1/me')).status).toBe(404);
  });

  it('is made of a sandbox and of nothing else', () => {
    expect(() => createSandboxApp({} as Sandbox)).toThrow(TypeError);
  });

  it('logs requests like the services do, under the same names', async () => {
    const { prepare, sandbox } = open();
    await prepare({ strategy: 'phone_code', phone_number_id: 'idn_phone_2' });
    expect(sandbox.requests.latest('prepare')).toMatchObject({
      via: 'http',
      params: { strategy: 'phone_code', phoneNumberId: 'idn_phone_2' },
      answer: 'ok',
    });
  });

  it.each([
    ['http://localhost:5173', 'http://localhost:5173'],
    ['http://127.0.0.1:1', 'http://127.0.0.1:1'],
    ['https://example.com', null],
    ['http://localhost.example.com', null],
    ['null', null],
  ])('lets a page of %s read: %s', async (origin, allowed) => {
    const { app, id } = open();
    const response = await app.request(`/v1/client/sign_ins/${id}`, { headers: { origin } });
    expect(response.headers.get('access-control-allow-origin')).toBe(allowed);
  });

  it('lets pages read when to come back, and who they are', async () => {
    const { app, id } = open();
    const response = await app.request(`/v1/client/sign_ins/${id}`, {
      headers: { origin: 'http://localhost:1' },
    });
    expect(response.headers.get('access-control-expose-headers')).toBe('Authorization,Retry-After');
  });
});

describe('faults over HTTP', () => {
  it('reject the request when its reply is lost, and leave the effect', async () => {
    const { attempt, sandbox, id } = open();
    sandbox.faults.next('attempt', { dropReply: true });
    const form = { strategy: 'totp', code: sandbox.authenticator.code() };
    expect(await rejectionOf(attempt(form))).toBeInstanceOf(TypeError);
    expect(sandbox.peek(id).status).toBe('complete');
  });

  it('reject the request when it is lost, and have no effect', async () => {
    const { prepare, sandbox } = open();
    sandbox.faults.next('prepare', { dropRequest: true });
    expect(await rejectionOf(prepare({ strategy: 'phone_code' }))).toBeInstanceOf(TypeError);
    expect(sandbox.inbox.messages).toEqual([]);
  });

  it('answer with any status and Retry-After', async () => {
    const { prepare, sandbox } = open();
    sandbox.faults.next('prepare', { status: 503, retryAfter: 7 });
    const { status, response } = await prepare({ strategy: 'phone_code' });
    expect(status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('7');
  });

  it('answer with a page', async () => {
    const { app, sandbox, id } = open();
    sandbox.faults.next('reload', { garbage: true, status: 502 });
    const response = await app.request(`/v1/client/sign_ins/${id}`);
    expect(response.status).toBe(502);
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(await response.text()).toContain('<html>');
  });

  it('answer with JSON that makes no sense', async () => {
    const { get, sandbox } = open();
    sandbox.faults.next('reload', { garbage: { response: null } });
    expect(await get()).toMatchObject({ status: 200, body: { response: null } });
  });

  it('answer with fields that nobody knows, in the envelope and in the sign-in', async () => {
    const { get, sandbox, id } = open();
    sandbox.faults.next('reload', { unknownFields: true });
    const fields = { a_field_of_tomorrow: {}, another_one: 'text' };
    expect(await get()).toMatchObject({ body: { response: { id, ...fields }, ...fields } });
    expect((await get()).body).not.toHaveProperty('another_one');
  });

  it('wait for the abort of a request that is never answered', async () => {
    const { app, sandbox, id } = open();
    sandbox.faults.next('reload', { neverSettles: true });
    const controller = new AbortController();
    const promise = Promise.resolve(
      app.request(`/v1/client/sign_ins/${id}`, { signal: controller.signal }),
    );
    await Promise.resolve();
    controller.abort();
    expect(await rejectionOf(promise)).toMatchObject({ name: 'AbortError' });
  });
});
