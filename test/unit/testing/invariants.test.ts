import { describe, expect, it } from 'vitest';
import { SecondFactorError } from '../../../src/index.ts';
import * as testing from '../../../src/testing/index.ts';
import {
  checkTrace,
  INVARIANTS,
  type SecondFactorSnapshot,
  sandboxWorld,
  type Trace,
  type TraceStep,
  type TransitionStep,
  tellTrace,
} from '../../../src/testing/index.ts';
import { TOTP } from '../../support/sign-ins.ts';

/** A flow with an example of everything that the invariants are about. */
async function recordFlow(): Promise<Trace> {
  const { driver, sandbox, flow, advance, codeFor, traces } = sandboxWorld();
  const phone = { strategy: 'phone_code', phoneNumberId: 'idn_phone_1' };
  const mail = { strategy: 'email_code', emailAddressId: 'idn_email_1' };
  const ignore = () => {};

  sandbox.faults.next('prepare', { code: 'sms_send_error' });
  await driver.prepareSecondFactor(phone).catch(ignore);
  const left = driver.prepareSecondFactor(phone).catch(ignore);
  await driver.prepareSecondFactor(mail);
  await left;
  flow().actor.send({ type: 'PREPARE' }); // still cooling down
  await advance(30_000);
  await driver.attemptSecondFactor({ ...mail, code: '000000' }).catch(ignore);
  flow().actor.send({ type: 'SELECT', factor: phone });
  await driver.attemptSecondFactor({ ...mail, code: codeFor(mail) ?? '' });
  const [trace] = traces();
  if (!trace) throw new Error('nothing was recorded');
  return trace;
}

const good = await recordFlow();
const story = tellTrace(good)
  .split('\n')
  .map((line) => line.trim());

// The beginnings of the lines in the story whose steps are made wrong.
const NOT_SENT = 'error.actor.prepareSecondFactor delivery_failed';
const PREPARE = 'PREPARE email_code/idn_email_1 → preparing';
const SENT = 'done.actor.prepareSecondFactor → prepared';
const COOLING = 'PREPARE: refused';
const COOLED = 'DEADLINE.PASSED resend:email_code/idn_email_1';
const ATTEMPT = 'ATTEMPT email_code/idn_email_1 → attempting.sending';
const REJECTED = 'error.actor.attemptSecondFactor code_incorrect';
const SELECT = 'SELECT phone_code/idn_phone_1 → needs_second_factor';
const VERIFIED = 'done.actor.attemptSecondFactor → complete';
/** The cooldowns of the two factors. */
const MAIL_RESEND = 'resend:email_code/idn_email_1';
const PHONE_RESEND = 'resend:phone_code/idn_phone_1';

function indexOf(line: string): number {
  const index = story.findIndex((told) => told.startsWith(line));
  if (index < 0) throw new Error(`"${line}" is no step of the story:\n${story.join('\n')}`);
  return index;
}

/** The good trace with one step replaced: by another, by several, by none. */
function replace(line: string, by: (step: TraceStep) => readonly object[]): Trace {
  const index = indexOf(line);
  // SAFETY: it is wrong, and still has the form of a step.
  const steps = good.steps.flatMap((step, at) => (at === index ? by(step) : [step])) as TraceStep[];
  return { ...good, steps };
}

/** The good trace with one transition changed. */
function change(line: string, patch: (step: TransitionStep) => object): Trace {
  return replace(line, (step) => {
    if (step.type !== 'transition') throw new Error(`"${line}" is no transition`);
    return [{ ...step, ...patch(step) }];
  });
}

/** The good trace with the snapshot after one transition changed. */
function changeAfter(line: string, patch: object): Trace {
  return change(line, ({ after }) => ({ after: { ...after, ...patch } }));
}

function changeContext(
  line: string,
  patch: (context: SecondFactorSnapshot['context']) => object,
  side: 'before' | 'after' = 'after',
): Trace {
  return change(line, (step) => {
    const snapshot = step[side] as SecondFactorSnapshot;
    const { context } = snapshot;
    return { [side]: { ...snapshot, context: { ...context, ...patch(context) } } };
  });
}

