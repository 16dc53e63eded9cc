import { bookmark } from '../../machines/bookmark.ts';
import { effectOf, isSecondFactorError } from '../../machines/errors.ts';
import type { SecondFactor } from '../../machines/factors.ts';
import { factorKey } from '../../machines/factors.ts';
import { oneTimeCode } from '../../machines/one-time-code.ts';
import { usableFactors } from '../../machines/second-factor.facts.ts';
import type { SecondFactorEvent } from '../../machines/second-factor.types.ts';
import { findStrategy, type Strategy } from '../../machines/strategies.ts';
import { connect } from '../connect.ts';
import type { SecondFactorView } from '../connect.types.ts';
import {
  firstSnapshot,
  isFinal,
  type MachineEvent,
  nextSnapshot,
  type SecondFactorSnapshot,
  stateName,
} from './step.ts';
import { type Trace, type TransitionStep, tellEvent, transitionsOf } from './trace.ts';

type Context = SecondFactorSnapshot['context'];
type Transition = Pick<TransitionStep, 'event' | 'before' | 'after'>;

/**
 * Something that must always hold. Each part looks at as much as it needs: one snapshot, one
 * transition, or a whole trace, and says what is wrong; `null` or nothing where all is well.
 */
export interface Invariant {
  /** Its name in this package's exports. */
  readonly name: string;
  /** What must hold, in one sentence. */
  readonly says: string;
  readonly snapshot?: (snapshot: SecondFactorSnapshot) => string | null;
  readonly transition?: (transition: Transition) => string | null;
  readonly trace?: (trace: Trace) => readonly string[];
}

/** What does not hold, and where. */
export interface Violation {
  readonly invariant: string;
  readonly says: string;
  /** The step of the trace, counted from 0; `undefined` for what concerns the whole. */
  readonly step?: number;
  readonly problem: string;
}

// ── reading a snapshot, independently of the machine's own facts where it can be ────────────────

function strategyIn(context: Context, factor: SecondFactor | null): Strategy | undefined {
  return factor ? findStrategy(context.options.strategies, factor.strategy) : undefined;
}

function keyIn(context: Context, factor: SecondFactor | null): string {
  return factor ? factorKey(factor, context.options.strategies) : '-';
}

function keysOf(record: object): string {
  return Object.keys(record).sort().join();
}

function saysVerified(context: Context, signIn: unknown): boolean {
  const { id, status, secondFactorVerification } = (signIn ?? {}) as {
    id?: unknown;
    status?: unknown;
    secondFactorVerification?: { status?: unknown } | null;
  };
  if (id !== context.signIn.id) return false;
  return (
    status === 'complete' ||
    (status === 'needs_new_password' && secondFactorVerification?.status === 'verified')
  );
}

/** The sign-in that an event brings, where it brings one that the machine has reason to believe. */
function newsIn(before: SecondFactorSnapshot, event: MachineEvent): unknown {
  if (event.type === 'SIGN_IN.CHANGED') {
    const { at, signIn } = event as { at?: unknown; signIn: unknown };
    const isStale = typeof at === 'number' && at < before.context.learntAt;
    return isStale ? undefined : signIn;
  }
  if (!event.type.startsWith('xstate.done.actor.')) return undefined;
  return (event as { output?: { signIn?: unknown } | null }).output?.signIn;
}

/** A code that is well formed for a strategy. */
function anyCodeFor(strategy: Strategy | undefined): string {
  return strategy?.length === undefined ? 'abcd-efgh' : '0'.repeat(strategy.length);
}

/** What a user can do in a snapshot, by name; `CANCEL` aside, which is always possible. */
export function possibleSteps(snapshot: SecondFactorSnapshot): string[] {
  const { context } = snapshot;
  return usableFactors(context).flatMap((factor) => {
    const key = keyIn(context, factor);
    const code = oneTimeCode(anyCodeFor(strategyIn(context, factor)));
    const steps: [string, SecondFactorEvent][] = [
      [`SELECT ${key}`, { type: 'SELECT', factor }],
      [`PREPARE ${key}`, { type: 'PREPARE', factor, at: context.now }],
      [`ATTEMPT ${key}`, { type: 'ATTEMPT', factor, code }],
    ];
    return steps.filter(([, event]) => snapshot.can(event)).map(([name]) => name);
  });
}

function isUserEvent(event: MachineEvent): event is SecondFactorEvent {
  return !event.type.startsWith('xstate.');
}

