import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultPlans } from '../../src/testing/arbitraries.ts';
import { runSecondFactor, secondFactorCommands } from '../../src/testing/commands.ts';
import { checkTrace } from '../../src/testing/invariants.ts';
import { tellTrace } from '../../src/testing/trace.ts';
import { sandboxWorld } from '../../src/testing/world.ts';
import { LONGEST_MS, REPLAY_PATH, runs } from './runs.ts';

const FACTORS = sandboxWorld().factors;

describe('the facade on the sandbox', () => {
  it('keeps every invariant when nothing goes wrong', { timeout: LONGEST_MS }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        secondFactorCommands({
          factors: FACTORS,
          faults: false,
          reloads: false,
          replayPath: REPLAY_PATH,
        }),
        async (seed, commands) => {
          await runSecondFactor(sandboxWorld({ seed }), commands);
        },
      ),
      runs(0.4),
    );
  });

  it('keeps every invariant whatever goes wrong', { timeout: LONGEST_MS }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        secondFactorCommands({ factors: FACTORS, maxCommands: 25, replayPath: REPLAY_PATH }),
        async (seed, commands) => {
          await runSecondFactor(sandboxWorld({ seed }), commands);
        },
      ),
      runs(),
    );
  });

  it('keeps every invariant if the backend may end the flow', {
    timeout: LONGEST_MS,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        secondFactorCommands({ factors: FACTORS, finalFaults: true, replayPath: REPLAY_PATH }),
        async (seed, commands) => {
          await runSecondFactor(sandboxWorld({ seed }), commands);
        },
      ),
      runs(0.2),
    );
  });

  it('keeps every invariant under any plan of faults', { timeout: LONGEST_MS }, async () => {
    const factor = fc.constantFrom(...FACTORS);
    await fc.assert(
      fc.asyncProperty(fc.nat(), factor, faultPlans({ final: true }), async (seed, one, plan) => {
        const world = sandboxWorld({ seed });
        const { strategy, ...id } = one as { strategy: string };
        world.sandbox.faults.next('any', ...plan.map((fault) => fault ?? {}));
        for (let round = 0; round < 3; round += 1) {
          world.driver.prepareSecondFactor({ strategy, ...id }).catch(() => {});
          await world.advance(40_000);
          const code = world.codeFor(one) ?? '000000';
          world.driver.attemptSecondFactor({ strategy, code, ...id }).catch(() => {});
          await world.advance(40_000);
        }
        if (world.driver.state() === 'complete') expect(world.isVerified()).toBe(true);
        for (const trace of world.traces()) {
          expect(checkTrace(trace), tellTrace(trace)).toEqual([]);
        }
      }),
      runs(0.2),
    );
  });

  it('never ends a success as a failure once the backend can be reached', {
    timeout: LONGEST_MS,
  }, async () => {
    const lost = fc.constantFrom(
      { dropReply: true },
      { neverSettles: true },
      { status: 500, takesEffect: true },
      { status: 502, garbage: true },
      { delayMs: 40_000 },
    );
    const factor = fc.constantFrom(...FACTORS);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        factor,
        fc.array(lost, { minLength: 1, maxLength: 5 }),
        factor,
        fc.boolean(),
        async (seed, first, faults, second, reloads) => {
          const world = sandboxWorld({ seed });
          const { driver } = world;
          const { strategy } = first;
          const id = { ...first, strategy } as { strategy: string };
          if (strategy.endsWith('_code') && strategy !== 'backup_code') {
            await driver.prepareSecondFactor(id);
          }
          for (const fault of faults) world.fault?.(fault);
          const attempt = driver.attemptSecondFactor({
            ...id,
            code: world.codeFor(first) ?? '',
          });
          attempt.catch(() => {});
          await world.advance(120_000);
          if (reloads) driver.reload?.();
          world.heal?.();
          await world.advance(120_000);
          expect(world.isVerified()).toBe(true);
          // Any next attempt finds out that it is verified.
          if (driver.state() !== 'complete') {
            driver
              .attemptSecondFactor({ ...(second as { strategy: string }), code: '123456' })
              .catch(() => {});
            await world.advance(120_000);
          }
          if (driver.state() !== 'complete') {
            driver.attemptSecondFactor({ strategy: 'totp', code: '123456' }).catch(() => {});
            await world.advance(120_000);
          }
          expect(driver.state()).toBe('complete');
        },
      ),
      runs(0.4),
    );
  });
});
