import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyOf } from '../../machines/second-factor.facts.ts';
import type { Strategies } from '../../machines/strategies.ts';
import { connect } from '../../src/connect.ts';
import { createSecondFactor, type SecondFactorFlow } from '../../src/create-second-factor.ts';
import {
  actorDriver,
  runSecondFactor,
  type SandboxWorldOptions,
  type SecondFactorCommand,
  type SecondFactorControls,
  type SecondFactorSnapshot,
  type SecondFactorWorld,
  SimulatedTime,
  sandboxWorld,
  secondFactorCommands,
} from '../../src/testing/index.ts';
import { transitionsOf } from '../../src/testing/trace.ts';
import { describeExamples } from '../support/doc-examples.ts';
import { LONGEST_MS, REPLAY_PATH, runs } from './runs.ts';

const FACTORS = sandboxWorld().factors;

type Drive = NonNullable<SandboxWorldOptions['drive']>;

/** The controls of a page over `connect`. Each draws the page anew before it acts. */
function page({ actor }: SecondFactorFlow, now: () => number): SecondFactorControls {
  const field = { value: '' };
  let malformed: string | null = null;
  const view = () =>
    connect(actor.getSnapshot(), (event) => actor.send(event), {
      now,
      malformed,
      onMalformed: (step) => {
        malformed = step;
      },
    });
  const click = (button: { disabled: boolean; hidden?: boolean; onClick?(): void }) => {
    if (!button.disabled && !button.hidden) button.onClick?.();
  };
  return {
    prepare: (factor) => {
      click(view().factorButtonProps(factor));
      click(view().resendButtonProps());
    },
    attempt: (factor, code) => {
      if (view().can.select) view().select(factor);
      const { disabled, readOnly, onInput } = view().codeInputProps();
      if (disabled || readOnly) return;
      field.value = code;
      onInput({ currentTarget: field });
      // A whole code has submitted itself, if it was new. The button submits any other.
      if (view().submitButtonProps().disabled) return;
      view()
        .formProps()
        .onSubmit({ currentTarget: { elements: { code: field } } });
    },
    cancel: () => click(view().cancelButtonProps()),
  };
}

/** What a page says, and whether its focus is on something that can have it. */
function hear(snapshot: SecondFactorSnapshot) {
  const view = connect(snapshot, () => {});
  const target = {
    code: view.codeInputProps(),
    resend: view.resendButtonProps(),
    submit: view.submitButtonProps(),
    status: {},
  }[view.focus] as { disabled?: boolean; hidden?: boolean };
  return {
    isSilent: view.announcement === '',
    isLost: (target.disabled || target.hidden) === true && `${view.focus} in ${view.state}`,
  };
}

const drivers: [string, Drive][] = [
  ['an actor', ({ actor }, { now }) => actorDriver(actor, { now })],
  ['a page', (flow, { now }) => actorDriver(flow.actor, { now, controls: page(flow, now) })],
];

describe.each(drivers)('the driver of %s', (_, drive) => {
  it('keeps every invariant whatever goes wrong', { timeout: LONGEST_MS }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        secondFactorCommands({ factors: FACTORS, maxCommands: 25, replayPath: REPLAY_PATH }),
        async (seed, commands) => {
          const world = sandboxWorld({ seed, drive });
          await runSecondFactor(world, commands);
          for (const { after } of world.traces().flatMap(transitionsOf)) {
            expect(hear(after)).toEqual({ isSilent: false, isLost: false });
          }
        },
      ),
      runs(0.1),
    );
  });
});

describe('a driver that is wrong', () => {
  type Break = (
    flow: SecondFactorFlow,
    right: SecondFactorControls,
  ) => Partial<SecondFactorControls>;
  const broken: [string, Break, RegExp][] = [
    [
      'drops the cooldown',
      ({ actor }, right) => ({
        prepare: (factor) => {
          const name = `resend:${keyOf(actor.getSnapshot().context, factor)}`;
          actor.send({ type: 'DEADLINE.PASSED', name });
          right.prepare(factor);
        },
      }),
      /^\S+ was prepared again after \d+ ms/,
    ],
    [
      'sends a code to a factor that is only to be attempted',
      ({ actor }) => ({
        attempt: (factor) => connect(actor.getSnapshot(), actor.send).choose(factor),
      }),
      /^expected not_prepared|^refused with not_prepared, and 1 requests/,
    ],
    [
      'has a button that does nothing',
      () => ({ prepare: () => {} }),
      /^PREPARE \S+ threw Error: nothing refuses it/,
    ],
    ['does not cancel', () => ({ cancel: () => {} }), /^cancelled, and the state is/],
  ];

  it.each(broken)('that %s is found', async (_, wrong, problem) => {
    const drive: Drive = (flow, { now }) => {
      const right = page(flow, now);
      return actorDriver(flow.actor, { now, controls: { ...right, ...wrong(flow, right) } });
    };
    const result = await fc.check(
      fc.asyncProperty(
        secondFactorCommands({ factors: FACTORS, faults: false, reloads: false }),
        (commands) => runSecondFactor(sandboxWorld({ drive }), commands),
      ),
      { numRuns: 200, seed: 1 },
    );
    expect((result.errorInstance as Error | null)?.message).toMatch(problem);
  });
});

