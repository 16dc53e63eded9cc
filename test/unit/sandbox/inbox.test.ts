import { describe, expect, it, vi } from 'vitest';
import { enter, START, simulate } from './support.ts';

const PHONE = { strategy: 'phone_code' };

describe('the inbox', () => {
  it('notes who asked for a message, and when', async () => {
    const { sandbox } = simulate();
    const flow = enter(sandbox);
    await flow.prepare(PHONE);
    expect(sandbox.inbox.latest()).toMatchObject({ signInId: flow.id, sentAt: START });
  });

  it('gives a list of its own each time', async () => {
    const { sandbox } = simulate();
    await enter(sandbox).prepare(PHONE);
    (sandbox.inbox.messages as unknown[]).length = 0;
    expect(sandbox.inbox.messages).toHaveLength(1);
  });

  it('gives a factor of its own each time', async () => {
    const { sandbox } = simulate();
    const flow = enter(sandbox);
    await flow.prepare(PHONE);
    Object.assign(sandbox.inbox.latest()?.factor ?? {}, { strategy: 'changed' });
    expect(sandbox.peek(flow.id).supportedSecondFactors[0]?.strategy).toBe('phone_code');
  });

  it('finds the newest message to an address', async () => {
    const { sandbox } = simulate();
    const flow = enter(sandbox);
    await flow.prepare(PHONE);
    await flow.prepare({ strategy: 'email_code' });
    expect(sandbox.inbox.latest()?.to).toBe('ada@example.com');
    expect(sandbox.inbox.latest('+15555550100')?.factor.strategy).toBe('phone_code');
  });

  it('has no latest message and no code while it is empty', () => {
    const { inbox } = simulate().sandbox;
    expect(inbox.latest()).toBeUndefined();
    expect(() => inbox.code()).toThrow('No code was delivered.');
  });

  it('tells subscribers until they unsubscribe', async () => {
    const { sandbox } = simulate();
    const flow = enter(sandbox);
    const listener = vi.fn();
    const unsubscribe = sandbox.inbox.subscribe(listener);
    await flow.prepare(PHONE);
    unsubscribe();
    await flow.prepare(PHONE);
    expect(listener.mock.calls).toEqual([[sandbox.inbox.messages[0]]]);
  });

  it('tells the other subscribers when one of them throws', async () => {
    const { sandbox } = simulate();
    const report = vi.spyOn(globalThis, 'queueMicrotask').mockReturnValue();
    const listener = vi.fn();
    sandbox.inbox.subscribe(() => {
      throw new Error('boom');
    });
    sandbox.inbox.subscribe(listener);
    await enter(sandbox).prepare(PHONE);
    expect(listener).toHaveBeenCalledOnce();
    // The error is thrown again where nothing of the sandbox can swallow it.
    expect(report.mock.calls[0]?.[0]).toThrow('boom');
    report.mockRestore();
  });

  it('forgets messages whose codes stay valid', async () => {
    const { sandbox } = simulate();
    const flow = enter(sandbox);
    await flow.prepare(PHONE);
    const code = sandbox.inbox.code();
    sandbox.inbox.clear();
    expect(sandbox.inbox.messages).toEqual([]);
    expect((await flow.attempt('phone_code', code)).status).toBe('complete');
  });
});
