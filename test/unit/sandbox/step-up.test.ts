import { describe, expect, it } from 'vitest';
import { CREDENTIALS, connectNew } from './support-http.ts';

const LEVEL = { level: 'second_factor' };
const PHONE = { strategy: 'phone_code' };

/** A client that is signed in, a minute ago. */
async function open() {
  const world = connectNew();
  const id = await world.signIn();
  world.clock.increment(60_000);
  const at = (path = '') => `/sessions/${id}/verify${path}`;
  return {
    ...world,
    id,
    start: () => world.post(at(), LEVEL),
    prepare: () => world.post(at('/prepare_second_factor'), PHONE),
    attempt: (code: string) => world.post(at('/attempt_second_factor'), { ...PHONE, code }),
  };
}

describe('a step-up', () => {
  it('starts with the factors of the user', async () => {
    const { start, id } = await open();
    const { status, body } = await start();
    expect(status).toBe(200);
    expect(body.response).toMatchObject({
      object: 'session_reverification',
      id: 'sver_1',
      status: 'needs_second_factor',
      level: 'second_factor',
      session: { id, factor_verification_age: [1, 1] },
      second_factor_verification: null,
    });
    expect(body.response.supported_second_factors).toHaveLength(5);
    expect(body.client).toMatchObject({ sign_in: null, sessions: [{ id }] });
  });

  it('is complete with a code, and creates no other session', async () => {
    const { start, prepare, attempt, sandbox, id } = await open();
    await start();
    await prepare();
    const { body } = await attempt(sandbox.inbox.code());
    expect(body.response).toMatchObject({
      status: 'complete',
      second_factor_verification: { status: 'verified' },
      session: { id, factor_verification_age: [1, 0] },
    });
    expect(body.client.sessions).toHaveLength(1);
    expect(sandbox.session('sia_1')).toMatchObject({ id, verifiedAt: sandbox.now() });
  });

  it('refuses a wrong code, and tells of the client', async () => {
    const { start, prepare, attempt, id } = await open();
    await start();
    await prepare();
    const { status, body } = await attempt('x');
    expect(status).toBe(422);
    expect(body.errors[0].code).toBe('form_code_incorrect');
    expect(body.meta.client.sessions[0].id).toBe(id);
  });

  it('takes the place of an older one, whose code is spent', async () => {
    const { start, prepare, attempt, sandbox } = await open();
    await start();
    await prepare();
    expect((await start()).body.response.id).toBe('sver_2');
    expect((await attempt(sandbox.inbox.code())).body.errors[0].code).toBe('verification_missing');
  });

  it('takes faults and is logged like a sign-in', async () => {
    const { start, prepare, attempt, sandbox } = await open();
    await start();
    await prepare();
    sandbox.faults.next('attempt', { status: 503 });
    expect((await attempt('x')).status).toBe(503);
    sandbox.faults.next('step_up', { dropRequest: true });
    await expect(start()).rejects.toThrow(TypeError);
    expect(sandbox.requests.all.slice(-4)).toMatchObject([
      { method: 'step_up', signInId: null, params: LEVEL },
      { method: 'prepare', signInId: 'sver_1' },
      { method: 'attempt', signInId: 'sver_1', answer: 'internal_clerk_error' },
      { method: 'step_up', answer: 'lost' },
    ]);
  });

  it('is no sign-in: the newest one stays the newest', async () => {
    const { start, sandbox } = await open();
    await start();
    expect((await sandbox.services().reloadSignIn()).id).toBe('sia_1');
  });
});

describe('a step-up is refused', () => {
  it.each([
    [{}, 'form_param_nil'],
    [{ level: 'first_factor' }, 'form_param_value_invalid'],
    [{ ...LEVEL, code: '1' }, 'form_param_unknown'],
  ])('with the parameters %o', async (form, code) => {
    const { post, id } = await open();
    expect((await post(`/sessions/${id}/verify`, form)).body.errors[0].code).toBe(code);
  });

  it('for a session that nobody has', async () => {
    const { post } = await open();
    expect((await post('/sessions/sess_9/verify', LEVEL)).status).toBe(404);
  });

  it('before it was started', async () => {
    const { prepare } = await open();
    expect((await prepare()).body.errors[0].code).toBe('verification_missing');
  });

  it('for a user without second factors', async () => {
    const { post } = connectNew({ users: [{ identifier: 'ada@example.com' }] });
    await post('/sign_ins', CREDENTIALS);
    const { body } = await post('/sessions/sess_1/verify', LEVEL);
    expect(body.errors[0].code).toBe('no_second_factors');
  });
});