function isAccepted({ before, event, after }: Transition, type: string): boolean {
  return event.type === type && before !== null && after !== before;
}

// ── the invariants ─────────────────────────────────────────────────────────────────────────────

/** 1. At most one attempt is in flight, and each accepted `ATTEMPT` makes exactly one request. */
export const oneAttemptAtATime: Invariant = {
  name: 'oneAttemptAtATime',
  says: 'At most one attempt is in flight, and each accepted ATTEMPT makes exactly one request.',
  snapshot: (snapshot) =>
    (snapshot.children.attemptSecondFactor !== undefined) ===
    snapshot.matches({ attempting: 'sending' })
      ? null
      : 'the actor of an attempt and the state attempting.sending do not go together',
  transition: (transition) => {
    const { before, event, after } = transition;
    const attempt = after.children.attemptSecondFactor;
    const isNew = attempt !== undefined && attempt !== before?.children.attemptSecondFactor;
    if (isNew && event.type !== 'ATTEMPT') return 'an attempt was made that nobody asked for';
    return isAccepted(transition, 'ATTEMPT') && !isNew
      ? 'an accepted ATTEMPT made no request'
      : null;
  },
  trace: (trace) => countRequests(trace, 'attemptSecondFactor', 'ATTEMPT'),
};

/** 2. Each accepted `PREPARE` makes one request; none while cooling down; none where none is needed. */
export const onePrepareEach: Invariant = {
  name: 'onePrepareEach',
  says: 'Each accepted PREPARE makes exactly one request; none inside the cooldown of its factor, and none for a strategy that needs no preparation.',
  snapshot: (snapshot) =>
    (snapshot.children.prepareSecondFactor !== undefined) === snapshot.matches('preparing')
      ? null
      : 'the actor of a prepare and the state preparing do not go together',
  transition: (transition) => {
    const { before, event, after } = transition;
    const request = after.children.prepareSecondFactor;
    const isNew = request !== undefined && request !== before?.children.prepareSecondFactor;
    if (isNew && event.type !== 'PREPARE') return 'a prepare was made that nobody asked for';
    if (isAccepted(transition, 'PREPARE') && !isNew) return 'an accepted PREPARE made no request';
    if (!isNew) return null;
    const key = keyIn(after.context, after.context.factor);
    if (before && `resend:${key}` in before.context.deadlines) return `${key} was cooling down`;
    const strategy = strategyIn(after.context, after.context.factor);
    if (strategy?.resends === false && before && Object.hasOwn(before.context.deliveries, key)) {
      return `${key} was prepared again, and its backend sends once`;
    }
    return strategy?.needsPreparation ? null : `${key} needs no preparation`;
  },
  trace: (trace) => countRequests(trace, 'prepareSecondFactor', 'PREPARE'),
};

function countRequests(trace: Trace, service: string, type: string): string[] {
  const problems: string[] = [];
  const open = new Set<number>();
  let requests = 0;
  let accepted = 0;
  for (const step of trace.steps) {
    if (step.type === 'request') {
      if (step.service !== service) continue;
      requests += 1;
      open.add(step.id);
      if (open.size > 1) problems.push(`request #${step.id} was made while another was in flight`);
    } else if (step.type === 'transition') {
      if (isAccepted(step, type)) accepted += 1;
      if (requests !== accepted) {
        problems.push(`${requests} requests after ${accepted} accepted ${type}`);
        return problems;
      }
    } else {
      open.delete(step.id);
    }
  }
  return problems;
}

/** 3. A strategy that needs preparation is never attempted before its prepare was answered or lost. */
export const preparedBeforeAttempted: Invariant = {
  name: 'preparedBeforeAttempted',
  says: 'A strategy that needs preparation is never attempted before a prepare for the same factor was answered or its answer was lost.',
  transition: (transition) => {
    if (!isAccepted(transition, 'ATTEMPT') || !transition.before) return null;
    const { context } = transition.after;
    const key = keyIn(context, context.factor);
    const isReady = !strategyIn(context, context.factor)?.needsPreparation;
    return isReady || Object.hasOwn(transition.before.context.deliveries, key)
      ? null
      : `${key} was attempted and nothing was sent`;
  },
  trace: (trace) => {
    const [start] = transitionsOf(trace);
    const ready = new Set(Object.keys(start?.after.context.deliveries ?? {}));
    return transitionsOf(trace).flatMap((step) => {
      const { before, event, after } = step;
      const { context } = after;
      if (before?.matches('preparing') && before.children.prepareSecondFactor) {
        const isLeft = after.children.prepareSecondFactor !== before.children.prepareSecondFactor;
        if (isLeft && !wasRefused(event)) ready.add(keyIn(before.context, before.context.factor));
      }
      if (!isAccepted(step, 'ATTEMPT')) return [];
      const key = keyIn(context, context.factor);
      if (!strategyIn(context, context.factor)?.needsPreparation || ready.has(key)) return [];
      return [`${key} was attempted before any prepare of it was answered or lost`];
    });
  },
};

