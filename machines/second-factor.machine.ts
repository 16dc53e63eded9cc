import { assign, enqueueActions, fromCallback, fromPromise, setup } from 'xstate';
import { type ErrorEffect, notProvided, SecondFactorError } from './errors.ts';
import { guards } from './second-factor.guards.ts';
import { initialContext } from './second-factor.start.ts';
import type {
  AttemptInput,
  SecondFactorContext as Context,
  SecondFactorEvent as Event,
  Reply,
  RequestInput,
  SecondFactorInput,
  SecondFactorOutput,
} from './second-factor.types.ts';
import * as updates from './second-factor.updates.ts';

const notProvidedActor = <Input>(service: string) =>
  fromPromise<Reply, Input>(() => Promise.reject(notProvided(service)));

const untimed = (update: updates.Update) =>
  assign<Context, Event, undefined, Event, never>(({ context, event }) => update(context, event));

/** An update that also schedules or cancels `DEADLINE.PASSED` for each deadline that it changes. */
const timed = (update: updates.Update, timers = updates.changedTimers) =>
  enqueueActions<Context, Event, undefined, Event, never, never, never, never, never>(
    ({ context, event, enqueue }) => {
      const patch = update(context, event);
      enqueue.assign(patch);
      for (const { name, delay } of timers(context, patch)) {
        enqueue.cancel(name); // a second event of the same id would not replace the first
        if (delay !== null) enqueue.raise({ type: 'DEADLINE.PASSED', name }, { id: name, delay });
      }
    },
  );

const nothing: updates.Update = () => ({});

const lastErrorIs = (effect: ErrorEffect) => ({ type: 'lastErrorIs' as const, params: { effect } });

const isLimited = (name: 'requestTimeoutMs' | 'reloadTimeoutMs') => ({
  type: 'isLimited' as const,
  params: { name },
});

