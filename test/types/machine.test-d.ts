import { describe, expectTypeOf, it } from 'vitest';
import { type ActorRefFrom, createActor, type SnapshotFrom } from 'xstate';
import {
  type HaltReason,
  oneTimeCode,
  provideServices,
  type SecondFactorError,
  type SecondFactorErrorCode,
  type SecondFactorInput,
  type SecondFactorOutput,
  type SecondFactorServices,
  type SignIn,
  secondFactorMachine,
} from '../../src/index.ts';

declare const actor: ActorRefFrom<typeof secondFactorMachine>;
declare const snapshot: SnapshotFrom<typeof secondFactorMachine>;
declare const services: SecondFactorServices;

describe('send', () => {
  it('accepts every event with its payload', () => {
    actor.send({ type: 'SELECT', factor: { strategy: 'totp' } });
    actor.send({ type: 'PREPARE' });
    actor.send({ type: 'PREPARE', factor: { strategy: 'phone_code', phoneNumberId: 'idn_1' } });
    actor.send({ type: 'PREPARE', at: 0 });
    actor.send({ type: 'ATTEMPT', code: oneTimeCode('424242') });
    actor.send({
      type: 'ATTEMPT',
      code: oneTimeCode('424242'),
      factor: { strategy: 'backup_code' },
    });
    actor.send({ type: 'CANCEL' });
    actor.send({ type: 'SIGN_IN.CHANGED', signIn: {}, at: 0 });
    actor.send({ type: 'DEADLINE.PASSED', name: 'hold' });
  });

  it('refuses a plain string as a code', () => {
    // @ts-expect-error a code is wrapped by oneTimeCode(), so that it can't be logged by accident
    actor.send({ type: 'ATTEMPT', code: '424242' });
  });

  it('refuses an object that looks like a code', () => {
    // @ts-expect-error the private field makes the class nominal
    actor.send({ type: 'ATTEMPT', code: { reveal: () => '424242' } });
  });

  it('refuses unknown events and missing or misspelt payloads', () => {
    // @ts-expect-error there is no such event
    actor.send({ type: 'RESEND' });
    // @ts-expect-error SELECT names a factor
    actor.send({ type: 'SELECT' });
    // @ts-expect-error a factor is an object with a strategy
    actor.send({ type: 'SELECT', factor: 'totp' });
    // @ts-expect-error server truth is dated, since an older one is ignored
    actor.send({ type: 'SIGN_IN.CHANGED', signIn: {} });
    // @ts-expect-error a sign-in is an object
    actor.send({ type: 'SIGN_IN.CHANGED', signIn: 'complete', at: 0 });
    // @ts-expect-error a deadline has a name
    actor.send({ type: 'DEADLINE.PASSED' });
    // @ts-expect-error times are ms since the epoch
    actor.send({ type: 'PREPARE', at: new Date() });
    // @ts-expect-error the events of XState's own actors are not a host's to send
    actor.send({ type: 'xstate.done.actor.attemptSecondFactor', output: {} });
  });
});

describe('input', () => {
  it('is required, with a sign-in and a time', () => {
    createActor(secondFactorMachine, { input: { signIn: {}, at: 0 } });
    createActor(provideServices(services), {
      input: { signIn: {}, at: 0, resume: JSON.parse('null') as unknown },
    });
    // @ts-expect-error without an input there is no sign-in
    createActor(secondFactorMachine);
    // @ts-expect-error the machine reads no clock: the start is dated
    createActor(secondFactorMachine, { input: { signIn: {} } });
    createActor(secondFactorMachine, {
      // @ts-expect-error options are durations in ms, not text
      input: { signIn: {}, at: 0, options: { resendCooldownMs: '30s' } },
    });
    createActor(secondFactorMachine, {
      // @ts-expect-error a misspelt option would be silently without effect
      input: { signIn: {}, at: 0, options: { resendCooldown: 30_000 } },
    });
  });

  it('takes only known options', () => {
    type Options = NonNullable<SecondFactorInput['options']>;
    expectTypeOf<keyof Options>().toEqualTypeOf<
      'resendCooldownMs' | 'requestTimeoutMs' | 'reloadTimeoutMs' | 'liveDeliveries' | 'strategies'
    >();
    expectTypeOf<Options['requestTimeoutMs']>().toEqualTypeOf<number | null | undefined>();
  });
});

describe('output', () => {
  it('is one of two, told apart by outcome', () => {
    expectTypeOf(snapshot.output).toEqualTypeOf<SecondFactorOutput | undefined>();
    const { output } = snapshot;
    if (output?.outcome === 'complete') {
      expectTypeOf(output.signIn).toEqualTypeOf<SignIn>();
      // @ts-expect-error a complete flow has no reason
      output.reason;
    }
    if (output?.outcome === 'halted') {
      expectTypeOf(output.reason).toEqualTypeOf<HaltReason>();
      expectTypeOf(output.error).toEqualTypeOf<SecondFactorError>();
      expectTypeOf(output.attemptMayLand).toEqualTypeOf<boolean>();
    }
  });

  it('has only reasons that end a flow', () => {
    expectTypeOf<HaltReason>().toExtend<SecondFactorErrorCode>();
    expectTypeOf<'cancelled'>().toExtend<HaltReason>();
    expectTypeOf<'code_incorrect'>().not.toExtend<HaltReason>();
  });
});

describe('snapshot', () => {
  it('matches states that exist', () => {
    snapshot.matches('needs_second_factor');
    snapshot.matches('attempting');
    snapshot.matches({ attempting: 'reconciling' });
    snapshot.matches({ failed: 'code_rejected' });
    // @ts-expect-error there is no such state
    snapshot.matches('verifying');
    // @ts-expect-error this is a child of attempting, not of failed
    snapshot.matches({ failed: 'reconciling' });
  });

  it('narrows by status', () => {
    if (snapshot.status === 'done') {
      expectTypeOf(snapshot.output).toEqualTypeOf<SecondFactorOutput>();
    }
  });

  it('has known tags, and asks can() of known events', () => {
    snapshot.hasTag('busy');
    snapshot.can({ type: 'PREPARE' });
    // @ts-expect-error there is no such tag
    snapshot.hasTag('loading');
    // @ts-expect-error there is no such event
    snapshot.can({ type: 'RESEND' });
  });

  it('holds no code', () => {
    // @ts-expect-error a code is never in context
    snapshot.context.code;
  });

  it('is read-only', () => {
    // @ts-expect-error context is changed by events alone
    snapshot.context.factor = null;
    // @ts-expect-error so are the records in it
    snapshot.context.deadlines.hold = 0;
  });
});
