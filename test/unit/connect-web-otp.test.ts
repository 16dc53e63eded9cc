import { afterEach, describe, expect, it, vi } from 'vitest';
import { oneTimeCode } from '../../src/index.ts';
import { type OtpCredentials, type OtpRequest, submitTextMessages } from '../../src/web-otp.ts';
import { settle, startFlow } from '../support/flow.ts';
import { CODE, PHONE, sent, TOTP } from '../support/sign-ins.ts';

/** A browser that answers a question for a code when the test says so. */
function browser() {
  const asked: (OtpRequest & {
    deliver(answer: unknown): Promise<void>;
    decline(): Promise<void>;
  })[] = [];
  const credentials: OtpCredentials = {
    get: (request) =>
      new Promise((resolve, reject) => {
        request.signal.addEventListener('abort', () => reject(request.signal.reason));
        asked.push({
          ...request,
          deliver: async (answer) => {
            resolve(answer);
            await settle();
          },
          decline: async () => {
            reject(new Error('no'));
            await settle();
          },
        });
      }),
  };
  return { asked, credentials };
}

/** A flow that awaits a text message, and a browser that reads it. */
function awaiting(options: Parameters<typeof startFlow>[0] = {}) {
  const { asked, credentials } = browser();
  const flow = startFlow({ factor: PHONE, ...options });
  const stop = submitTextMessages(flow.actor, credentials);
  flow.send({ type: 'PREPARE' });
  return { asked, flow, stop };
}