/** Whether an event says that a prepare was answered, and nothing was sent. */
function wasRefused(event: MachineEvent): boolean {
  if (!event.type.startsWith('xstate.error.actor.')) return false;
  const { error } = (event as { error?: { error?: unknown } | null }).error ?? {};
  return isSecondFactorError(error) && effectOf(error.code) !== 'lost';
}

/** 4. `complete` if and only if the backend said verified. */
export const completeIffVerified: Invariant = {
  name: 'completeIffVerified',
  says: 'The flow is complete if and only if the backend said that the second factor is verified.',
  snapshot: (snapshot) =>
    isFinal(snapshot) && snapshot.output?.outcome !== stateName(snapshot)
      ? `${stateName(snapshot)}, and the output says ${snapshot.output?.outcome}`
      : null,
  transition: ({ before, event, after }) => {
    if (before === null) {
      const isVerified = saysVerified(after.context, after.context.signIn);
      return after.matches('complete') === isVerified
        ? null
        : 'the start disagrees with the sign-in';
    }
    if (isFinal(before) || after === before) return null;
    const isVerified = saysVerified(before.context, newsIn(before, event));
    if (after.matches('complete') === isVerified) return null;
    return isVerified
      ? `the backend said verified, and the state is ${stateName(after)}`
      : 'complete, and the backend did not say verified';
  },
};

/** 5. A code appears nowhere but in the attempt request. */
export const secretStaysSecret: Invariant = {
  name: 'secretStaysSecret',
  says: 'A code appears nowhere but in the attempt request.',
  trace: ({ leaks }) => leaks.map((where) => `a code can be seen in ${where}`),
};

/** 6. From every state that is not final something leads on. */
export const noDeadEnds: Invariant = {
  name: 'noDeadEnds',
  says: 'From every state that is not final some user event or the passing of time leads on, and no busy state lasts for ever.',
  snapshot: (snapshot) => {
    if (isFinal(snapshot)) return null;
    const { deadlines } = snapshot.context;
    if (snapshot.hasTag('busy')) {
      return Object.keys(snapshot.children).length === 1 ? null : 'busy with nothing under way';
    }
    if (!snapshot.hasTag('ready')) return 'neither busy nor ready nor final';
    // Choosing what is chosen already leads nowhere.
    const chosen = `SELECT ${keyIn(snapshot.context, snapshot.context.factor)}`;
    return possibleSteps(snapshot).some((name) => name !== chosen) || keysOf(deadlines) !== ''
      ? null
      : 'nothing can be done but to cancel, and no deadline will change that';
  },
};

/** 7. A reply to a request that was left changes nothing. */
export const supersededRepliesChangeNothing: Invariant = {
  name: 'supersededRepliesChangeNothing',
  says: 'A reply to a request that was aborted changes nothing, whenever it comes.',
  trace: (trace) => {
    const problems: string[] = [];
    const latest = new Map<string, number>();
    const ended = new Map<number, string>();
    for (const step of trace.steps) {
      if (step.type === 'request') latest.set(step.service, step.id);
      else if (step.type !== 'transition') {
        // Of a request that was aborted and then answered, the abort counts.
        if (ended.get(step.id) !== 'aborted') ended.set(step.id, step.type);
      } else {
        const [, service] = /^xstate\.(?:done|error)\.actor\.(.+)$/.exec(step.event.type) ?? [];
        const id = service === undefined ? undefined : latest.get(service);
        const end = id === undefined ? 'resolved' : ended.get(id);
        if (end === undefined || end === 'aborted') {
          problems.push(`${tellEvent(step.event)}: the reply of an aborted request was taken in`);
        }
      }
    }
    return problems;
  },
};