/** A problem, and a trace that has it. */
type Corruption = readonly [problem: string, bad: Trace];

/** For each invariant, by name, at least one trace that breaks it. */
const CORRUPTIONS: Readonly<Record<string, readonly Corruption[]>> = {
  oneAttemptAtATime: [
    ['while another was in flight', replace('#4 attempt', (step) => [step, { ...step, id: 9 }])],
    ['0 requests after 1 accepted ATTEMPT', replace('#4 attempt', () => [])],
    ['nobody asked for', change(ATTEMPT, () => ({ event: { type: 'SELECT', factor: TOTP } }))],
    ['an accepted ATTEMPT made no request', changeAfter(ATTEMPT, { children: {} })],
    ['do not go together', changeAfter(ATTEMPT, { value: 'prepared' })],
  ],
  onePrepareEach: [
    [
      'was cooling down',
      changeContext(PREPARE, ({ now }) => ({ deadlines: { [MAIL_RESEND]: now + 1 } }), 'before'),
    ],
    ['totp needs no preparation', changeContext(PREPARE, () => ({ factor: TOTP }))],
    ['while another was in flight', replace('#3 prepare', (step) => [step, { ...step, id: 9 }])],
    ['2 requests after 3 accepted PREPARE', replace('#3 prepare', () => [])],
    ['nobody asked for', change(PREPARE, () => ({ event: { type: 'SELECT', factor: TOTP } }))],
    ['an accepted PREPARE made no request', changeAfter(PREPARE, { children: {} })],
    ['do not go together', changeAfter(PREPARE, { value: 'prepared' })],
  ],
  preparedBeforeAttempted: [
    ['nothing was sent', changeContext(ATTEMPT, () => ({ deliveries: {} }), 'before')],
    // The answer never came.
    ['before any prepare of it was answered', replace(SENT, () => [])],
    // The answer was that nothing was sent.
    [
      'before any prepare of it was answered',
      change(SENT, () => ({
        event: {
          type: 'xstate.error.actor.prepareSecondFactor',
          error: { error: new SecondFactorError('delivery_failed'), at: 0 },
        },
      })),
    ],
  ],
  completeIffVerified: [
    [
      'complete, and the backend did not say verified',
      change(VERIFIED, ({ event, before }) => ({
        event: { ...event, output: { signIn: before?.context.signIn, at: before?.context.now } },
      })),
    ],
    [
      'the backend said verified, and the state is attempting.sending',
      change(VERIFIED, ({ before }) => ({ after: { ...before } })),
    ],
    ['the output says halted', changeAfter(VERIFIED, { output: { outcome: 'halted' } })],
    [
      'the start disagrees with the sign-in',
      changeContext('init', ({ signIn }) => ({ signIn: { ...signIn, status: 'complete' } })),
    ],
  ],
  secretStaysSecret: [['a code can be seen in the log', { ...good, leaks: ['the log'] }]],
  noDeadEnds: [
    ['busy with nothing under way', changeAfter(PREPARE, { children: {} })],
    ['neither busy nor ready', changeAfter(SENT, { tags: new Set() })],
    [
      'nothing can be done but to cancel',
      changeContext(SELECT, ({ signIn }) => ({
        signIn: { ...signIn, supportedSecondFactors: [] },
        deadlines: {},
        factor: null,
      })),
    ],
  ],
  supersededRepliesChangeNothing: [
    [
      'the reply of an aborted request was taken in',
      replace('#3 resolved', (step) => [{ ...step, type: 'aborted' }, step]),
    ],
    // The reply comes out of nowhere.
    ['done.actor.prepareSecondFactor: the reply', replace('#3 resolved', () => [])],
  ],
  cooldownsAreFair: [
    [
      `code_incorrect changed ${MAIL_RESEND}`,
      changeContext(REJECTED, ({ now }) => ({ deadlines: { [MAIL_RESEND]: now + 30_000 } })),
    ],
    [
      `changed ${PHONE_RESEND}`,
      changeContext(PREPARE, ({ deadlines }) => ({
        deadlines: { ...deadlines, [PHONE_RESEND]: 0 },
      })),
    ],
    [
      `changed ${MAIL_RESEND}`,
      changeContext(COOLED, ({ now }) => ({ deadlines: { [MAIL_RESEND]: now + 30_000 } })),
    ],
    [
      'a failed delivery left a cooldown',
      changeContext(NOT_SENT, ({ now }) => ({ deadlines: { [PHONE_RESEND]: now + 30_000 } })),
    ],
  ],
  refusedChangesNothing: [
    ["can't be done, and changed the snapshot", changeAfter(COOLING, {})],
    ['can be done, and changed nothing', change(SELECT, ({ before }) => ({ after: before }))],
  ],
  // Views that lie are in test/model/planted-faults.test.ts. Here the snapshot lies to the view.
  viewAgrees: [
    ['can.select is disabled', changeAfter(SENT, { can: () => false })],
    ['can.prepare is enabled', changeAfter(SENT, { can: () => true })],
  ],
  nothingAfterTheEnd: [
    [
      'an actor is running',
      changeAfter(VERIFIED, {
        children: { reloadSignIn: { getSnapshot: () => ({ status: 'active' }) } },
      }),
    ],
    ['there is no output', changeAfter(VERIFIED, { output: undefined })],
    ['#5 was neither answered nor aborted', replace('#5 resolved', () => [])],
    ['1 timers are running', change(VERIFIED, () => ({ timers: 1 }))],
  ],
  resumeAllowsTheSame: [
    // A bookmark is JSON, which has no such number: the cooldown is lost on the way.
    [
      'PREPARE email_code',
      changeContext(SENT, () => ({ deadlines: { [MAIL_RESEND]: Number.POSITIVE_INFINITY } })),
    ],
  ],
  sameEventSameSnapshot: [
    [' is not ', changeContext(SELECT, ({ now }) => ({ now: now + 1 }))],
    ['refused once and accepted once', change(SELECT, ({ before }) => ({ after: before }))],
  ],
  junkKillsNothing: [['died of an error', changeAfter(SENT, { status: 'error' })]],
};

