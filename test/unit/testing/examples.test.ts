import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSandbox } from '../../../src/sandbox/index.ts';
import {
  checkTrace,
  describeServices,
  runSecondFactor,
  type SecondFactorDriver,
  type SecondFactorWorld,
  sandboxWorld,
  secondFactorCommands,
  secondFactorPaths,
  tellTrace,
} from '../../../src/testing/index.ts';
import { describeExamples } from '../../support/doc-examples.ts';

// The examples of docs/testing.md, word for word: the last test compares them.

// example: services
describeServices(
  'my services',
  () => {
    const sandbox = createSandbox();
    const signIn = sandbox.signIn();
    return {
      services: sandbox.services(signIn.id),
      signIn,
      factor: { strategy: 'phone_code', phoneNumberId: 'idn_phone_1' },
      rightCode: () => sandbox.inbox.code(),
      fault: (fault) => sandbox.faults.next('any', fault),
      sent: () => sandbox.requests.all.map(({ params }) => params),
    };
  },
  { describe, it },
);
// end

// example: commands
it('keeps every invariant whatever goes wrong', async () => {
  const { factors } = sandboxWorld();
  await fc.assert(
    fc.asyncProperty(fc.nat(), secondFactorCommands({ factors }), async (seed, commands) => {
      await runSecondFactor(sandboxWorld({ seed }), commands);
    }),
    { numRuns: 20 },
  );
});
// end

// example: page
function pageWorld(): SecondFactorWorld {
  const world = sandboxWorld();
  const page: SecondFactorDriver = {
    // Click, type and wait here, and reject with a SecondFactorError's code where the page shows one.
    prepareSecondFactor: (params) => world.driver.prepareSecondFactor(params),
    attemptSecondFactor: (params) => world.driver.attemptSecondFactor(params),
    cancel: () => world.driver.cancel(),
    state: () => world.driver.state(),
  };
  return { ...world, driver: page };
}
// end

// example: trace
it('resends and completes', async () => {
  const world = sandboxWorld();
  const phone = { strategy: 'phone_code', phoneNumberId: 'idn_phone_1' };
  await world.driver.prepareSecondFactor(phone);
  await world.advance(30_000);
  await world.driver.prepareSecondFactor(phone);
  const code = world.sandbox.inbox.code();
  await world.driver.attemptSecondFactor({ ...phone, code });

  for (const trace of world.traces()) {
    expect(checkTrace(trace), tellTrace(trace)).toEqual([]);
  }
});
// end

// example: paths
describe.each(secondFactorPaths())('the way to $name', ({ name, steps }) => {
  it(`is ${steps.map((step) => step.name).join(' → ') || 'the start'}`, () => {
    // Replay the steps on your page here, and compare with what it shows.
    expect(steps.every((step) => step.snapshot.status !== 'error')).toBe(true);
    expect(name).not.toBe('');
  });
});
// end

describe('a world with a page in it', () => {
  it('runs the same commands', async () => {
    const { factors } = sandboxWorld();
    await fc.assert(
      fc.asyncProperty(secondFactorCommands({ factors, reloads: false }), async (commands) => {
        await runSecondFactor(pageWorld(), commands);
      }),
      { numRuns: 10 },
    );
  });
});

describe('a driver that is wrong', () => {
  const broken: [string, (driver: SecondFactorDriver) => SecondFactorDriver, RegExp][] = [
    [
      'sends twice',
      (driver) => ({
        ...driver,
        prepareSecondFactor: async (params) => {
          await driver.prepareSecondFactor({ strategy: 'email_code' }).catch(() => {});
          return driver.prepareSecondFactor(params);
        },
      }),
      /prepar/,
    ],
    [
      'says that a wrong code is right',
      (driver) => ({
        ...driver,
        attemptSecondFactor: (params) => driver.attemptSecondFactor(params).catch(() => 'fine'),
      }),
      /accepted|expected/,
    ],
    [
      'never answers',
      (driver) => ({ ...driver, attemptSecondFactor: () => new Promise(() => {}) }),
      /never settled|expected/,
    ],
    [
      'does not cancel',
      (driver) => ({ ...driver, cancel: () => {} }),
      /cancelled, and the state is/,
    ],
  ];

  it.each(broken)('that %s is found, and the run is told as a story', async (_, wrap, problem) => {
    const { factors } = sandboxWorld();
    const result = await fc.check(
      fc.asyncProperty(
        secondFactorCommands({ factors, faults: false, reloads: false }),
        async (commands) => {
          await runSecondFactor(sandboxWorld({ wrap }), commands);
        },
      ),
      { numRuns: 200, seed: 1 },
    );
    expect(result.failed).toBe(true);
    const { message } = result.errorInstance as Error;
    expect(message).toMatch(problem);
    // Shrunk to a few steps, told one after the other.
    const story = message.split('\n\n')[1] ?? '';
    expect(story.split(' → ').length).toBeLessThanOrEqual(4);
  });
});

const { examples, text } = describeExamples(import.meta.url, 'testing.md');

describe('docs/testing.md', () => {
  it('shows no example that does not run', () => {
    const shown = [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, body]) => body ?? '');
    const bodies = shown.map((body) => body.slice(body.indexOf('\n\n') + 2));
    expect(bodies).toEqual(examples.map(({ body }) => body));
  });
});
