import { and, assign, enqueueActions, fromPromise, not, or, setup, stateIn } from 'xstate';
import { type ErrorEffect, type RequestKind, SecondFactorError } from '../src/errors.ts';
import { guards } from './second-factor.guards.ts';
import type {
  AttemptInput,
  SecondFactorContext as Context,
  SecondFactorEvent as Event,
  PrepareInput,
  ReloadInput,
  Reply,
  SecondFactorInput,
  SecondFactorOutput,
} from './second-factor.types.ts';
import * as updates from './second-factor.updates.ts';

const notProvided = <Input>(service: string) =>
  fromPromise<Reply, Input>(async () => {
    throw new SecondFactorError('service_not_provided', { message: `${service} is not provided.` });
  });

/** An update that keeps the scheduled `DEADLINE.PASSED` events in step with the deadlines. */
const timed = <Params extends updates.Params>(update: updates.Update<Params>) =>
  enqueueActions<Context, Event, Params, Event, never, never, never, never, never>(
    ({ context, event, enqueue }, params) => {
      const patch = update({ context, event }, params);
      enqueue.assign(patch);
      for (const { name, delay } of updates.timersOf(context, patch)) {
        enqueue.cancel(name); // a second event under the same id would not replace the first
        if (delay !== null) enqueue.raise({ type: 'DEADLINE.PASSED', name }, { id: name, delay });
      }
    },
  );

// An ended actor takes no events, and the pure transition function must not either.
const isOpen = not(or([stateIn('#secondFactor.complete'), stateIn('#secondFactor.halted')]));

// What a reply or a rejection hands to its guards and actions.
const replied = ({ event }: { event: { output: unknown } }) => ({ reply: event.output });
const rejected = ({ event }: { event: { error: unknown } }) => ({ rejection: event.error });
const withReply = <const Type extends string>(type: Type) => ({ type, params: replied });
const isVerified = withReply('isVerified');
const isBlocked = withReply('isBlocked');
const confirmsDelivery = withReply('confirmsDelivery');
const recordReply = withReply('recordReply');
const recordDelivery = withReply('recordDelivery');
const recordNoAnswer = withReply('recordNoAnswer');
const withRejection = <const Type extends string>(type: Type) => ({ type, params: rejected });
const isInDoubt = withRejection('isInDoubt');
const isStuck = withRejection('isStuck');
const recordPrepareFailure = withRejection('recordPrepareFailure');
const recordAttemptFailure = withRejection('recordAttemptFailure');
const recordReloadFailure = withRejection('recordReloadFailure');
const failedTo = (request: RequestKind, effect: ErrorEffect) => ({
  type: 'failedAs' as const,
  params: ({ event }: { event: { error: unknown } }) => ({
    rejection: event.error,
    request,
    effect,
  }),
});
const prepareLedTo = (effect: ErrorEffect) => failedTo('prepare', effect);
const attemptLedTo = (effect: ErrorEffect) => failedTo('attempt', effect);
const endedAs = (effect: ErrorEffect) => ({ type: 'endedAs' as const, params: { effect } });

