import { getEventListeners } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { createSandbox } from '../../../src/sandbox/index.ts';
import { enter, refusalOf, rejectionOf, simulate } from './support.ts';

const PHONE = { strategy: 'phone_code' };

/** Calls with a signal, and says how it stands. */
function start(sandbox: ReturnType<typeof simulate>['sandbox']) {
  const controller = new AbortController();
  const services = sandbox.services(sandbox.signIn().id);
  const promise = services.prepareSecondFactor(PHONE, { signal: controller.signal });
  const settled = vi.fn();
  promise.then(settled, settled);
  return { controller, promise, settled };
}

describe('a lost reply', () => {
  it('rejects with a network error and leaves the effect', async () => {
    const { sandbox } = simulate();
    const flow = enter(sandbox);
    sandbox.faults.next('attempt', { dropReply: true });
    const error = await rejectionOf(flow.attempt('totp', sandbox.authenticator.code()));
    expect(error).toBeInstanceOf(TypeError);
    expect(sandbox.peek(flow.id).status).toBe('complete');
    expect(sandbox.requests.latest('attempt')).toMatchObject({ arrivals: 1, answer: 'lost' });
  });
});

describe('a lost request', () => {
  it('rejects with a network error and has no effect', async () => {
    const { sandbox } = simulate();
    const flow = enter(sandbox);
    sandbox.faults.next('prepare', { dropRequest: true });
    expect(await rejectionOf(flow.prepare(PHONE))).toBeInstanceOf(TypeError);
    expect(sandbox.inbox.messages).toEqual([]);
    expect(sandbox.requests.latest('prepare')).toMatchObject({ arrivals: 0, answer: 'lost' });
  });
});