/** 8. What went wrong or where one went never changes a cooldown that it does not concern. */
export const cooldownsAreFair: Invariant = {
  name: 'cooldownsAreFair',
  says: 'A rejected code never takes away an available resend, a failed delivery never starts a cooldown, and going back and forth never shortens or extends one.',
  transition: ({ before, event, after }) => {
    if (!before || after === before || isFinal(after)) return null;
    const then = before.context.deadlines;
    const now = after.context.deadlines;
    const changed = Object.keys({ ...then, ...now }).filter(
      (name) => name.startsWith('resend:') && then[name] !== now[name],
    );
    const mayChange = allowedToChange({ before, event, after });
    const unfair = changed.find((name) => !mayChange(name));
    if (unfair !== undefined) return `${tellEvent(event)} changed ${unfair}`;
    const failed = event.type === 'xstate.error.actor.prepareSecondFactor';
    const resend = `resend:${keyIn(before.context, before.context.factor)}`;
    return failed && after.context.error?.code === 'delivery_failed' && resend in now
      ? 'a failed delivery left a cooldown'
      : null;
  },
};

function allowedToChange({ before, event, after }: Transition): (name: string) => boolean {
  const of = (snapshot: SecondFactorSnapshot | null) =>
    snapshot ? `resend:${keyIn(snapshot.context, snapshot.context.factor)}` : '';
  switch (event.type) {
    case 'PREPARE':
      return (name) => name === of(after);
    case 'DEADLINE.PASSED':
      return (name) =>
        name === (event as { name?: unknown }).name && !(name in after.context.deadlines);
    case 'xstate.done.actor.prepareSecondFactor':
    case 'xstate.error.actor.prepareSecondFactor':
      return (name) => name === of(before);
    case 'xstate.error.actor.attemptSecondFactor':
      // A code that is gone lifts the cooldown; a code that is wrong leaves it.
      return (name) =>
        name === of(before) &&
        after.context.error !== null &&
        effectOf(after.context.error.code) === 'code_spent' &&
        !(name in after.context.deadlines);
    default:
      return () => false;
  }
}

/** 9. A refused event returns the same snapshot reference. */
export const refusedChangesNothing: Invariant = {
  name: 'refusedChangesNothing',
  says: 'A refused event returns the same snapshot reference, and an accepted one does not.',
  transition: ({ before, event, after }) => {
    if (!before || !isUserEvent(event)) return null;
    if (before.can(event) === (after !== before)) return null;
    return after === before
      ? `${tellEvent(event)} can be done, and changed nothing`
      : `${tellEvent(event)} can't be done, and changed the snapshot`;
  },
};

/** 10. `connect().can` and every prop getter agree with `snapshot.can`. */
export const viewAgrees: Invariant = {
  name: 'viewAgrees',
  says: 'Every control of the view is enabled where the machine accepts its event, and does what that event does.',
  snapshot: (snapshot) => {
    let now = snapshot;
    const view = connect(snapshot, (event) => {
      now = nextSnapshot(now, event);
    });
    const caught = caughtUp(snapshot);
    const after = (event: SecondFactorEvent) => snapshotText(nextSnapshot(caught, event));
    const problems: string[] = [];
    for (const { name, enabled, events, use } of controlsOf(view, snapshot)) {
      // `snapshot.can`, of which the view asks the same, would lie to both.
      const can = events.some((event) => nextSnapshot(snapshot, event) !== snapshot);
      if (enabled !== undefined && enabled !== can) {
        problems.push(`${name} is ${enabled ? 'enabled' : 'disabled'}, against the machine`);
      }
      now = snapshot;
      use?.();
      const isRefused = !can && now === snapshot;
      if (use && !isRefused && !events.map(after).includes(snapshotText(now))) {
        problems.push(`${name} does something else than ${events.map(tellEvent).join(' or ')}`);
      }
    }
    return problems[0] ?? null;
  },
};

/** Something that can be used in a view, and the events of which it sends one. */
interface Control {
  readonly name: string;
  /** `undefined` for what is not shown to be enabled or not. */
  readonly enabled?: boolean;
  readonly events: readonly SecondFactorEvent[];
  readonly use?: (() => void) | undefined;
}

