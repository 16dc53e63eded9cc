/**
 * React's StrictMode and `<Activity>` stop the actor of `useActorRef` and start it again from the same
 * snapshot. XState then started the request in flight once more: two text messages went out, the
 * first code was spent, and the page showed a time-out.
 */
import { describe, expect, it } from 'vitest';
import { type Actor, createActor } from 'xstate';
import { stateName } from '../../machines/second-factor.facts.ts';
import { oneTimeCode, provideServices, type secondFactorMachine } from '../../src/index.ts';
import { settle } from '../support/flow.ts';
import { CODE, completed, PHONE, sent, signIn, T0, TOTP } from '../support/sign-ins.ts';

type Flow = Actor<typeof secondFactorMachine>;

/** Stops an actor as `stopRootWithRehydration` of `@xstate/react` does, so that it can start again. */
function stopAsReactDoes(flow: Flow): void {
  const actors = [flow, ...Object.values(flow.getSnapshot().children)];
  const snapshots = actors.map((actor) => actor.getSnapshot());
  const timers = flow.system.getSnapshot();
  for (const actor of actors) Object.assign(actor, { observers: new Set() });
  flow.stop();
  Object.assign(flow.system, { _snapshot: timers });
  for (const [index, actor] of actors.entries()) {
    Object.assign(actor, { _processingStatus: 0, _snapshot: snapshots[index] });
  }
}

/** A request in flight, the state after its answer, and the state after the loss of its answer. */
const REQUESTS = [
  {
    name: 'prepare',
    factor: PHONE,
    event: { type: 'PREPARE', at: T0 },
    reply: sent(),
    answered: 'prepared',
    lost: 'failed.not_sent',
  },
  {
    name: 'attempt',
    factor: TOTP,
    event: { type: 'ATTEMPT', code: oneTimeCode(CODE) },
    reply: completed(),
    answered: 'complete',
    lost: 'attempting.reconciling',
  },
] as const;

/** An actor as a hook runs it, with that request in flight. */
function startWith({ factor, event }: (typeof REQUESTS)[number]) {
  const requests: { signal: AbortSignal; resolve(reply: object): void }[] = [];
  const ask = (_: object, { signal }: { signal: AbortSignal }) =>
    new Promise<object>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      requests.push({ signal, resolve });
    });
  const machine = provideServices({
    prepareSecondFactor: ask,
    attemptSecondFactor: ask,
    reloadSignIn: () => new Promise(() => {}),
  });
  const flow = createActor(machine, { input: { signIn: signIn(), at: T0, factor } }).start();
  flow.send(event);
  return { flow, requests, aborted: () => requests.map(({ signal }) => signal.aborted) };
}

describe.each(REQUESTS)('an actor that is stopped during its $name', (request) => {
  it('joins the request when it is started again at once', async () => {
    const { flow, requests, aborted } = startWith(request);
    stopAsReactDoes(flow);
    flow.start();
    await settle();
    expect(aborted()).toEqual([false]);
    requests[0]?.resolve(request.reply);
    await settle();
    expect(stateName(flow.getSnapshot())).toBe(request.answered);
  });

  it('counts the request as lost when it is started again later', async () => {
    const { flow, aborted } = startWith(request);
    stopAsReactDoes(flow);
    await settle();
    expect(aborted()).toEqual([true]);
    flow.start();
    await settle();
    expect(stateName(flow.getSnapshot())).toBe(request.lost);
    expect(aborted()).toEqual([true]);
  });

  it('gives the request up when it is not started again', async () => {
    const { flow, aborted } = startWith(request);
    flow.stop();
    await settle();
    expect(aborted()).toEqual([true]);
  });
});