describe('a delay', () => {
  it('holds the reply back on the injected clock', async () => {
    const { sandbox, clock } = simulate();
    sandbox.faults.next('prepare', { delayMs: 1_000 });
    const { promise, settled } = start(sandbox);
    expect(sandbox.inbox.messages).toHaveLength(1);
    clock.increment(999);
    await Promise.resolve();
    expect(settled).not.toHaveBeenCalled();
    clock.increment(1);
    await expect(promise).resolves.toMatchObject({ status: 'needs_second_factor' });
  });

  it('leaves no listener on the signal', async () => {
    const { sandbox, clock } = simulate();
    sandbox.faults.next('prepare', { delayMs: 10 });
    const { controller, promise } = start(sandbox);
    clock.increment(10);
    await promise;
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  it('on the way there holds the effect back', async () => {
    const { sandbox, clock } = simulate();
    sandbox.faults.next('prepare', { requestDelayMs: 1_000 });
    const { promise } = start(sandbox);
    expect(sandbox.inbox.messages).toHaveLength(0);
    clock.increment(1_000);
    await promise;
    expect(sandbox.inbox.messages).toHaveLength(1);
  });

  it('does not change what the answer says', async () => {
    const { sandbox, clock } = simulate();
    sandbox.faults.next('prepare', { delayMs: 700_000 });
    const { promise } = start(sandbox);
    clock.increment(700_000);
    expect((await promise).secondFactorVerification?.status).toBe('unverified');
  });
});

describe('an abort', () => {
  it('before the call makes no request', async () => {
    const { sandbox } = simulate();
    const services = sandbox.services(sandbox.signIn().id);
    const rejection = services.prepareSecondFactor(PHONE, { signal: AbortSignal.abort() });
    expect(await rejectionOf(rejection)).toMatchObject({ name: 'AbortError' });
    expect(sandbox.requests.count()).toBe(0);
  });

  it('while the reply is on its way leaves the effect', async () => {
    const { sandbox } = simulate();
    sandbox.faults.next('prepare', { delayMs: 1_000 });
    const { controller, promise } = start(sandbox);
    controller.abort();
    expect(await rejectionOf(promise)).toMatchObject({ name: 'AbortError' });
    expect(sandbox.inbox.messages).toHaveLength(1);
    expect(sandbox.requests.latest()?.answer).toBe('aborted');
  });

  it('while the request is on its way stops it', async () => {
    const { sandbox, clock } = simulate();
    sandbox.faults.next('prepare', { requestDelayMs: 1_000 });
    const { controller, promise } = start(sandbox);
    controller.abort();
    expect(await rejectionOf(promise)).toMatchObject({ name: 'AbortError' });
    clock.increment(1_000);
    expect(sandbox.inbox.messages).toHaveLength(0);
  });

  it('right after the call rejects, and leaves the effect', async () => {
    const { sandbox } = simulate();
    const { controller, promise } = start(sandbox);
    controller.abort();
    expect(await rejectionOf(promise)).toMatchObject({ name: 'AbortError' });
    expect(sandbox.inbox.messages).toHaveLength(1);
  });

  it('stops the timers of the runtime too', async () => {
    vi.useFakeTimers();
    try {
      const sandbox = createSandbox();
      sandbox.faults.next('prepare', { delayMs: 1_000 });
      const { controller, promise } = start(sandbox);
      expect(vi.getTimerCount()).toBe(1);
      controller.abort();
      expect(await rejectionOf(promise)).toMatchObject({ name: 'AbortError' });
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('in the very moment of the call stops a request that is on its way', async () => {
    const { sandbox, clock } = simulate();
    sandbox.faults.next('prepare', { requestDelayMs: 1_000 });
    const controller = new AbortController();
    sandbox.requests.subscribe(() => controller.abort());
    const services = sandbox.services(sandbox.signIn().id);
    const promise = services.prepareSecondFactor(PHONE, { signal: controller.signal });
    expect(await rejectionOf(promise)).toMatchObject({ name: 'AbortError' });
    clock.increment(1_000);
    expect(sandbox.inbox.messages).toEqual([]);
  });

  it('by a time-out says so', async () => {
    const { sandbox } = simulate();
    sandbox.faults.next('reload', { neverSettles: true });
    const services = sandbox.services(sandbox.signIn().id);
    const rejection = services.reloadSignIn({ signal: AbortSignal.timeout(1) });
    expect(await rejectionOf(rejection)).toMatchObject({ name: 'TimeoutError' });
  });
});

describe('a call that never settles', () => {
  it('takes effect and waits for the abort', async () => {
    const { sandbox, clock } = simulate();
    sandbox.faults.next('prepare', { neverSettles: true });
    const { controller, promise, settled } = start(sandbox);
    clock.increment(1_000_000_000);
    await Promise.resolve();
    expect(settled).not.toHaveBeenCalled();
    expect(sandbox.inbox.messages).toHaveLength(1);
    controller.abort();
    expect(await rejectionOf(promise)).toMatchObject({ name: 'AbortError' });
  });
});

describe('a duplicated request', () => {
  it('is handled twice and answered with the first answer', async () => {
    const { sandbox } = simulate();
    sandbox.faults.next('attempt', { duplicate: true });
    const signIn = await enter(sandbox).attempt('totp', sandbox.authenticator.code());
    expect(signIn.status).toBe('complete');
    expect(sandbox.requests.latest()?.arrivals).toBe(2);
  });

  it('is answered with the last answer where that is asked for', async () => {
    const { sandbox } = simulate();
    sandbox.faults.next('attempt', { duplicate: 'last' });
    const attempt = enter(sandbox).attempt('totp', sandbox.authenticator.code());
    expect(await refusalOf(attempt)).toBe('400 verification_already_verified');
  });

  it('sends two messages, of which the second counts', async () => {
    const { sandbox } = simulate();
    const flow = enter(sandbox);
    sandbox.faults.next('prepare', { duplicate: true });
    await flow.prepare(PHONE);
    expect(sandbox.inbox.messages).toHaveLength(2);
    expect((await flow.attempt('phone_code', sandbox.inbox.code())).status).toBe('complete');
  });
});

describe('an injected status', () => {
  it.each([
    [{ status: 503 }, '503 internal_clerk_error'],
    [{ status: 429 }, '429 too_many_requests'],
    [{ code: 'user_locked' }, '403 user_locked'],
    [{ code: 'sms_send_error', status: 422 }, '422 sms_send_error'],
    [{ code: 'something_new' }, '400 something_new'],
  ])('is answered in place of the backend: %j', async (fault, refusal) => {
    const { sandbox } = simulate();
    sandbox.faults.next('prepare', fault);
    expect(await refusalOf(enter(sandbox).prepare(PHONE))).toBe(refusal);
    expect(sandbox.inbox.messages).toEqual([]);
  });

  it('brings its message and Retry-After along', async () => {
    const { sandbox } = simulate();
    const retryAfter = 'Wed, 21 Oct 2026 07:28:00 GMT';
    sandbox.faults.next('prepare', { status: 429, message: 'Slow down.', retryAfter });
    await expect(enter(sandbox).prepare(PHONE)).rejects.toMatchObject({
      message: 'Slow down.',
      retryAfter,
    });
  });

  it('may come although the request took effect', async () => {
    const { sandbox } = simulate();
    const flow = enter(sandbox);
    sandbox.faults.next('attempt', { status: 502, takesEffect: true });
    const attempt = flow.attempt('totp', sandbox.authenticator.code());
    expect(await refusalOf(attempt)).toBe('502 internal_clerk_error');
    expect(sandbox.peek(flow.id).status).toBe('complete');
  });
});

describe('an answer with fields that nobody knows', () => {
  it('has those that it should have too', async () => {
    const { sandbox } = simulate();
    const flow = enter(sandbox);
    const known = await flow.reload();
    sandbox.faults.next('reload', { unknownFields: true });
    expect(await flow.reload()).toMatchObject({ ...known, another_one: 'text' });
  });
});

describe('garbage', () => {
  it.each([null, undefined, 7, {}, { status: 'complete' }])(
    'is what the promise resolves with: %j',
    async (garbage) => {
      const { sandbox } = simulate();
      sandbox.faults.next('reload', { garbage });
      expect(await enter(sandbox).reload()).toBe(garbage);
    },
  );

  it('is a page by default', async () => {
    const { sandbox } = simulate();
    sandbox.faults.next('reload', { garbage: true });
    expect(await enter(sandbox).reload()).toContain('<html>');
  });

  it('with a status rejects without errors, as clients do that cannot read it', async () => {
    const { sandbox } = simulate();
    sandbox.faults.next('prepare', { garbage: true, status: 502 });
    await expect(enter(sandbox).prepare(PHONE)).rejects.toMatchObject({ status: 502, errors: [] });
    expect(sandbox.inbox.messages).toHaveLength(1);
  });
});

describe('the offline switch', () => {
  it('lets nothing through until it is switched back', async () => {
    const { sandbox } = simulate();
    const flow = enter(sandbox);
    sandbox.offline = true;
    expect(await rejectionOf(flow.prepare(PHONE))).toBeInstanceOf(TypeError);
    expect(sandbox.inbox.messages).toEqual([]);
    sandbox.offline = false;
    await flow.prepare(PHONE);
    expect(sandbox.inbox.messages).toHaveLength(1);
  });

  it('loses replies that are on their way', async () => {
    const { sandbox, clock } = simulate();
    sandbox.faults.next('prepare', { delayMs: 10 });
    const { promise } = start(sandbox);
    sandbox.offline = true;
    clock.increment(10);
    expect(await rejectionOf(promise)).toBeInstanceOf(TypeError);
    expect(sandbox.inbox.messages).toHaveLength(1);
  });

  it('loses requests that are on their way', async () => {
    const { sandbox, clock } = simulate();
    sandbox.faults.next('prepare', { requestDelayMs: 10 });
    const { promise } = start(sandbox);
    sandbox.offline = true;
    clock.increment(10);
    expect(await rejectionOf(promise)).toBeInstanceOf(TypeError);
    expect(sandbox.requests.latest()?.arrivals).toBe(0);
  });

  it('uses up no queued fault', async () => {
    const { sandbox } = simulate();
    sandbox.faults.next('any', { status: 500 });
    sandbox.offline = true;
    await rejectionOf(enter(sandbox).reload());
    expect(sandbox.faults.pending).toBe(1);
  });
});

describe('queued and standing faults', () => {
  it('are used once each, in order', async () => {
    const { sandbox } = simulate();
    const flow = enter(sandbox);
    sandbox.faults.next('reload', { status: 500 }, { status: 503 });
    expect(await refusalOf(flow.reload())).toMatch('500');
    expect(await refusalOf(flow.reload())).toMatch('503');
    await expect(flow.reload()).resolves.toBeTruthy();
    expect(sandbox.faults.pending).toBe(0);
  });

  it('wait for their own method', async () => {
    const { sandbox } = simulate();
    const flow = enter(sandbox);
    sandbox.faults.next('attempt', { status: 500 }).next('any', { status: 503 });
    expect(await refusalOf(flow.reload())).toMatch('503');
    expect(await refusalOf(flow.attempt('totp', '1'))).toMatch('500');
  });

  it('of the method come before those of any', async () => {
    const { sandbox } = simulate();
    const flow = enter(sandbox);
    sandbox.faults.next('any', { status: 503 }).next('reload', { status: 500 });
    expect(await refusalOf(flow.reload())).toMatch('500');
    expect(await refusalOf(flow.reload())).toMatch('503');
  });

  it('stand until they are taken away', async () => {
    const { sandbox } = simulate();
    const flow = enter(sandbox);
    const remove = sandbox.faults.always('reload', { status: 500 });
    expect(await refusalOf(flow.reload())).toMatch('500');
    expect(await refusalOf(flow.reload())).toMatch('500');
    remove();
    await expect(flow.reload()).resolves.toBeTruthy();
  });

  it('may look at the request', async () => {
    const { sandbox } = simulate();
    const flow = enter(sandbox);
    sandbox.faults.always('any', ({ params }) =>
      params.strategy === 'email_code' ? { code: 'sms_send_error' } : undefined,
    );
    await flow.prepare(PHONE);
    expect(await refusalOf(flow.prepare({ strategy: 'email_code' }))).toMatch('sms_send_error');
  });

  it('count queued before standing, and the newest standing first', async () => {
    const { sandbox } = simulate();
    const flow = enter(sandbox);
    sandbox.faults.always('any', { status: 500 });
    sandbox.faults.always('reload', { status: 501 });
    sandbox.faults.next('reload', { status: 502 });
    expect(await refusalOf(flow.reload())).toMatch('502');
    expect(await refusalOf(flow.reload())).toMatch('501');
  });

  it('are all taken away by clear()', async () => {
    const { sandbox } = simulate();
    sandbox.faults.always('any', { status: 500 });
    sandbox.faults.next('any', { status: 500 });
    sandbox.faults.clear();
    await expect(enter(sandbox).reload()).resolves.toBeTruthy();
  });
});
