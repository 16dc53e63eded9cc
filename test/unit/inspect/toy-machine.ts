import { assign, fromPromise, setup } from 'xstate';

interface ToyContext {
  readonly secret: string | null;
  readonly deadlines: Readonly<Record<string, number>>;
}

type ToyEvent =
  | { type: 'SUBMIT'; code: string }
  | { type: 'NOTE'; text: string }
  | { type: 'THROW' }
  | { type: 'CANCEL' };

/** A machine of somebody who never heard of redaction: nesting, an invoke, guards, delays, `always`. */
export const toyMachine = setup({
  types: {} as { context: ToyContext; events: ToyEvent; tags: 'busy' },
  actors: {
    check: fromPromise<{ token: string }, { code: string | null }>(async ({ input }) => {
      if (input.code?.startsWith('bad')) {
        throw new Error(`nobody knows ${input.code}`, {
          cause: { code: input.code, tried: input.code },
        });
      }
      return { token: `tok_${input.code}` };
    }),
  },
  guards: {
    isLongEnough: ({ event }) => event.type === 'SUBMIT' && event.code.length >= 6,
  },
  actions: {
    keepCode: assign({ secret: ({ event }) => (event.type === 'SUBMIT' ? event.code : null) }),
    throwUp: () => {
      throw new Error('an action threw');
    },
  },
}).createMachine({
  id: 'toy',
  context: { secret: null, deadlines: { hold: 1_764_000_005_000 } },
  initial: 'code',
  on: { CANCEL: { target: '.gone' }, NOTE: {} },
  states: {
    code: {
      on: {
        SUBMIT: { guard: 'isLongEnough', target: 'busy', actions: 'keepCode' },
        THROW: { actions: 'throwUp' },
      },
    },
    busy: {
      tags: 'busy',
      initial: 'first',
      states: {
        first: { always: 'checking' },
        checking: {
          invoke: {
            id: 'check',
            src: 'check',
            input: ({ context }) => ({ code: context.secret }),
            onDone: '#toy.end',
            onError: '#toy.code',
          },
        },
      },
      after: { 30000: 'code' },
    },
    end: { type: 'final' },
    gone: { type: 'final' },
  },
});