it('a flow that was recorded keeps every invariant', () => {
  expect(checkTrace(good), tellTrace(good)).toEqual([]);
});

it('there is a corruption for every invariant', () => {
  expect(Object.keys(CORRUPTIONS)).toEqual(INVARIANTS.map(({ name }) => name));
  expect(Object.values(CORRUPTIONS).filter((traces) => traces.length === 0)).toEqual([]);
});

describe.each(INVARIANTS)('$name', (invariant) => {
  const { name, says } = invariant;
  const corruptions = CORRUPTIONS[name] ?? [];

  it('is exported by its own name', () => {
    expect(testing).toHaveProperty(name, invariant);
  });

  it.each(corruptions)('reports "%s"', (problem, bad) => {
    expect(checkTrace(good, [invariant])).toEqual([]);
    const found = checkTrace(bad, [invariant]);
    expect(found.map((one) => one.problem)).toContainEqual(expect.stringContaining(problem));
    expect(found.map((one) => [one.invariant, one.says])).toEqual(found.map(() => [name, says]));
  });

  it('is checked if no invariant is named', () => {
    for (const [, bad] of corruptions.slice(0, 1)) {
      expect(checkTrace(bad).map((one) => one.invariant)).toContain(name);
    }
  });
});

describe('checkTrace', () => {
  it('says which step is wrong, if it is one', () => {
    const { name: invariant, says } = testing.junkKillsNothing;
    const bad = changeAfter(SENT, { status: 'error' });
    expect(checkTrace(bad, [testing.junkKillsNothing])).toEqual([
      { invariant, says, step: indexOf(SENT), problem: 'the actor has died of an error' },
    ]);
    const [leak] = checkTrace({ ...good, leaks: ['the log'] }, [testing.secretStaysSecret]);
    expect(leak).not.toHaveProperty('step');
  });

  it('says nothing about a flow that its owner stopped', () => {
    const isDead = { children: {}, tags: new Set(), status: 'stopped' };
    expect(checkTrace(changeAfter(PREPARE, isDead))).toEqual([]);
  });
});
