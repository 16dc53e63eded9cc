/**
 * A host kept one event object and filled it anew for each attempt. The flow sent the first code again, because it
 * remembered by the object what it had read.
 */
import { expect, it } from 'vitest';
import { oneTimeCode } from '../../src/index.ts';
import { startFlow } from '../support/flow.ts';
import { apiError, CODE, completed, PHONE, signIn, T0, TOTP } from '../support/sign-ins.ts';

it('an event that is filled anew is read anew', async () => {
  const flow = startFlow();
  const event = {
    type: 'ATTEMPT' as const,
    code: oneTimeCode('111111'),
    factor: TOTP,
    requestId: 'first',
    trustDevice: false,
  };
  flow.send(event);
  await flow.last().reject(apiError('form_code_incorrect'));
  event.code = oneTimeCode(CODE);
  flow.send(event);
  expect(flow.last().params).toEqual({ strategy: 'totp', code: CODE });
  await flow.last().reject(apiError('form_code_incorrect'));
  Object.assign(event, { requestId: 'third', trustDevice: true });
  flow.send(event);
  expect(flow.last().request).toMatchObject({ requestId: 'third', trustDevice: true });
  const news = { type: 'SIGN_IN.CHANGED' as const, signIn: signIn(), at: T0 };
  flow.send(news);
  news.signIn = completed();
  flow.send(news);
  expect(flow.state()).toBe('complete');
});

it('an event is read by the strategies of the flow that it is sent to', () => {
  const factor = { strategy: 'pager', pagerId: 'p_1' };
  const event = { type: 'SELECT', factor } as const;
  startFlow().actor.send(event);
  const pager = { needsPreparation: false, proof: 'code', idField: 'pagerId' } as const;
  const flow = startFlow({
    signIn: signIn({ supportedSecondFactors: [PHONE, { ...factor, pagerId: 'p_0' }, factor] }),
    options: { strategies: { pager } },
  });
  flow.send(event);
  expect(flow.context().factor).toEqual(factor);
});