describe('a strategy of the host', () => {
  const PAGER = { strategy: 'pager', pagerId: 'p1' };
  const strategies: Strategies = {
    pager: { needsPreparation: true, proof: 'code', length: 4, idField: 'pagerId' },
  };

  /** One pager, whose code is always the same. */
  function pagerWorld(forget: boolean): SecondFactorWorld {
    const time = new SimulatedTime();
    const requests = { prepare: 0, attempt: 0 };
    const signIn = (status: string, verified: string) => ({
      id: 'sia_1',
      status,
      supportedSecondFactors: [PAGER],
      secondFactorVerification: { status: verified, strategy: 'pager' },
    });
    let isVerified = false;
    const flow = createSecondFactor({
      signIn: { ...signIn('needs_second_factor', ''), secondFactorVerification: null },
      services: {
        prepareSecondFactor: async ({ pagerId }) => {
          requests.prepare += 1;
          if (pagerId !== PAGER.pagerId) throw { errors: [{ code: 'strategy_for_user_invalid' }] };
          return signIn('needs_second_factor', 'unverified');
        },
        attemptSecondFactor: async ({ code }) => {
          requests.attempt += 1;
          if (code !== '4242') throw { errors: [{ code: 'form_code_incorrect' }] };
          isVerified = true;
          return signIn('complete', 'verified');
        },
      },
      clock: time,
      now: time.now,
      options: { strategies, ...(forget && { resendCooldownMs: 0 }) },
    });
    return {
      driver: actorDriver(flow.actor, { now: time.now }),
      codeFor: () => '4242',
      advance: (ms) => time.advance(ms),
      now: time.now,
      requests: () => requests,
      isVerified: () => isVerified,
    };
  }

  const run = (forget: boolean, parameters: fc.Parameters<[Iterable<SecondFactorCommand>]>) =>
    fc.check(
      fc.asyncProperty(secondFactorCommands({ factors: [PAGER], strategies }), async (commands) => {
        await runSecondFactor(pagerWorld(forget), commands);
      }),
      parameters,
    );

  it('is driven as those that are built in', { timeout: LONGEST_MS }, async () => {
    const { failed, errorInstance } = await run(false, runs(0.1));
    expect(failed, String(errorInstance)).toBe(false);
  });

  it('is checked as they are', { timeout: LONGEST_MS }, async () => {
    const { errorInstance } = await run(true, { numRuns: 200, seed: 1 });
    expect(String(errorInstance)).toMatch(/pager\/p1 was prepared again after \d+ ms/);
  });
});

// The example of docs/testing.md, word for word: the last test compares them.

// example: controls
it('keeps every invariant by what a page does', async () => {
  const { factors } = sandboxWorld();
  await fc.assert(
    fc.asyncProperty(fc.nat(), secondFactorCommands({ factors }), async (seed, commands) => {
      const world = sandboxWorld({
        seed,
        drive: ({ actor }, { now }) => {
          const view = () => connect(actor.getSnapshot(), actor.send, { now });
          return actorDriver(actor, {
            now,
            // Where you have a page, render it over `actor`, and click and type here.
            controls: {
              prepare: (factor) => {
                view().choose(factor);
                view().resend(); // refused where choosing it has sent a code
              },
              attempt: (factor, code) => {
                view().select(factor);
                view().attempt(code);
              },
              cancel: () => view().cancel(),
            },
          });
        },
      });
      await runSecondFactor(world, commands);
    }),
    { numRuns: 20 },
  );
});
// end

describeExamples(import.meta.url, 'testing.md');
