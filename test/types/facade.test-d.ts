import { describe, expectTypeOf, it } from 'vitest';
import {
  type Bookmark,
  createSecondFactor,
  isSecondFactorError,
  type OneTimeCode,
  oneTimeCode,
  provideServices,
  SecondFactorError,
  type SecondFactorErrorCode,
  type SecondFactorFlow,
  type SecondFactorServices,
  type SignIn,
  type secondFactorMachine,
} from '../../src/index.ts';

declare const services: SecondFactorServices;
declare const flow: SecondFactorFlow;
declare const unknown: unknown;

describe('createSecondFactor', () => {
  it('needs a sign-in', () => {
    expectTypeOf(createSecondFactor({ signIn: {}, services })).toEqualTypeOf<SecondFactorFlow>();
    createSecondFactor({ signIn: {}, services, options: { requestTimeoutMs: null } });
    // @ts-expect-error there is nothing to verify without a sign-in
    createSecondFactor({ services });
    // @ts-expect-error a sign-in is an object, not its id
    createSecondFactor({ signIn: 'sia_1', services });
  });

  it('has the two methods of the SignIn class', () => {
    expectTypeOf(
      flow.prepareSecondFactor({ strategy: 'phone_code' }),
    ).resolves.toEqualTypeOf<SignIn>();
    expectTypeOf(
      flow.attemptSecondFactor({ strategy: 'totp', code: '424242' }),
    ).resolves.toEqualTypeOf<SignIn>();
    flow.prepareSecondFactor({ strategy: 'phone_code', phoneNumberId: 'idn_1' });
    // @ts-expect-error a strategy is chosen by name
    flow.prepareSecondFactor({});
    flow.attemptSecondFactor({ strategy: 'passkey', trustDevice: true });
    // @ts-expect-error the code is text, as typed: a number has lost its leading zeros
    flow.attemptSecondFactor({ strategy: 'totp', code: 424242 });
  });

  it('hands out the actor of the machine, and a bookmark', () => {
    expectTypeOf(flow.bookmark()).toEqualTypeOf<Bookmark>();
    flow.actor.send({ type: 'CANCEL' });
    // @ts-expect-error the actor takes the events of the machine alone
    flow.actor.send({ type: 'RESEND' });
  });
});

describe('services', () => {
  it('may lack reloadSignIn and nothing else', () => {
    const prepareSecondFactor = async () => ({});
    const attemptSecondFactor = async () => ({});
    provideServices({ prepareSecondFactor, attemptSecondFactor });
    provideServices({ prepareSecondFactor, attemptSecondFactor, reloadSignIn: async () => ({}) });
    // @ts-expect-error without an attempt nothing is ever verified
    provideServices({ prepareSecondFactor });
    // @ts-expect-error a service answers with the sign-in
    provideServices({ prepareSecondFactor, attemptSecondFactor: async () => true });
  });

  it('are given a signal', () => {
    type Request = Parameters<SecondFactorServices['attemptSecondFactor']>[1];
    expectTypeOf<Request['signal']>().toEqualTypeOf<AbortSignal>();
  });

  it('leave a machine of the same type', () => {
    expectTypeOf(provideServices(services)).toEqualTypeOf<typeof secondFactorMachine>();
  });
});

describe('oneTimeCode', () => {
  it('wraps text and shows it by reveal() alone', () => {
    expectTypeOf(oneTimeCode('424242')).toEqualTypeOf<OneTimeCode>();
    expectTypeOf<OneTimeCode['reveal']>().returns.toEqualTypeOf<string>();
    // @ts-expect-error a number has lost its leading zeros
    oneTimeCode(424242);
    // @ts-expect-error a code is not text
    const text: string = oneTimeCode('424242');
    text.trim();
  });
});

describe('errors', () => {
  it('narrow from unknown', () => {
    if (isSecondFactorError(unknown)) {
      expectTypeOf(unknown).toEqualTypeOf<SecondFactorError>();
      expectTypeOf(unknown.code).toEqualTypeOf<SecondFactorErrorCode>();
      expectTypeOf(unknown.retryAt).toEqualTypeOf<number | undefined>();
    }
  });

  it('have codes of a closed union, which a switch can exhaust', () => {
    new SecondFactorError('code_incorrect', { attemptsLeft: 2 });
    // @ts-expect-error there is no such code
    new SecondFactorError('oops');
    // @ts-expect-error a code is never compared with one that does not exist
    isSecondFactorError(unknown) && unknown.code === 'wrong_code';
    expectTypeOf<SecondFactorErrorCode>().not.toEqualTypeOf<string>();
  });
});
