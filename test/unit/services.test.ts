import { describe, expect, it } from 'vitest';
import { type AnyActorLogic, createActor, fromPromise, setup, toPromise } from 'xstate';
import { STRATEGIES } from '../../machines/strategies.ts';
import {
  type AttemptInput,
  oneTimeCode,
  provideServices,
  type Reply,
  SecondFactorError,
  type SecondFactorServices,
  secondFactorMachine,
} from '../../src/index.ts';
import { settle, startFlow } from '../support/flow.ts';
import { CODE, completed, PHONE, sent, signIn, T0, TOTP, trap } from '../support/sign-ins.ts';

const services: SecondFactorServices = {
  prepareSecondFactor: async () => sent(),
  attemptSecondFactor: async () => completed(),
};

describe('provideServices', () => {
  it('makes a machine that a parent can invoke, with one onDone', async () => {
    const parent = setup({
      actors: { secondFactor: provideServices(services, { now: () => T0 }) },
    }).createMachine({
      initial: 'second',
      context: { sessionId: null as string | null },
      states: {
        second: {
          invoke: {
            id: 'secondFactor',
            src: 'secondFactor',
            input: { signIn: signIn(), at: T0 },
            onDone: { target: 'done', actions: [] },
          },
        },
        done: { type: 'final' },
      },
      output: 'over',
    });
    const actor = createActor(parent).start();
    actor
      .getSnapshot()
      .children.secondFactor?.send({ type: 'ATTEMPT', code: oneTimeCode(CODE) } as never);
    expect(await toPromise(actor)).toBe('over');
  });

  it('stamps replies with its own time', async () => {
    const actor = createActor(provideServices(services, { now: () => T0 + 5 }), {
      input: { signIn: signIn(), at: T0, factor: PHONE },
    }).start();
    actor.send({ type: 'PREPARE', at: T0 });
    await settle();
    expect(actor.getSnapshot().context).toMatchObject({ now: T0 + 5, learntAt: T0 + 5 });
    actor.stop();
  });

  it('does not abort a request that was answered', async () => {
    const flow = startFlow({ factor: TOTP });
    flow.attemptSecondFactor({ strategy: 'totp', code: CODE }).catch(() => {});
    const { signal, resolve } = flow.last();
    await resolve(completed());
    expect([flow.state(), signal.aborted]).toEqual(['complete', false]);
  });

  it('lets one actor be swapped by hand', async () => {
    const byHand = provideServices(services).provide({
      actors: {
        attemptSecondFactor: fromPromise<Reply, AttemptInput>(async () => ({
          signIn: completed(),
          at: T0,
        })),
      },
    });
    const actor = createActor(byHand, { input: { signIn: signIn(), at: T0 } }).start();
    actor.send({ type: 'ATTEMPT', code: oneTimeCode(CODE) });
    expect(await toPromise(actor)).toMatchObject({ outcome: 'complete' });
  });
});

describe('an actor provided by hand is not trusted', () => {
  const attemptWith = async (output: unknown, fail = false) => {
    const machine = secondFactorMachine.provide({
      actors: {
        attemptSecondFactor: fromPromise<Reply, AttemptInput>(async () => {
          if (fail) throw output;
          return output as Reply;
        }),
      },
    });
    const actor = createActor(machine, { input: { signIn: signIn(), at: T0 } }).start();
    actor.send({ type: 'ATTEMPT', code: oneTimeCode(CODE) });
    await settle();
    return actor.getSnapshot();
  };

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a bare sign-in', completed()],
    ['a reply without a sign-in', { at: T0 }],
  ])('that resolves with %s does not complete', async (_, output) => {
    const snapshot = await attemptWith(output);
    expect(snapshot.value).toEqual({ failed: 'outcome_unknown' });
    expect(snapshot.context.error?.code).toBe('malformed_reply');
  });

  it('that stamps no time counts as now', async () => {
    expect((await attemptWith({ signIn: completed() })).value).toBe('complete');
  });

  it.each([
    ['nothing', undefined, 'server_error'],
    ['a raw error', Object.assign(new Error(CODE), { config: CODE }), 'server_error'],
    ['a trap', trap(), 'server_error'],
    ['a failure of junk', { error: 'junk', at: 'soon' }, 'server_error'],
    ['a bare error of this library', new SecondFactorError('code_incorrect'), 'code_incorrect'],
    [
      'a failure without a time',
      { error: new SecondFactorError('code_incorrect') },
      'code_incorrect',
    ],
  ])('that rejects with %s is understood', async (_, reason, code) => {
    const snapshot = await attemptWith(reason, true);
    expect(snapshot.context.error?.code).toBe(code);
    expect(snapshot.context.now).toBe(T0);
    expect(JSON.stringify([snapshot.context, snapshot.context.error?.cause])).not.toContain(CODE);
  });

  it.each(['prepareSecondFactor', 'attemptSecondFactor', 'reloadSignIn'] as const)(
    'of the machine itself says that %s is not provided',
    async (service) => {
      const logic = secondFactorMachine.implementations.actors as Record<string, AnyActorLogic>;
      const actor = createActor(logic[service] as AnyActorLogic);
      await expect(toPromise(actor.start())).rejects.toMatchObject({
        code: 'service_not_provided',
        field: service,
      });
    },
  );
});

describe('an actor started outside the machine', () => {
  const run = async (input: unknown, reply: unknown = completed()) => {
    const calls: unknown[] = [];
    const actors = provideServices({
      ...services,
      attemptSecondFactor: async (params) => {
        calls.push(params);
        return reply as object;
      },
    }).implementations.actors as Record<string, AnyActorLogic>;
    const actor = createActor(actors.attemptSecondFactor as AnyActorLogic, { input });
    actor.subscribe({ error: () => {} });
    actor.start();
    await settle();
    return { calls, status: actor.getSnapshot().status };
  };

  it('hands over no code for an unknown strategy, or a code of another form', async () => {
    const code = oneTimeCode('abc');
    for (const strategy of ['totp', 'carrier_pigeon']) {
      const { calls } = await run({
        factor: { strategy },
        code,
        strategies: { totp: { needsPreparation: false, proof: 'code', length: 6 } },
      });
      expect(calls).toEqual([{ strategy }]);
    }
  });

  it('rejects a reply that makes no sense', async () => {
    const input = { factor: TOTP, code: oneTimeCode(CODE), strategies: STRATEGIES };
    expect((await run(input)).status).toBe('done');
    expect((await run(input, { id: 'sia_1' })).status).toBe('error');
  });

  it('rejects something that is no code', async () => {
    const { status, calls } = await run({
      factor: TOTP,
      code: '[redacted]',
      strategies: { totp: { needsPreparation: false, proof: 'code', length: 6 } },
    });
    expect([status, calls]).toEqual(['error', []]);
  });
});
