import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createActor, fromPromise, initialTransition, SimulatedClock, transition } from 'xstate';
import { type SecondFactorEvent, secondFactorMachine } from '../../src/index.ts';
import { events, junk, rejections, replies, signIns } from '../../src/testing/arbitraries.ts';
import { runSecondFactor, secondFactorCommands } from '../../src/testing/commands.ts';
import { checkTrace, snapshotText } from '../../src/testing/invariants.ts';
import { firstSnapshot, nextSnapshot, type SecondFactorSnapshot } from '../../src/testing/step.ts';
import { transitionsOf } from '../../src/testing/trace.ts';
import { sandboxWorld } from '../../src/testing/world.ts';
import { LONGEST_MS, REPLAY_PATH, runs } from './runs.ts';

const AT = Date.UTC(2026, 0, 1);

/** A step without promises: an event, or the end of the request under way. */
type Step = { event: SecondFactorEvent } | { answer: unknown } | { rejection: unknown };

const steps = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: events([
        { strategy: 'totp' },
        { strategy: 'phone_code', phoneNumberId: 'idn_1' },
        { strategy: 'email_code', emailAddressId: 'idn_2' },
      ]).map((event): Step => ({ event })),
    },
    {
      weight: 2,
      arbitrary: replies().map((signIn): Step => ({ answer: { signIn, at: AT + 1 } })),
    },
    { weight: 1, arbitrary: junk().map((answer): Step => ({ answer })) },
    { weight: 2, arbitrary: rejections().map((rejection): Step => ({ rejection })) },
  ),
  { maxLength: 20 },
);

function eventOf(step: Step, snapshot: SecondFactorSnapshot): SecondFactorEvent | null {
  if ('event' in step) return step.event;
  const [actorId] = Object.keys(snapshot.children);
  if (actorId === undefined || !snapshot.hasTag('busy')) return null;
  const event =
    'answer' in step
      ? { type: `xstate.done.actor.${actorId}`, output: step.answer, actorId }
      : { type: `xstate.error.actor.${actorId}`, error: step.rejection, actorId };
  return event as unknown as SecondFactorEvent;
}

describe('the machine as an actor and as a pure function', () => {
  it('agree on every event, reply and rejection, junk among them', { timeout: LONGEST_MS }, () => {
    fc.assert(
      fc.property(signIns(), steps, (signIn, script) => {
        const input = { signIn, at: AT };
        // These requests never end by themselves: the test sends their ends as events.
        const endless = fromPromise<never, never>(() => new Promise(() => {}));
        const machine = secondFactorMachine.provide({
          actors: {
            prepareSecondFactor: endless,
            attemptSecondFactor: endless,
            reloadSignIn: endless,
          } as object,
        });
        const actor = createActor(machine, { input, clock: new SimulatedClock() });
        actor.subscribe({ error: () => {} });
        actor.start();
        let [pure] = initialTransition(secondFactorMachine, input);
        let fast = firstSnapshot(input);
        expect(snapshotText(actor.getSnapshot())).toBe(snapshotText(pure));
        expect(snapshotText(fast)).toBe(snapshotText(pure));
        for (const step of script) {
          if (pure.status !== 'active') break;
          const event = eventOf(step, pure);
          if (!event) continue;
          const before = pure;
          [pure] = transition(secondFactorMachine, before, event);
          const nextFast = nextSnapshot(fast, event);
          expect(nextFast === fast).toBe(pure === before);
          fast = nextFast;
          actor.send(event);
          expect(snapshotText(actor.getSnapshot())).toBe(snapshotText(pure));
          expect(snapshotText(fast)).toBe(snapshotText(pure));
          // Invariant 14: junk neither kills the actor nor completes the flow.
          expect(['active', 'done']).toContain(pure.status);
          if (pure.matches('complete')) {
            const said = JSON.stringify('answer' in step ? step.answer : event);
            expect(said).toMatch(/complete|verified/);
          }
        }
      }),
      runs(),
    );
  });

  it('agree on every run of the facade', { timeout: LONGEST_MS }, async () => {
    const { factors } = sandboxWorld();
    const arbitraryCommands = secondFactorCommands({ factors, replayPath: REPLAY_PATH });
    await fc.assert(
      fc.asyncProperty(fc.nat(), arbitraryCommands, async (seed, commands) => {
        const world = sandboxWorld({ seed });
        await runSecondFactor(world, commands);
        for (const trace of world.traces()) {
          let pure = transitionsOf(trace)[0]?.after;
          for (const { before, event, after } of transitionsOf(trace).slice(1)) {
            if (!pure || after.status === 'stopped') break;
            [pure] = transition(secondFactorMachine, pure, event as SecondFactorEvent);
            expect(snapshotText(pure)).toBe(snapshotText(after));
            expect(before).not.toBeNull();
          }
          expect(checkTrace(trace)).toEqual([]);
        }
      }),
      runs(0.2),
    );
  });
});
