// Machines that have nothing to do with a sign-in: the viewer is for any.
import { assign, createMachine, fromCallback, fromPromise, setup } from 'xstate';

const upload = createMachine({
  id: 'upload',
  initial: 'sending',
  states: {
    sending: { after: { 60000: 'sent' }, on: { PAUSE: 'paused' } },
    paused: { on: { RESUME: 'sending' } },
    sent: { type: 'final' },
  },
});

/** Parallel regions, history of both depths, a nested machine, a callback and spawned children. */
export const editorMachine = setup({
  types: {} as { context: { words: number; readonly savedAt: number | null } },
  actors: {
    upload,
    autosave: fromCallback(() => {}),
    load: fromPromise(async () => 'text'),
  },
  actions: { count: assign({ words: ({ context }) => context.words + 1 }) },
  guards: { isLong: ({ context }, { min }: { min: number }) => context.words >= min },
}).createMachine({
  id: 'editor',
  type: 'parallel',
  context: { words: 0, savedAt: null },
  states: {
    document: {
      initial: 'loading',
      states: {
        loading: { invoke: { id: 'load', src: 'load', onDone: 'open', onError: 'failed' } },
        open: {
          initial: 'writing',
          invoke: { id: 'autosave', src: 'autosave' },
          on: { CLOSE: 'closed' },
          states: {
            writing: {
              initial: 'plain',
              on: { TYPE: { actions: 'count' }, REVIEW: 'reviewing' },
              states: {
                plain: { on: { BOLD: 'bold', ITALIC: 'italic' } },
                bold: { on: { BOLD: 'plain' } },
                italic: { on: { ITALIC: 'plain' } },
              },
            },
            reviewing: {
              on: {
                WRITE: 'deep',
                APPROVE: [
                  { guard: { type: 'isLong', params: { min: 3 } }, target: 'uploading' },
                  { guard: { type: 'isLong', params: { min: 1 } }, target: 'writing' },
                ],
              },
            },
            uploading: { invoke: { id: 'upload', src: 'upload', onDone: 'reviewing' } },
            deep: { type: 'history', history: 'deep', target: 'writing' },
          },
        },
        closed: { on: { OPEN: 'open.deep', FORGET: 'loading' } },
        failed: { type: 'final' },
      },
    },
    panel: {
      initial: 'shown',
      states: {
        shown: { on: { HIDE: 'hidden' } },
        hidden: { on: { SHOW: 'shown' } },
      },
    },
    network: {
      initial: 'online',
      states: {
        online: { on: { LOSE: 'offline' } },
        offline: { on: { FIND: 'online' }, after: { 300000: 'givenUp' } },
        givenUp: { type: 'final' },
      },
    },
  },
});

const PHASES = ['draft', 'check', 'pay', 'pack', 'ship'];
const STEPS = ['start', 'ask', 'wait', 'answer', 'retry', 'repair', 'confirm'];

/** Forty states and more. */
export const orderMachine = createMachine({
  id: 'order',
  initial: 'draft',
  on: { CANCEL: '.cancelled' },
  states: {
    ...Object.fromEntries(
      PHASES.map((phase, index) => [
        phase,
        {
          initial: 'start',
          on: { SKIP: PHASES[index + 1] ?? 'delivered', BACK: PHASES[index - 1] ?? 'draft' },
          states: Object.fromEntries(
            STEPS.map((step, at) => [
              step,
              {
                on: {
                  NEXT: STEPS[at + 1] ?? `#order.${PHASES[index + 1] ?? 'delivered'}`,
                  ...(step === 'wait' && { TIMEOUT: 'retry' }),
                  ...(step === 'retry' && { AGAIN: 'ask' }),
                  ...(step === 'repair' && { GIVE_UP: '#order.cancelled' }),
                },
              },
            ]),
          ),
        },
      ]),
    ),
    delivered: { type: 'final' },
    cancelled: { type: 'final' },
  },
});