/** The second factor of a sign-in: choose a factor, prepare it if it needs that, attempt it. */
export const secondFactorMachine = setup({
  types: {} as {
    context: Context;
    events: Event;
    input: SecondFactorInput;
    output: SecondFactorOutput;
    tags: 'ready' | 'busy';
    children: {
      prepareSecondFactor: 'prepareSecondFactor';
      attemptSecondFactor: 'attemptSecondFactor';
      reloadSignIn: 'reloadSignIn';
      watchSignIn: 'watchSignIn';
    };
  },
  actors: {
    prepareSecondFactor: notProvidedActor<RequestInput>('prepareSecondFactor'),
    attemptSecondFactor: notProvidedActor<AttemptInput>('attemptSecondFactor'),
    reloadSignIn: notProvidedActor<RequestInput>('reloadSignIn'),
    watchSignIn: fromCallback<Event, RequestInput>(() => {}),
  },
  guards,
  actions: {
    chooseFactor: untimed(updates.chooseFactor),
    beginPrepare: timed(updates.beginPrepare),
    beginAttempt: untimed(updates.beginAttempt),
    recordDelivery: timed(updates.recordDelivery),
    recordReply: untimed(updates.recordReply),
    recordChange: timed(updates.recordChange),
    recordInconclusive: untimed(updates.recordInconclusive),
    recordTimeout: assign({ error: () => new SecondFactorError('timeout') }),
    recordPrepareFailure: timed(updates.recordPrepareFailure),
    recordAttemptFailure: timed(updates.recordAttemptFailure),
    recordReloadFailure: untimed(updates.recordReloadFailure),
    recordReloadTimeout: untimed(updates.recordReloadTimeout),
    recordCancelled: assign({ error: () => new SecondFactorError('cancelled') }),
    assumeDelivery: untimed(updates.assumeDelivery),
    settleAttempt: untimed(updates.settleAttempt),
    settleAllAttempts: assign({ unanswered: 0 }),
    removeDeadline: timed(updates.removeDeadline),
    removeDeadlines: timed(updates.removeDeadlines),
    startTimers: timed(nothing, updates.allTimers),
    stopTimers: timed(nothing, updates.noTimers),
    // `provideServices` brings these two.
    abandonRequest: () => {},
    watchSignIn: () => {},
  },
  delays: {
    requestTimeout: ({ context }) => updates.delayOf(context.options.requestTimeoutMs),
    reloadTimeout: ({ context }) => updates.delayOf(context.options.reloadTimeoutMs),
  },
}).createMachine({
  id: 'secondFactor',
  context: ({ input }) => initialContext(input),
  initial: 'needs_second_factor',
  entry: ['startTimers', 'watchSignIn'],
  on: {
    CANCEL: { target: '.halted', actions: 'recordCancelled' },
    'SIGN_IN.CHANGED': [
      { guard: 'isVerified', target: '.complete', actions: 'recordChange' },
      { guard: 'isBlocked', target: '.halted', actions: 'recordChange' },
      { guard: 'isUnverified', actions: 'recordChange' },
    ],
    'DEADLINE.PASSED': { guard: 'isInForce', actions: 'removeDeadline' },
  },
  states: {
    // The user may choose a factor, and attempt one that needs no preparation.
    needs_second_factor: {
      tags: 'ready',
      on: {
        SELECT: { guard: 'canSelect', target: 'needs_second_factor', actions: 'chooseFactor' },
        PREPARE: { guard: 'canPrepare', target: 'preparing', actions: 'beginPrepare' },
        ATTEMPT: { guard: 'canAttempt', target: 'attempting', actions: 'beginAttempt' },
      },
      always: [
        // These four hold only at a start or a resume, because choosing a factor clears the error.
        { guard: 'startsVerified', target: 'complete' },
        { guard: lastErrorIs('halted'), target: 'halted' },
        { guard: 'startsWithLostAttempt', target: 'attempting.reconciling' },
        { guard: lastErrorIs('lost'), target: 'failed.not_sent' },
        // This one holds too if the user chooses a factor whose code is out already.
        { guard: 'isDelivered', target: 'prepared' },
      ],
    },

    // The backend is asked to send a code to the chosen factor.
    preparing: {
      tags: 'busy',
      exit: 'abandonRequest',
      invoke: {
        id: 'prepareSecondFactor',
        src: 'prepareSecondFactor',
        input: updates.requestInput,
        onDone: [
          { guard: 'isVerified', target: 'complete', actions: 'recordReply' },
          { guard: 'isBlocked', target: 'halted', actions: 'recordReply' },
          { guard: 'confirmsDelivery', target: 'prepared', actions: 'recordDelivery' },
          { target: 'failed.not_sent', actions: ['recordInconclusive', 'assumeDelivery'] },
        ],
        onError: [
          {
            guard: 'mayBeVerified',
            target: 'attempting.reconciling',
            actions: 'recordPrepareFailure',
          },
          { target: 'failed.not_sent', actions: 'recordPrepareFailure' },
        ],
      },
      on: {
        SELECT: {
          guard: 'canSelectAnother',
          target: 'needs_second_factor',
          actions: ['assumeDelivery', 'chooseFactor'],
        },
        PREPARE: {
          guard: 'canPrepareAnother',
          target: 'preparing',
          reenter: true,
          actions: ['assumeDelivery', 'beginPrepare'],
        },
      },
      after: {
        requestTimeout: {
          guard: isLimited('requestTimeoutMs'),
          target: 'failed.not_sent',
          actions: ['recordTimeout', 'assumeDelivery'],
        },
      },
    },

    // The backend sent something to the chosen factor, and awaits its proof.
    prepared: {
      tags: 'ready',
      on: {
        SELECT: { guard: 'canSelect', target: 'needs_second_factor', actions: 'chooseFactor' },
        PREPARE: { guard: 'canPrepare', target: 'preparing', actions: 'beginPrepare' },
        ATTEMPT: { guard: 'canAttempt', target: 'attempting', actions: 'beginAttempt' },
      },
      always: { guard: 'hasNoDelivery', target: 'needs_second_factor' },
    },

    // The backend has the proof. After a lost reply the flow asks it what is true.
    attempting: {
      tags: 'busy',
      initial: 'sending',
      states: {
        sending: {
          exit: 'abandonRequest',
          invoke: {
            id: 'attemptSecondFactor',
            src: 'attemptSecondFactor',
            input: updates.attemptInput,
            onDone: [
              { guard: 'isVerified', target: '#secondFactor.complete', actions: 'recordReply' },
              {
                guard: 'isBlocked',
                target: '#secondFactor.halted',
                actions: ['recordReply', 'settleAttempt'],
              },
              // resolved, yet nothing changed: offline
              { target: 'reconciling', actions: 'recordInconclusive' },
            ],
            onError: [
              {
                guard: 'leavesOutcomeOpen',
                target: 'reconciling',
                actions: 'recordAttemptFailure',
              },
              { target: '#secondFactor.failed', actions: 'recordAttemptFailure' },
            ],
          },
          after: {
            requestTimeout: {
              guard: isLimited('requestTimeoutMs'),
              target: 'reconciling',
              actions: 'recordTimeout',
            },
          },
        },
        reconciling: {
          exit: 'abandonRequest',
          invoke: {
            id: 'reloadSignIn',
            src: 'reloadSignIn',
            input: updates.requestInput,
            onDone: [
              { guard: 'isVerified', target: '#secondFactor.complete', actions: 'recordReply' },
              { guard: 'isBlocked', target: '#secondFactor.halted', actions: 'recordReply' },
              {
                guard: 'isUnverified',
                target: '#secondFactor.failed',
                actions: ['recordReply', 'settleAllAttempts'],
              },
              { target: '#secondFactor.failed', actions: 'recordReloadFailure' }, // junk
            ],
            onError: [
              { guard: 'isVerifiedUnseen', target: '#secondFactor.halted' },
              { target: '#secondFactor.failed', actions: 'recordReloadFailure' },
            ],
          },
          after: {
            reloadTimeout: {
              guard: isLimited('reloadTimeoutMs'),
              target: '#secondFactor.failed',
              actions: 'recordReloadTimeout',
            },
          },
        },
      },
    },

    // The last step did not work, and the user can go on.
    failed: {
      tags: 'ready',
      initial: 'outcome_unknown',
      on: {
        SELECT: { guard: 'canSelect', target: 'needs_second_factor', actions: 'chooseFactor' },
        PREPARE: { guard: 'canPrepare', target: 'preparing', actions: 'beginPrepare' },
        ATTEMPT: { guard: 'canAttempt', target: 'attempting', actions: 'beginAttempt' },
      },
      always: [
        { guard: lastErrorIs('halted'), target: 'halted' },
        { guard: lastErrorIs('factor_gone'), target: 'needs_second_factor' },
      ],
      // The error of the last step chooses one, by the error table.
      states: {
        code_rejected: {},
        code_spent: {},
        not_sent: {
          always: { guard: lastErrorIs('throttled'), target: 'throttled' },
        },
        throttled: {},
        outcome_unknown: {
          always: [
            { guard: lastErrorIs('code_rejected'), target: 'code_rejected' },
            { guard: lastErrorIs('code_spent'), target: 'code_spent' },
            { guard: lastErrorIs('throttled'), target: 'throttled' },
            { guard: lastErrorIs('dismissed'), target: 'not_sent' },
          ],
        },
      },
    },

    // An ended actor accepts no events. The pure transition function must not either.
    complete: {
      type: 'final',
      entry: 'removeDeadlines',
      on: { '*': {} },
    },

    halted: {
      type: 'final',
      entry: 'stopTimers', // whoever resumes must still wait as long
      on: { '*': {} },
    },
  },
  output: updates.outputOf,
});
