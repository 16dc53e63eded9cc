import { describe, expect, it } from 'vitest';
import type { SandboxRequest } from '../../../src/sandbox/index.ts';
import { enter, rejectionOf, START, simulate } from './support.ts';

describe('the log of requests', () => {
  it('counts by method', async () => {
    const { sandbox } = simulate();
    const flow = enter(sandbox);
    await flow.prepare({ strategy: 'phone_code' });
    await flow.reload();
    await flow.reload();
    expect(sandbox.requests.count('prepare')).toBe(1);
    expect(sandbox.requests.count('reload')).toBe(2);
    expect(sandbox.requests.count('attempt')).toBe(0);
    expect(sandbox.requests.count()).toBe(3);
  });

  it('shows what was asked and answered', async () => {
    const { sandbox } = simulate();
    const flow = enter(sandbox);
    await rejectionOf(flow.prepare({ strategy: 'phone_code', phoneNumberId: 'idn_9' }));
    expect(sandbox.requests.latest()).toEqual({
      number: 1,
      method: 'prepare',
      signInId: flow.id,
      params: { strategy: 'phone_code', phoneNumberId: 'idn_9' },
      via: 'services',
      at: START,
      arrivals: 1,
      answer: 'strategy_for_user_invalid',
    });
  });

  it('holds no code and no password', async () => {
    const { sandbox } = simulate();
    const seen: SandboxRequest[] = [];
    sandbox.requests.subscribe((request) => seen.push(request));
    await rejectionOf(enter(sandbox).attempt('totp', 'canary-code'));
    await rejectionOf(sandbox.createSignIn({ identifier: 'a', password: 'canary-password' }));
    expect(JSON.stringify([seen, sandbox.requests.all])).not.toContain('canary');
    expect(sandbox.requests.latest('attempt')?.params.code).toBe('[redacted]');
  });

  it('leaves undefined parameters out and cuts long ones', async () => {
    const { sandbox } = simulate();
    const long = 'x'.repeat(10_000);
    const params = { strategy: long, phoneNumberId: undefined, [long]: '' } as never;
    await rejectionOf(sandbox.services(sandbox.signIn().id).prepareSecondFactor(params));
    expect(sandbox.requests.latest()?.params).toEqual({
      strategy: 'x'.repeat(64),
      ['x'.repeat(64)]: '[redacted]',
    });
  });

  it('tells of a request when it is made and when it is answered', async () => {
    const { sandbox } = simulate();
    const answers: string[] = [];
    sandbox.requests.subscribe(({ answer }) => answers.push(answer));
    await enter(sandbox).reload();
    expect(answers).toEqual(['pending', 'ok']);
  });

  it('is not changed by a sign-in that a test starts', () => {
    const { sandbox } = simulate();
    sandbox.signIn();
    expect(sandbox.requests.count()).toBe(0);
  });

  it('goes on counting after it was cleared', async () => {
    const { sandbox } = simulate();
    const flow = enter(sandbox);
    await flow.reload();
    sandbox.requests.clear();
    await flow.reload();
    expect(sandbox.requests.all.map(({ number }) => number)).toEqual([2]);
  });
});