/** The second factor of a sign-in: choose a factor, prepare it where needed, attempt it. */
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
    };
  },
  actors: {
    prepareSecondFactor: notProvided<PrepareInput>('prepareSecondFactor'),
    attemptSecondFactor: notProvided<AttemptInput>('attemptSecondFactor'),
    reloadSignIn: notProvided<ReloadInput>('reloadSignIn'),
  },
  guards: {
    ...guards,
    isOpen,
    changeVerifies: and([isOpen, guards.changeVerifies]),
    changeBlocks: and([isOpen, guards.changeBlocks]),
    changeIsUnverified: and([isOpen, guards.changeIsUnverified]),
  },
  actions: {
    chooseFactor: assign(updates.chooseFactor),
    beginPrepare: timed(updates.beginPrepare),
    beginAttempt: assign(updates.beginAttempt),
    recordDelivery: timed(updates.recordDelivery),
    recordReply: assign(updates.recordReply),
    recordChange: timed(updates.recordChange),
    recordNoAnswer: assign(updates.recordNoAnswer),
    recordTimeout: assign({ error: () => new SecondFactorError('timeout') }),
    recordPrepareFailure: timed(updates.recordPrepareFailure),
    recordAttemptFailure: timed(updates.recordAttemptFailure),
    recordReloadFailure: assign(updates.recordReloadFailure),
    recordCancelled: assign({ error: () => new SecondFactorError('cancelled') }),
    leaveUnanswered: assign(updates.leaveUnanswered),
    settleAttempt: assign(updates.settleAttempt),
    settleAllAttempts: assign({ unanswered: 0 }),
    forgetLost: assign({ lost: null }),
    scheduleDeadlines: timed(updates.scheduleDeadlines),
    removeDeadline: timed(updates.removeDeadline),
    removeDeadlines: timed(updates.removeDeadlines),
  },
  delays: { requestTimeout: updates.requestTimeout },
}).createMachine({
  id: 'secondFactor',
  context: ({ input }) => updates.initialContext(input),
  initial: 'needs_second_factor',
  entry: 'scheduleDeadlines',
  on: {
    CANCEL: { guard: 'isOpen', target: '.halted', actions: 'recordCancelled' },
    'SIGN_IN.CHANGED': [
      { guard: 'changeVerifies', target: '.complete', actions: 'recordChange' },
      { guard: 'changeBlocks', target: '.halted', actions: 'recordChange' },
      { guard: 'changeIsUnverified', actions: 'recordChange' },
    ],
    'DEADLINE.PASSED': { guard: 'isInForce', actions: 'removeDeadline' },
  },
  states: {
    needs_second_factor: {
      description: 'A factor may be chosen; one that needs no preparation may be attempted here.',
      tags: 'ready',
      on: {
        SELECT: { guard: 'canSelect', target: 'needs_second_factor', actions: 'chooseFactor' },
        PREPARE: { guard: 'canPrepare', target: 'preparing', actions: 'beginPrepare' },
        ATTEMPT: { guard: 'canAttempt', target: 'attempting', actions: 'beginAttempt' },
      },
      always: [
        { guard: 'isAlreadyVerified', target: 'complete' },
        { guard: 'isOver', target: 'halted' },
        { guard: 'isAttemptLost', target: 'attempting.reconciling', actions: 'forgetLost' },
        { guard: 'isPrepareLost', target: 'failed.not_sent', actions: 'forgetLost' },
        { guard: 'isDelivered', target: 'prepared' },
      ],
    },

    preparing: {
      description: 'The backend is asked to send a code to the chosen factor.',
      tags: 'busy',
      invoke: {
        id: 'prepareSecondFactor',
        src: 'prepareSecondFactor',
        input: updates.prepareInput,
        onDone: [
          { guard: isVerified, target: 'complete', actions: recordReply },
          { guard: isBlocked, target: 'halted', actions: recordReply },
          { guard: confirmsDelivery, target: 'prepared', actions: recordDelivery },
          { target: 'failed.not_sent', actions: [recordNoAnswer, 'leaveUnanswered'] },
        ],
        onError: [
          { guard: prepareLedTo('halted'), target: 'halted', actions: recordPrepareFailure },
          {
            guard: prepareLedTo('already_verified'),
            target: 'attempting.reconciling',
            actions: recordPrepareFailure,
          },
          {
            guard: prepareLedTo('factor_gone'),
            target: 'needs_second_factor',
            actions: recordPrepareFailure,
          },
          {
            guard: prepareLedTo('throttled'),
            target: 'failed.throttled',
            actions: recordPrepareFailure,
          },
          { target: 'failed.not_sent', actions: recordPrepareFailure },
        ],
      },
      on: {
        SELECT: {
          guard: 'canSelectAnother',
          target: 'needs_second_factor',
          actions: ['leaveUnanswered', 'chooseFactor'],
        },
        PREPARE: {
          guard: 'canPrepareAnother',
          target: 'preparing',
          reenter: true,
          actions: ['leaveUnanswered', 'beginPrepare'],
        },
      },
      after: {
        requestTimeout: {
          guard: 'isTimeLimited',
          target: 'failed.not_sent',
          actions: ['recordTimeout', 'leaveUnanswered'],
        },
      },
    },

    prepared: {
      description: 'The backend sent something to the chosen factor; its proof is awaited.',
      tags: 'ready',
      on: {
        SELECT: { guard: 'canSelect', target: 'needs_second_factor', actions: 'chooseFactor' },
        PREPARE: { guard: 'canPrepare', target: 'preparing', actions: 'beginPrepare' },
        ATTEMPT: { guard: 'canAttempt', target: 'attempting', actions: 'beginAttempt' },
      },
      always: { guard: 'isSpent', target: 'needs_second_factor' },
    },

    attempting: {
      description: 'The proof is with the backend.',
      tags: 'busy',
      initial: 'sending',
      states: {
        sending: {
          invoke: {
            id: 'attemptSecondFactor',
            src: 'attemptSecondFactor',
            input: updates.attemptInput,
            onDone: [
              { guard: isVerified, target: '#secondFactor.complete', actions: recordReply },
              {
                guard: isBlocked,
                target: '#secondFactor.halted',
                actions: [recordReply, 'settleAttempt'],
              },
              {
                target: 'reconciling', // resolved, yet nothing changed: offline
                actions: recordNoAnswer,
              },
            ],
            onError: [
              { guard: isInDoubt, target: 'reconciling', actions: recordAttemptFailure },
              {
                guard: attemptLedTo('halted'),
                target: '#secondFactor.halted',
                actions: recordAttemptFailure,
              },
              {
                guard: attemptLedTo('code_rejected'),
                target: '#secondFactor.failed.code_rejected',
                actions: recordAttemptFailure,
              },
              {
                guard: attemptLedTo('code_spent'),
                target: '#secondFactor.failed.code_spent',
                actions: recordAttemptFailure,
              },
              {
                guard: attemptLedTo('throttled'),
                target: '#secondFactor.failed.throttled',
                actions: recordAttemptFailure,
              },
              {
                guard: attemptLedTo('factor_gone'),
                target: '#secondFactor.needs_second_factor',
                actions: recordAttemptFailure,
              },
              {
                guard: attemptLedTo('not_sent'),
                target: '#secondFactor.failed.outcome_unknown',
                actions: recordAttemptFailure,
              },
              { target: 'reconciling', actions: recordAttemptFailure },
            ],
          },
          after: {
            requestTimeout: {
              guard: 'isTimeLimited',
              target: 'reconciling',
              actions: 'recordTimeout',
            },
          },
        },
        reconciling: {
          description: 'The reply was lost: the backend is asked what is true.',
          invoke: {
            id: 'reloadSignIn',
            src: 'reloadSignIn',
            input: updates.reloadInput,
            onDone: [
              { guard: isVerified, target: '#secondFactor.complete', actions: recordReply },
              { guard: isBlocked, target: '#secondFactor.halted', actions: recordReply },
              {
                target: '#secondFactor.failed.outcome_unknown',
                actions: [recordReply, 'settleAllAttempts'],
              },
            ],
            onError: [
              { guard: isStuck, target: '#secondFactor.halted' },
              {
                guard: attemptLedTo('halted'),
                target: '#secondFactor.halted',
                actions: recordReloadFailure,
              },
              { target: '#secondFactor.failed.outcome_unknown', actions: recordReloadFailure },
            ],
          },
          after: {
            requestTimeout: {
              guard: 'isTimeLimited',
              target: '#secondFactor.failed.outcome_unknown',
            },
          },
        },
      },
    },

    failed: {
      description: 'The last step did not work, and the user can go on.',
      tags: 'ready',
      initial: 'outcome_unknown',
      on: {
        SELECT: { guard: 'canSelect', target: 'needs_second_factor', actions: 'chooseFactor' },
        PREPARE: { guard: 'canPrepare', target: 'preparing', actions: 'beginPrepare' },
        ATTEMPT: { guard: 'canAttempt', target: 'attempting', actions: 'beginAttempt' },
      },
      states: {
        code_rejected: { description: 'The code is wrong; another may be typed.' },
        code_spent: { description: 'The code is gone; a new one may be sent at once.' },
        not_sent: { description: 'Nothing was sent, or nobody knows whether it was.' },
        throttled: { description: 'The backend said wait; a deadline says until when.' },
        outcome_unknown: {
          description: 'Nobody knows what became of the attempt, unless a refusal was in doubt.',
          always: [
            { guard: 'isOver', target: '#secondFactor.halted' },
            { guard: endedAs('code_rejected'), target: 'code_rejected' },
            { guard: endedAs('code_spent'), target: 'code_spent' },
            { guard: endedAs('factor_gone'), target: '#secondFactor.needs_second_factor' },
          ],
        },
      },
    },

    complete: {
      description: 'The second factor is verified.',
      type: 'final',
      entry: 'removeDeadlines',
    },

    halted: {
      description: 'The second factor cannot be verified in this flow.',
      type: 'final',
      entry: 'removeDeadlines',
    },
  },
  output: updates.outputOf,
});
