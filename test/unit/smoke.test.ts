import { expect, it } from 'vitest';
import { createSecondFactor } from '../../src/index.ts';
const signIn = { id: 's1', status: 'needs_second_factor', supportedSecondFactors: [{ strategy: 'totp' }, { strategy: 'phone_code', phoneNumberId: 'idn_1', default: true }], secondFactorVerification: null, createdSessionId: null };
it('runs', async () => {
  const calls: unknown[] = [];
  const flow = createSecondFactor({ signIn, services: {
    prepareSecondFactor: async (p) => { calls.push(p); return { ...signIn, secondFactorVerification: { status: 'unverified', strategy: 'phone_code', attempts: 0, expireAt: Date.now() + 600000 } }; },
    attemptSecondFactor: async (p) => { calls.push(p); if (p.code !== '424242') throw { status: 422, errors: [{ code: 'form_code_incorrect' }] }; return { ...signIn, status: 'complete', createdSessionId: 'x' }; },
  } });
  await expect(flow.attemptSecondFactor({ strategy: 'phone_code', code: '424242' })).rejects.toMatchObject({ code: 'not_prepared' });
  await flow.prepareSecondFactor({ strategy: 'phone_code' });
  expect(flow.actor.getSnapshot().value).toBe('prepared');
  await expect(flow.prepareSecondFactor({ strategy: 'phone_code' })).rejects.toMatchObject({ code: 'resend_cooldown' });
  await expect(flow.attemptSecondFactor({ strategy: 'phone_code', code: '000000' })).rejects.toMatchObject({ code: 'code_incorrect' });
  const s1 = flow.actor.getSnapshot();
  flow.actor.send({ type: 'PREPARE' });
  expect(flow.actor.getSnapshot()).toBe(s1);
  const done = await flow.attemptSecondFactor({ strategy: 'phone_code', code: '424 242' });
  expect(done.status).toBe('complete');
  expect(calls).toEqual([{ strategy: 'phone_code', phoneNumberId: 'idn_1' }, { strategy: 'phone_code', code: '000000' }, { strategy: 'phone_code', code: '424242' }]);
});
