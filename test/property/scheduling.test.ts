import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSecondFactor, type SecondFactor } from '../../src/index.ts';
import { createSandbox, seededRandom } from '../../src/sandbox/index.ts';
import { abstractState } from '../../src/testing/alphabet.ts';
import { checkTrace } from '../../src/testing/invariants.ts';
import { scheduledServices } from '../../src/testing/scheduling.ts';
import { isFinal, nextSnapshot } from '../../src/testing/step.ts';
import { SimulatedTime, settlePromises } from '../../src/testing/time.ts';
import { recordTrace, transitionsOf } from '../../src/testing/trace.ts';
import { LONGEST_MS, runs } from './runs.ts';

const UNHURRIED = { attemptsPerWindow: Number.POSITIVE_INFINITY, lockAfterFailures: 1_000 };

/** What happens while replies are on their way. */
type Action =
  | { readonly do: 'prepare' | 'select' | 'attempt' | 'attempt wrong'; readonly factor: number }
  | { readonly do: 'release' }
  | { readonly do: 'wait'; readonly ms: number };

const actions = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constantFrom('prepare', 'prepare', 'select', 'attempt', 'attempt wrong' as const),
      factor: fc.nat({ max: 4 }),
    }),
    fc.constant({ do: 'release' as const }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1_000, 31_000) }),
  ),
  { maxLength: 16 },
) as fc.Arbitrary<Action[]>;

async function run(scheduler: fc.Scheduler, script: readonly Action[]) {
  const time = new SimulatedTime();
  const sandbox = createSandbox({
    clock: time,
    now: time.now,
    random: seededRandom(7),
    limits: UNHURRIED,
  });
  const { id, supportedSecondFactors } = sandbox.signIn();
  const held = scheduledServices(scheduler, sandbox.services(id));
  const recorder = recordTrace({
    services: held.services,
    now: time.now,
    countTimers: () => time.timers,
  });
  const flow = createSecondFactor({
    signIn: sandbox.peek(id),
    services: recorder.services,
    inspect: recorder.inspect,
    clock: time,
    now: time.now,
    options: { requestTimeoutMs: null },
  });
  const codeFor = (factor: SecondFactor) => {
    if (factor.strategy === 'totp') return sandbox.authenticator.code();
    if (factor.strategy === 'backup_code') return sandbox.backupCodes[0] ?? '';
    return sandbox.inbox.messages.at(-1)?.code ?? '000000';
  };
  for (const action of script) {
    if (action.do === 'release') await held.releaseOne();
    else if (action.do === 'wait') await time.advance(action.ms);
    else {
      const factor = supportedSecondFactors[action.factor % supportedSecondFactors.length];
      if (!factor) continue;
      const params = factor as { strategy: string };
      const code = action.do === 'attempt' ? codeFor(factor) : '111111';
      if (action.do === 'select') {
        if (!isFinal(flow.actor.getSnapshot())) flow.actor.send({ type: 'SELECT', factor });
      } else if (action.do === 'prepare') flow.prepareSecondFactor(params).catch(() => {});
      else flow.attemptSecondFactor({ ...params, code }).catch(() => {});
      await settlePromises();
    }
  }
  await held.releaseAll();
  return { flow, trace: recorder.trace(), isVerified: sandbox.peek(id).status === 'complete' };
}

describe('replies in any order', () => {
  it('give the state of the replies that were not superseded, in order', {
    timeout: LONGEST_MS,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), actions, async (scheduler, script) => {
        const { flow, trace, isVerified } = await run(scheduler, script);
        expect(checkTrace(trace)).toEqual([]);

        // The in-order run: the accepted events alone, through the pure function.
        const steps = transitionsOf(trace);
        const first = steps[0]?.after;
        if (!first) throw new Error('nothing was recorded');
        const inOrder = steps
          .slice(1)
          .filter(({ before, after }) => before !== after)
          .reduce((snapshot, { event }) => nextSnapshot(snapshot, event), first);
        const snapshot = flow.actor.getSnapshot();
        expect(abstractState(snapshot)).toBe(abstractState(inOrder));

        // The flow takes in only the replies to requests that it has not aborted.
        const requests = trace.steps.filter(({ type }) => type === 'request').length;
        const aborted = trace.steps.filter(({ type }) => type === 'aborted').length;
        const taken = steps.filter(({ event }) =>
          /^xstate\.(done|error)\./.test(event.type),
        ).length;
        expect(taken).toBe(requests - aborted);
        expect(snapshot.hasTag('busy')).toBe(false);
        if (isFinal(snapshot) && snapshot.matches('complete')) expect(isVerified).toBe(true);
        flow.stop();
      }),
      runs(0.6),
    );
  });

  it('never lets a superseded reply change anything, however late', {
    timeout: LONGEST_MS,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 4 }), async (scheduler, times) => {
        const script: Action[] = Array.from({ length: times }, (_, turn) => ({
          do: 'prepare' as const,
          factor: turn % 3,
        }));
        const { flow, trace } = await run(scheduler, script);
        // Only the last prepare counts: its factor is chosen and prepared, whatever was answered last.
        const snapshot = flow.actor.getSnapshot();
        expect(snapshot.value).toBe('prepared');
        const requests = trace.steps.filter(({ type }) => type === 'request');
        const last = requests.at(-1) as { params: { phoneNumberId?: string } };
        expect(snapshot.context.factor?.phoneNumberId).toBe(last.params.phoneNumberId);
        flow.stop();
      }),
      runs(0.2),
    );
  });
});
