import { describe, expect, it } from 'vitest';
import { type Bookmark, oneTimeCode, SecondFactorError } from '../../src/index.ts';
import { startFlow, type TestFlow } from '../support/flow.ts';
import {
  BACKUP,
  CODE,
  completed,
  OTHER_PHONE,
  PHONE,
  sent,
  signIn,
  T0,
  TOTP,
} from '../support/sign-ins.ts';

const KEY = 'phone_code/idn_1';
const code = oneTimeCode(CODE);

async function prepared(): Promise<TestFlow> {
  const flow = startFlow({ factor: PHONE });
  flow.send({ type: 'PREPARE', at: T0 });
  await flow.last().resolve(sent());
  return flow;
}

/** A real bookmark, of a flow in which a code was sent, as it comes back from storage. */
async function realBookmark(): Promise<Bookmark> {
  return JSON.parse(JSON.stringify((await prepared()).bookmark()));
}

const resumeAt = (at: number, resume: unknown) => startFlow({ resume, now: () => at });

describe('a bookmark', () => {
  it('holds what survives a reload, and nothing else', async () => {
    expect(await realBookmark()).toEqual({
      v: 1,
      signInId: 'sia_1',
      factorKey: KEY,
      savedAt: T0,
      deliveries: { [KEY]: { sentAt: T0, expiresAt: T0 + 600_000, confirmed: true } },
      deadlines: { [`resend:${KEY}`]: T0 + 30_000, [`expiry:${KEY}`]: T0 + 600_000 },
      inFlight: null,
    });
  });

  it('has no personal data in it', async () => {
    expect(JSON.stringify(await realBookmark())).not.toContain('+30');
  });

  it('says what is in flight', async () => {
    const flow = startFlow({ factor: PHONE });
    flow.send({ type: 'PREPARE', at: T0 });
    expect(flow.bookmark().inFlight).toBe('prepare');
    await flow.last().resolve(sent());
    flow.send({ type: 'ATTEMPT', code });
    expect(flow.bookmark().inFlight).toBe('attempt');
    await flow.last().reject(new TypeError('Failed to fetch'));
    expect(flow.state()).toBe('attempting.reconciling');
    expect(flow.bookmark().inFlight).toBe('attempt');
    expect(JSON.stringify(flow.bookmark())).not.toContain(CODE);
  });
});

describe('the doubt about an attempt', () => {
  it('survives a reload: the backend is asked first', async () => {
    const before = await prepared();
    before.send({ type: 'ATTEMPT', code });
    await before.last().reject(new TypeError('Failed to fetch'));
    await before.last().reject(new TypeError('Failed to fetch'));
    expect(before.state()).toBe('failed.outcome_unknown');
    const flow = startFlow({ resume: before.bookmark() });
    expect(flow.state()).toBe('attempting.reconciling');
    await flow.last().resolve(completed());
    expect(flow.state()).toBe('complete');
  });
});

describe('resume', () => {
  it('starts in prepared and sends nothing', async () => {
    const flow = startFlow({ resume: await realBookmark() });
    expect(flow.state()).toBe('prepared');
    expect(flow.context().factor).toEqual(PHONE);
    expect(flow.requests).toEqual([]);
  });

  it('keeps the absolute times, and fires them when they are due', async () => {
    const resume = await realBookmark();
    const flow = startFlow({ resume });
    expect(flow.context().deadlines).toEqual(resume.deadlines);
    flow.clock.increment(29_999);
    expect(flow.can({ type: 'PREPARE' })).toBe(false);
    flow.clock.increment(1);
    expect(flow.can({ type: 'PREPARE' })).toBe(true);
  });

  it('drops the deadlines that have passed meanwhile', async () => {
    const flow = resumeAt(T0 + 30_000, await realBookmark());
    expect(Object.keys(flow.context().deadlines)).toEqual([`expiry:${KEY}`]);
    expect(flow.state()).toBe('prepared');
  });

  it('starts in needs_second_factor past the expiry, and still accepts the code', async () => {
    const flow = resumeAt(T0 + 600_000, await realBookmark());
    expect(flow.state()).toBe('needs_second_factor');
    expect(flow.can({ type: 'ATTEMPT', code })).toBe(true);
  });

  it('counts a prepare in flight as lost', async () => {
    const before = startFlow({ factor: PHONE });
    before.send({ type: 'PREPARE', at: T0 });
    const flow = startFlow({ resume: before.bookmark() });
    expect(flow.state()).toBe('failed.not_sent');
    expect(flow.context()).toMatchObject({ error: { code: 'network' } });
    expect(flow.can({ type: 'ATTEMPT', code })).toBe(true);
    expect(flow.can({ type: 'PREPARE' })).toBe(false);
    expect(flow.requests).toEqual([]);
    flow.send({ type: 'SELECT', factor: TOTP });
    expect(flow.state()).toBe('needs_second_factor');
  });

  // https://github.com/aws-amplify/amplify-js/issues/12909, https://github.com/ory/kratos/issues/4097
  it.each([
    ['complete', completed()],
    ['failed.outcome_unknown', sent()],
  ])('asks what became of an attempt in flight: %s', async (state, reply) => {
    const before = await prepared();
    before.send({ type: 'ATTEMPT', code });
    const flow = startFlow({ resume: before.bookmark() });
    expect(flow.state()).toBe('attempting.reconciling');
    expect(flow.context().unanswered).toBe(1);
    expect(flow.requests.map(({ name }) => name)).toEqual(['reloadSignIn']);
    await flow.last().resolve(reply);
    expect(flow.state()).toBe(state);
  });

  it('is complete if the sign-in says so, whatever was in flight', async () => {
    const resume = { ...(await realBookmark()), inFlight: 'attempt' };
    const flow = startFlow({ resume, signIn: completed() });
    expect(flow.output()).toEqual({ outcome: 'complete', signIn: completed() });
    expect(flow.requests).toEqual([]);
  });

  it('remembers the factors that the backend refused', async () => {
    const before = startFlow({ factor: PHONE });
    before.send({ type: 'PREPARE', at: T0 });
    await before.last().reject(new SecondFactorError('strategy_unavailable'));
    expect(before.bookmark().unavailable).toEqual([KEY]);
    const flow = startFlow({ resume: before.bookmark() });
    expect(flow.context().unavailable).toEqual([KEY]);
    expect(flow.can({ type: 'SELECT', factor: PHONE })).toBe(false);
  });

  it('prefers the factor that it is given', async () => {
    const flow = startFlow({ resume: await realBookmark(), factor: BACKUP });
    expect(flow.context().factor).toEqual(BACKUP);
  });
});

it('a resumed flow allows what the one before it did', async () => {
  const before = await prepared();
  const flow = startFlow({ resume: before.bookmark() });
  for (const factor of [TOTP, PHONE, OTHER_PHONE, BACKUP]) {
    for (const event of [
      { type: 'SELECT', factor },
      { type: 'PREPARE', factor },
      { type: 'ATTEMPT', factor, code },
    ] as const) {
      expect(flow.can(event)).toBe(before.can(event));
    }
  }
});

it('the sign-in of the resumed flow is the one that it is given', async () => {
  const flow = startFlow({
    signIn: signIn({ status: 'needs_client_trust' }),
    resume: await realBookmark(),
  });
  expect(flow.context().signIn.status).toBe('needs_client_trust');
});
