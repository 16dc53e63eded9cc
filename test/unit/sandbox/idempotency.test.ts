import { describe, expect, it } from 'vitest';
import { CREDENTIALS, connectNew } from './support-http.ts';

/** A client with a sign-in under way. */
function open() {
  const world = connectNew();
  const { id } = world.sandbox.signIn();
  return {
    ...world,
    prepare: (key?: string) =>
      world.post(`/sign_ins/${id}/prepare_second_factor`, { strategy: 'phone_code' }, key),
    attempt: (code: string, key?: string) =>
      world.post(`/sign_ins/${id}/attempt_second_factor`, { strategy: 'phone_code', code }, key),
  };
}

describe('requests with one Idempotency-Key', () => {
  it('send one message', async () => {
    const { prepare, sandbox } = open();
    const first = await prepare('a');
    expect((await prepare('a')).body).toEqual(first.body);
    expect(sandbox.inbox.messages).toHaveLength(1);
    await prepare('b');
    expect(sandbox.inbox.messages).toHaveLength(2);
  });

  it('count as one attempt, and get the one refusal', async () => {
    const { prepare, attempt, sandbox } = open();
    await prepare();
    for (let n = 0; n < 5; n += 1) {
      expect((await attempt('x', 'a')).body.errors[0].code).toBe('form_code_incorrect');
    }
    expect(sandbox.user().failures).toBe(1);
  });

  it('are answered with the success whose answer was lost', async () => {
    const { prepare, attempt, sandbox } = open();
    await prepare();
    const code = sandbox.inbox.code();
    sandbox.faults.next('attempt', { dropReply: true });
    await expect(attempt(code, 'a')).rejects.toThrow(TypeError);
    expect((await attempt(code, 'a')).body.response.status).toBe('complete');
    expect((await attempt(code, 'b')).body.errors[0].code).toBe('verification_already_verified');
  });

  it('take effect once when the network doubles a request', async () => {
    const { prepare, sandbox } = open();
    sandbox.faults.next('prepare', { duplicate: true });
    await prepare('a');
    expect(sandbox.inbox.messages).toHaveLength(1);
    expect(sandbox.requests.latest()?.arrivals).toBe(2);
  });

  it('begin one sign-in', async () => {
    const { post } = open();
    const first = await post('/sign_ins', CREDENTIALS, 'a');
    expect((await post('/sign_ins', CREDENTIALS, 'a')).body.response.id).toBe(
      first.body.response.id,
    );
  });

  it('are refused when they ask for different things', async () => {
    const { prepare, attempt, sandbox } = open();
    await prepare('a');
    const { status, body } = await attempt(sandbox.inbox.code(), 'a');
    expect(status).toBe(422);
    expect(body.errors[0].code).toBe('idempotency_key_reused');
  });

  it('take effect later, where the first was lost on its way', async () => {
    const { prepare, sandbox } = open();
    sandbox.faults.next('prepare', { dropRequest: true });
    await expect(prepare('a')).rejects.toThrow(TypeError);
    await prepare('a');
    expect(sandbox.inbox.messages).toHaveLength(1);
  });
});
