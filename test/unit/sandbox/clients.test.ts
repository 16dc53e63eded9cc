import { describe, expect, it } from 'vitest';
import { CREDENTIALS, connect, connectNew } from './support-http.ts';

describe('a client', () => {
  it('is given a cookie that scripts cannot read', async () => {
    const { get } = connectNew();
    const { response, body } = await get('');
    expect(response.headers.get('set-cookie')).toBe(
      '__client=client_1; Path=/; HttpOnly; SameSite=Lax',
    );
    expect(body).toEqual({ response: expect.objectContaining({ id: 'client_1' }), client: null });
  });

  it('is known by its cookie, and not given another', async () => {
    const { get, post } = connectNew();
    await get('');
    const { response, body } = await post('/sign_ins', CREDENTIALS);
    expect(response.headers.get('set-cookie')).toBeNull();
    expect(body.client).toMatchObject({ id: 'client_1', sign_in: { id: body.response.id } });
    expect((await get('')).body.response.sign_in.id).toBe(body.response.id);
  });

  it('with an unknown cookie is a new one', async () => {
    const { sandbox } = connectNew();
    const { get } = connect(sandbox, undefined, { headers: { cookie: '__client=client_9' } });
    expect((await get('')).body.response.id).toBe('client_1');
  });

  it('sees nothing of another', async () => {
    const { sandbox, app, post } = connectNew();
    await post('/sign_ins', CREDENTIALS);
    const other = await connect(sandbox, app).get('');
    expect(other.body.response).toMatchObject({ id: 'client_2', sign_in: null, sessions: [] });
  });

  it('without a cookie is the one that began the sign-in', async () => {
    const { sandbox, app, post } = connectNew();
    const { body } = await post('/sign_ins', CREDENTIALS);
    const { body: read } = await connect(sandbox, app).get(`/sign_ins/${body.response.id}`);
    expect(read.client.id).toBe(body.client.id);
  });

  it('takes over a sign-in that no client began', async () => {
    const { sandbox, get } = connectNew();
    const { id } = sandbox.signIn();
    await get(`/sign_ins/${id}`);
    expect((await get('')).body.response.sign_in.id).toBe(id);
  });

  it('that is a native app is known by its Authorization header', async () => {
    const { sandbox, app } = connectNew();
    const native = { query: '?_is_native=1' };
    const { response } = await connect(sandbox, app, native).get('');
    const authorization = response.headers.get('authorization') ?? '';
    expect(authorization).toBe('client_1');
    expect(response.headers.get('set-cookie')).toBeNull();
    const again = await connect(sandbox, app, { ...native, headers: { authorization } }).get('');
    expect(again.body.response.id).toBe('client_1');
  });

  it('says which sign-in is under way when a request is refused', async () => {
    const { get, post } = connectNew();
    await get('');
    const { body } = await post('/sign_ins', { ...CREDENTIALS, password: 'nope' });
    expect(body.meta.client).toMatchObject({ id: 'client_1', sign_in: null });
  });
});

describe('a session', () => {
  it('belongs to the client that signed in', async () => {
    const { get, signIn } = connectNew();
    const id = await signIn();
    expect((await get('')).body.response).toMatchObject({
      sign_in: null,
      last_active_session_id: id,
      sessions: [{ id, status: 'active', public_user_data: { identifier: 'ada@example.com' } }],
    });
  });

  it.each(['GET', 'POST'])('is shown by %s', async (method) => {
    const { send, signIn, clock } = connectNew();
    const id = await signIn();
    clock.increment(120_000);
    const { body } = await send(method, `/sessions/${id}${method === 'POST' ? '/touch' : ''}`);
    expect(body.response).toMatchObject({ id, factor_verification_age: [2, 2] });
    expect(body.client.sessions).toHaveLength(1);
  });

  it('has no age of a second factor where none was needed', async () => {
    const { post } = connectNew({ users: [{ identifier: 'ada@example.com' }] });
    const { body } = await post('/sign_ins', CREDENTIALS);
    expect(body.client.sessions[0].factor_verification_age).toEqual([0, -1]);
  });

  it('gives tokens that say for how long', async () => {
    const { post, signIn, sandbox } = connectNew();
    const id = await signIn();
    const { body } = await post(`/sessions/${id}/tokens`);
    const [, claims = ''] = body.jwt.split('.');
    const seconds = Math.floor(sandbox.now() / 1_000);
    expect(JSON.parse(atob(claims))).toMatchObject({ sid: id, iat: seconds, exp: seconds + 60 });
  });

  it.each(['end', 'remove'])('is over after %s', async (action) => {
    const { post, signIn, sandbox } = connectNew();
    const id = await signIn();
    const { body } = await post(`/sessions/${id}/${action}`);
    expect(body.client).toMatchObject({ sessions: [], last_active_session_id: null });
    expect((await post(`/sessions/${id}/touch`)).status).toBe(404);
    expect(sandbox.session('sia_1')).toBeNull();
    expect(sandbox.peek('sia_1').createdSessionId).toBe(id);
  });

  it('is over when its client signs out of all', async () => {
    const { send, signIn, get } = connectNew();
    const id = await signIn();
    expect((await send('DELETE', '/sessions')).body.response.sessions).toEqual([]);
    expect((await get(`/sessions/${id}`)).status).toBe(404);
  });
});

describe('what is no step of a sign-in', () => {
  it('is not logged', async () => {
    const { get, sandbox } = connectNew();
    await get('');
    expect(sandbox.requests.count()).toBe(0);
  });

  it('gets no answer while the sandbox is offline', async () => {
    const { get, sandbox } = connectNew();
    sandbox.offline = true;
    await expect(get('')).rejects.toThrow(TypeError);
  });

  it('tells how the instance is set up', async () => {
    const { app } = connectNew();
    const response = await app.request('/v1/environment');
    expect(await response.json()).toMatchObject({ auth_config: { single_session_mode: true } });
  });
});

describe('the sign-ins of a sandbox', () => {
  it('start as the sandbox says, also over HTTP', async () => {
    const { post, sandbox } = connectNew({ signIns: { status: 'needs_client_trust' } });
    const { body } = await post('/sign_ins', CREDENTIALS);
    expect(body.response.status).toBe('needs_client_trust');
    expect(sandbox.signIn().status).toBe('needs_client_trust');
    expect(sandbox.signIn({ status: 'needs_second_factor' }).status).toBe('needs_second_factor');
  });

  it('accept what a browser adds', async () => {
    const { post } = connectNew();
    const form = { ...CREDENTIALS, locale: 'en-GB', timezone: 'Pacific/Chatham' };
    expect((await post('/sign_ins', form)).status).toBe(200);
  });
});