function controlsOf(view: SecondFactorView, { context }: SecondFactorSnapshot): Control[] {
  const strategy = strategyIn(context, context.factor);
  const text = anyCodeFor(strategy);
  const isCredential = strategy?.proof === 'credential';
  const attempt: SecondFactorEvent[] = [
    isCredential ? { type: 'ATTEMPT' } : { type: 'ATTEMPT', code: oneTimeCode(text) },
  ];
  const prepare: SecondFactorEvent[] = [{ type: 'PREPARE', at: context.now }];
  const cancel: SecondFactorEvent[] = [{ type: 'CANCEL' }];
  const [submits, resends, cancels] = [
    view.submitButtonProps(),
    view.resendButtonProps(),
    view.cancelButtonProps(),
  ];
  const field = view.codeInputProps();
  const isOpen = !field.disabled && !field.readOnly;
  const typed = { currentTarget: { value: text } };
  const form = { currentTarget: { elements: { code: { value: text } } } };
  const selects = view.factors.map(({ factor }): SecondFactorEvent => ({ type: 'SELECT', factor }));
  return [
    { name: 'can.select', enabled: view.can.select, events: selects },
    { name: 'can.prepare', enabled: view.can.prepare, events: prepare, use: view.prepare },
    { name: 'can.resend', enabled: view.can.resend, events: prepare, use: view.resend },
    { name: 'can.cancel', enabled: view.can.cancel, events: cancel, use: view.cancel },
    {
      name: 'can.attempt',
      enabled: view.can.attempt,
      events: attempt,
      use: () => view.attempt(text),
    },
    {
      name: 'the form',
      enabled: !submits.disabled,
      events: attempt,
      use: () => view.formProps().onSubmit(form),
    },
    // A code of no known length is not submitted by itself. The field is open where a code may be
    // typed, and a code may be typed before it can be sent.
    {
      name: 'the code field',
      ...(!isOpen && { enabled: false }),
      events: [{ type: 'ATTEMPT', code: oneTimeCode(text) }],
      ...(strategy?.length !== undefined && { use: () => field.onInput(typed) }),
    },
    { name: 'resend', enabled: !resends.disabled, events: prepare, use: resends.onClick },
    { name: 'cancel', enabled: !cancels.disabled, events: cancel, use: cancels.onClick },
    ...view.factors.flatMap(({ key, factor, select }): Control[] => {
      const props = view.factorButtonProps(factor);
      const choose: SecondFactorEvent[] = [
        { type: 'SELECT', factor },
        { type: 'PREPARE', factor, at: context.now },
      ];
      return [
        { name: `select ${key}`, events: choose.slice(0, 1), use: select },
        { name: `choose ${key}`, enabled: !props.disabled, events: choose, use: props.onClick },
      ];
    }),
  ];
}

/** 11. In a final state nothing is scheduled or in flight, and open requests are aborted. */
export const nothingAfterTheEnd: Invariant = {
  name: 'nothingAfterTheEnd',
  says: 'In a final state nothing is scheduled, nothing is in flight, and every unanswered request is aborted.',
  snapshot: (snapshot) => {
    if (!isFinal(snapshot)) return null;
    const running = Object.values(snapshot.children).some(
      (child) => child?.getSnapshot().status === 'active',
    );
    if (running) return 'an actor is running';
    return snapshot.output === undefined ? 'there is no output' : null;
  },
  trace: (trace) => {
    const last = transitionsOf(trace).at(-1);
    if (!last || last.after.status === 'active') return [];
    const open = new Set<number>();
    for (const step of trace.steps) {
      if (step.type === 'request') open.add(step.id);
      else if (step.type !== 'transition') open.delete(step.id);
    }
    return [
      ...[...open].map((id) => `request #${id} was neither answered nor aborted`),
      // XState tells of a stop before it has cancelled the timers.
      ...(isFinal(last.after) && last.timers ? [`${last.timers} timers are running`] : []),
    ];
  },
};

/** 12. Stop, bookmark, resume allows the same as going on, with what is in flight counted as lost. */
export const resumeAllowsTheSame: Invariant = {
  name: 'resumeAllowsTheSame',
  says: 'Stop, bookmark, resume allows the same as going on, with in-flight work counted as lost.',
  snapshot: (snapshot) => {
    const { context } = snapshot;
    // Where the backend refused every factor, a resumed flow may ask it once more.
    if (isFinal(snapshot) || !context.factor) return null;
    const saved: unknown = JSON.parse(JSON.stringify(bookmark(snapshot)));
    const resumed = firstSnapshot({
      signIn: context.signIn,
      at: context.now,
      resume: saved,
      options: context.options,
    });
    const going = possibleSteps(caughtUp(withoutReply(snapshot))).join(', ');
    const again = possibleSteps(caughtUp(withoutReply(resumed))).join(', ');
    return going === again ? null : `going on allows [${going}], resuming allows [${again}]`;
  },
};