describe('submitTextMessages', () => {
  afterEach(() => void vi.unstubAllGlobals());

  it('asks while a text message is awaited, and submits what comes', async () => {
    const { asked, credentials } = browser();
    const flow = startFlow();
    submitTextMessages(flow.actor, credentials);
    expect(asked).toHaveLength(0);
    flow.send({ type: 'PREPARE', factor: PHONE, at: flow.now() });
    expect(asked).toMatchObject([{ otp: { transport: ['sms'] } }]);
    await flow.last().resolve(sent());
    await asked[0]?.deliver({ code: CODE });
    expect(flow.last().params).toEqual({ strategy: 'phone_code', code: CODE });
    expect(asked).toHaveLength(1);
  });

  it('keeps a message that comes before the reply to the prepare', async () => {
    const { asked, flow } = awaiting();
    await asked[0]?.deliver({ code: CODE });
    expect(flow.state()).toBe('preparing');
    await flow.last().resolve(sent());
    expect(flow.state()).toBe('attempting.sending');
  });

  it('takes the question back when the flow leaves that state', async () => {
    const { asked, flow } = awaiting();
    await flow.last().resolve(sent());
    flow.send({ type: 'SELECT', factor: TOTP });
    expect(asked[0]?.signal.aborted).toBe(true);
    flow.send({ type: 'SELECT', factor: PHONE });
    expect(asked).toHaveLength(2);
    flow.send({ type: 'ATTEMPT', code: oneTimeCode(CODE) });
    expect(asked[1]?.signal.aborted).toBe(true);
    await flow.last().reject({ status: 422, errors: [{ code: 'form_code_incorrect' }] });
    expect(asked).toHaveLength(3);
    flow.send({ type: 'CANCEL' });
    expect(asked[2]?.signal.aborted).toBe(true);
  });

  it('stops when it is told to, and when the flow is stopped', () => {
    const told = awaiting();
    told.stop();
    expect(told.asked[0]?.signal.aborted).toBe(true);
    const stopped = awaiting();
    stopped.flow.stop();
    expect(stopped.asked[0]?.signal.aborted).toBe(true);
  });

  it('goes on after a user declines, and after an answer without a code', async () => {
    const { asked, flow } = awaiting();
    await asked[0]?.decline();
    await flow.last().resolve(sent());
    expect(flow.state()).toBe('prepared');
    expect(asked).toHaveLength(1);
    flow.send({ type: 'SELECT', factor: TOTP });
    flow.send({ type: 'SELECT', factor: PHONE });
    await asked[1]?.deliver(null);
    expect(flow.state()).toBe('prepared');
  });

  it('asks again for another message after the user declined the first', async () => {
    const { asked, flow } = awaiting();
    await asked[0]?.decline();
    await flow.last().resolve(sent());
    flow.clock.increment(30_000);
    expect(asked).toHaveLength(1);
    flow.send({ type: 'PREPARE' });
    expect(asked).toHaveLength(2);
    await flow.last().resolve(sent());
    await asked[1]?.deliver({ code: CODE });
    expect(flow.state()).toBe('attempting.sending');
  });

  it('asks once for both messages while it is still waiting', async () => {
    const { asked, flow } = awaiting();
    await flow.last().resolve(sent());
    flow.clock.increment(30_000);
    flow.send({ type: 'PREPARE' });
    expect(asked).toHaveLength(1);
  });

  it('knows the length that the host has registered', async () => {
    const strategies = {
      phone_code: { needsPreparation: true, proof: 'code', length: 8, idField: 'phoneNumberId' },
    } as const;
    const { asked, flow } = awaiting({ options: { strategies } });
    await flow.last().resolve(sent());
    expect(asked[0]?.signal.aborted).toBe(false);
    await asked[0]?.deliver({ code: '42424242' });
    expect(flow.last().params).toEqual({ strategy: 'phone_code', code: '42424242' });
  });

  it('does nothing if the browser knows no WebOTP', () => {
    const get = vi.fn();
    vi.stubGlobal('navigator', { credentials: { get } });
    const flow = startFlow({ factor: PHONE });
    submitTextMessages(flow.actor);
    flow.send({ type: 'PREPARE' });
    expect(get).not.toHaveBeenCalled();
    const subscribe = vi.spyOn(flow.actor, 'subscribe');
    submitTextMessages(flow.actor)();
    expect(subscribe).not.toHaveBeenCalled();
    vi.stubGlobal('OTPCredential', class {});
    vi.stubGlobal('navigator', undefined);
    submitTextMessages(flow.actor)();
  });

  it('asks nothing of a flow that was stopped, and has nothing to take back', () => {
    const { asked, credentials } = browser();
    const flow = startFlow({ factor: PHONE });
    flow.send({ type: 'PREPARE' });
    flow.stop();
    const stop = submitTextMessages(flow.actor, credentials);
    expect(asked).toHaveLength(0);
    expect(stop).not.toThrow();
  });

  it('listens to the end, also to one before anything was asked', () => {
    const { credentials } = browser();
    const { actor } = startFlow();
    const subscribe = vi.spyOn(actor, 'subscribe');
    submitTextMessages(actor, credentials);
    const observer = subscribe.mock.calls[0]?.[0] as unknown as { complete(): void };
    expect(() => observer.complete()).not.toThrow();
  });

  it.each([
    ['an answer after the question was taken back', { code: CODE }, true],
    ['an answer that is no text', { code: 424242 }, false],
  ])('does not submit %s', async (_, answer, takesBack) => {
    const flow = startFlow({ factor: PHONE });
    let deliver = (_answer: object) => {};
    const get = () =>
      new Promise((resolve) => {
        deliver = resolve;
      });
    const send = vi.fn();
    const can = vi.fn(() => true);
    const getSnapshot = () => ({ ...flow.actor.getSnapshot(), can, matches: () => true });
    const subscribe = () => ({ unsubscribe: () => {} });
    const stop = submitTextMessages({ getSnapshot, send, subscribe } as never, { get });
    if (takesBack) stop();
    can.mockClear();
    deliver(answer);
    await settle();
    expect(can).not.toHaveBeenCalled();
    expect(send).not.toHaveBeenCalled();
  });

  it("asks the browser's own credentials by default", () => {
    const get = vi.fn(() => new Promise(() => {}));
    vi.stubGlobal('OTPCredential', class {});
    vi.stubGlobal('navigator', { credentials: { get } });
    const flow = startFlow({ factor: PHONE });
    submitTextMessages(flow.actor);
    flow.send({ type: 'PREPARE' });
    expect(get).toHaveBeenCalledOnce();
  });
});