/** The snapshot after whatever is under way was lost. */
function withoutReply(snapshot: SecondFactorSnapshot): SecondFactorSnapshot {
  const [actor] = Object.keys(snapshot.children);
  if (isFinal(snapshot) || actor === undefined || !snapshot.hasTag('busy')) return snapshot;
  return withoutReply(
    nextSnapshot(snapshot, {
      type: `xstate.error.actor.${actor}`,
      error: LOST,
      actorId: actor,
    } as MachineEvent),
  );
}

/** The snapshot once it was told what is due, as the facade and the view tell it before each step. */
function caughtUp(snapshot: SecondFactorSnapshot): SecondFactorSnapshot {
  const { deadlines, now } = snapshot.context;
  return Object.entries(deadlines)
    .filter(([, until]) => until <= now)
    .reduce((next, [name]) => nextSnapshot(next, { type: 'DEADLINE.PASSED', name }), snapshot);
}

/** What a connection that broke makes of any request. */
const LOST = new TypeError('Failed to fetch');

/** 13. Same snapshot and event, same next snapshot. */
export const sameEventSameSnapshot: Invariant = {
  name: 'sameEventSameSnapshot',
  says: 'The same snapshot and event give the same next snapshot, in an actor and by the pure function.',
  transition: ({ before, event, after }) => {
    if (!before) return null;
    const again = nextSnapshot(before, event);
    const told = snapshotText(after);
    if (after === before) return again === before ? null : 'refused once and accepted once';
    return snapshotText(again) === told ? null : `${snapshotText(again)} is not ${told}`;
  },
};

/** All that a snapshot says, as text. */
export function snapshotText(snapshot: SecondFactorSnapshot): string {
  const { status, value, context, output } = snapshot;
  const children = Object.keys(snapshot.children).sort();
  return JSON.stringify({ status, value, context, output, children });
}

/** 14. Nothing that a backend says makes the actor throw. */
export const junkKillsNothing: Invariant = {
  name: 'junkKillsNothing',
  says: 'Junk from a backend never throws out of the actor.',
  snapshot: ({ status }) => (status === 'error' ? 'the actor has died of an error' : null),
};

/** Every invariant, in the order of the documentation. */
export const INVARIANTS: readonly Invariant[] = [
  oneAttemptAtATime,
  onePrepareEach,
  preparedBeforeAttempted,
  completeIffVerified,
  secretStaysSecret,
  noDeadEnds,
  supersededRepliesChangeNothing,
  cooldownsAreFair,
  refusedChangesNothing,
  viewAgrees,
  nothingAfterTheEnd,
  resumeAllowsTheSame,
  sameEventSameSnapshot,
  junkKillsNothing,
];

/** Checks one snapshot. */
export function checkSnapshot(
  snapshot: SecondFactorSnapshot,
  invariants: readonly Invariant[] = INVARIANTS,
): Violation[] {
  if (snapshot.status === 'stopped') return []; // its owner is done with it
  return invariants.flatMap((invariant) => violation(invariant, invariant.snapshot?.(snapshot)));
}

/** Checks one transition, and not the snapshots on its ends. */
export function checkTransition(
  transition: Transition,
  invariants: readonly Invariant[] = INVARIANTS,
): Violation[] {
  if (transition.after.status === 'stopped') return [];
  return invariants.flatMap((invariant) =>
    violation(invariant, invariant.transition?.(transition)),
  );
}

/**
 * Checks a recorded trace against invariants.
 *
 * @param invariants - `@defaultValue` {@link INVARIANTS}
 * @returns what does not hold; `expect(checkTrace(trace)).toEqual([])`
 */
export function checkTrace(
  trace: Trace,
  invariants: readonly Invariant[] = INVARIANTS,
): Violation[] {
  return [
    ...trace.steps.flatMap((step, index) => {
      if (step.type !== 'transition') return [];
      const found = [
        ...checkTransition(step, invariants),
        ...(step.after === step.before ? [] : checkSnapshot(step.after, invariants)),
      ];
      return found.map((one): Violation => ({ ...one, step: index }));
    }),
    ...invariants.flatMap((invariant) =>
      (invariant.trace?.(trace) ?? []).flatMap((problem) => violation(invariant, problem)),
    ),
  ];
}

function violation({ name, says }: Invariant, problem: string | null | undefined): Violation[] {
  return typeof problem === 'string' ? [{ invariant: name, says, problem }] : [];
}
