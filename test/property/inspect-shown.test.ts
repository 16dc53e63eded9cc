import { fc, it } from '@fast-check/vitest';
import { expect, describe as group } from 'vitest';
import {
  assign,
  createActor,
  createMachine,
  type EventObject,
  fromPromise,
  type InspectionEvent,
  type Snapshot,
  setup,
  spawnChild,
} from 'xstate';
import { oneTimeCode } from '../../machines/one-time-code.ts';
import { createSecondFactor } from '../../src/index.ts';
import {
  describe,
  inspectWithStately,
  logTransitions,
  recordSession,
  type Shape,
  show,
} from '../../src/inspect/index.ts';
import { showerOfSnapshot } from '../../src/inspect/shapes.ts';
import { showEverything, showFields } from '../../src/inspect/show.ts';
import { createXState4Translator } from '../../src/inspect/xstate4.ts';
import { runSecondFactor, sandboxWorld, secondFactorCommands } from '../../src/testing/index.ts';
import { PHONE, sent, signIn, TOTP } from '../support/sign-ins.ts';
import { LONGEST_MS, runs } from './runs.ts';

// A canary is told apart from everything else that is shown, so that finding it is finding a leak.
const digits = fc.stringMatching(/^[1-9]\d{5}(?:\d{2})?$/);
const backup = fc.stringMatching(/^[a-z]{2}\d[a-z]{2}-[a-z]\d[a-z]{3}$/);
const word = fc.stringMatching(/^Kanari[A-Za-z0-9]{4,12}$/);
const canary = fc.oneof(digits, backup, word);

const SEPARATORS = [' ', '-', '–', '.', '_', '/', '\u200b', ' · '];
/** Every spelling in which somebody could still read a secret. */
const spellings = (secret: string): string[] => [
  secret,
  ...SEPARATORS.map((separator) => `${secret.slice(0, 3)}${separator}${secret.slice(3)}`),
  ...SEPARATORS.map((separator) => [...secret].join(separator)),
  [...secret].reverse().join(''),
  encodeURIComponent(secret).replaceAll('-', '%2D'),
  Buffer.from(secret).toString('base64'),
  Buffer.from(secret).toString('hex'),
  [...secret].map((letter) => `"${letter}"`).join(),
  Buffer.from(secret).join(),
  [...secret].map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
];

/** What holds a text, in every kind of value that a program may keep. */
const holding = (secret: string): fc.Arbitrary<unknown> => {
  const text = fc
    .constantFrom(...spellings(secret))
    .chain((spelt) =>
      fc.constantFrom(
        spelt,
        `the code ${spelt} is wrong`,
        `Cookie: a=${spelt}; b=${spelt}`,
        `<code>${spelt}</code>`,
        `--x\r\nContent-Disposition: form-data; name="code"\r\n\r\n${spelt}\r\n--x--`,
        JSON.stringify({ body: JSON.stringify({ code: spelt }) }),
      ),
    );
  const scalar = fc.oneof(
    text,
    fc.constantFrom<unknown>(
      oneTimeCode(secret),
      Object(secret),
      Symbol(secret),
      Buffer.from(secret),
      [...secret],
      /^\d+$/.test(secret) ? Number(secret) : secret,
      /^\d+$/.test(secret) ? BigInt(secret) : secret,
      /^\d+$/.test(secret) ? -Number(`${secret}.5`) : secret,
      /^\d+$/.test(secret) ? [...secret].map(Number) : secret,
      new URL(`https://example.com/?q=${encodeURIComponent(secret)}`),
      new URLSearchParams({ code: secret }),
      new Error(secret, { cause: new Error(secret) }),
      Object.assign(new Error('wrong'), { name: secret, request: { code: secret } }),
      new AggregateError([new Error(secret)], secret),
      { rawHeaders: ['Cookie', secret] },
      { [secret]: true },
      new Map([[secret, new Set([secret])]]),
      {
        get inner() {
          return secret;
        },
      },
      {
        get bad(): never {
          throw new Error(secret);
        },
      },
    ),
  );
  return fc.oneof(
    scalar,
    scalar.map((value) => ({ type: 'CHANGE_VALUE', value })),
    scalar.map((value) => [{ deep: [[value]] }]),
    scalar.map((value) => new Map<unknown, unknown>([['x', { value }]])),
    scalar.map((value) => ({ name: 'code', value, toJSON: () => value })),
  );
};

const machine = setup({
  types: {} as {
    context: Record<string, unknown>;
    events: { type: string; place?: unknown; echo?: unknown; outcome?: string };
  },
  actors: {
    work: fromPromise<unknown, Record<string, unknown>>(async ({ input }) => {
      if (input.outcome === 'reject') throw input.echo;
      return input.echo;
    }),
  },
  actions: { keep: assign(({ event }) => ({ place: event.place, echo: event.echo })) },
}).createMachine({
  id: 'any',
  context: { place: null, echo: null },
  initial: 'idle',
  states: {
    idle: { on: { GO: { target: 'working', actions: 'keep' } } },
    working: {
      invoke: {
        src: 'work',
        input: ({ context, event }) => ({ ...context, outcome: event.outcome }),
        onDone: 'idle',
        onError: 'idle',
      },
    },
  },
});

/** Names a child by what it was told. */
const spawner = createMachine({
  id: 'spawner',
  on: {
    SPAWN: {
      actions: spawnChild(
        fromPromise(async () => 1),
        { id: ({ event }: { event: EventObject & { echo?: unknown } }) => `of ${event.echo}` },
      ),
    },
  },
});

/** Everything that leaves, by every way, as one text. */
function listener() {
  const said: string[] = [];
  const session = recordSession();
  const log = logTransitions({ write: (line) => said.push(line.slice(13)) });
  let serialize: ((message: unknown) => unknown) | undefined;
  const stately = inspectWithStately((options?: { serialize?: (message: unknown) => unknown }) => {
    serialize = options?.serialize;
    return {
      adapter: { send: (message: unknown) => said.push(JSON.stringify(serialize?.(message))) },
    };
  });
  return {
    inspect: (event: InspectionEvent) => {
      session.inspect(event);
      log(event);
      stately.inspect(event);
    },
    describe: (snapshot: Snapshot<unknown>) => void said.push(describe(snapshot)),
    /** What somebody says through the package itself, without our recorder. */
    foreign: (message: object) => void said.push(JSON.stringify(serialize?.(message))),
    text(): string {
      const translate = createXState4Translator();
      for (const message of session.session().messages) {
        said.push(JSON.stringify(message));
        for (const translated of translate(message)) said.push(JSON.stringify(translated));
      }
      // Times have the digits of a code by chance.
      return said.join('\n').replace(/\b1[78]\d{11}\b/g, '');
    },
  };
}

function expectKept(said: string, secret: string): void {
  const lower = said.toLowerCase();
  for (const spelt of spellings(secret)) expect(lower).not.toContain(spelt.toLowerCase());
}

group('a machine of a host', () => {
  it.prop(
    [
      canary.chain((secret) =>
        fc.record({
          secret: fc.constant(secret),
          place: holding(secret),
          echo: holding(secret),
          outcome: fc.constantFrom('resolve', 'reject'),
        }),
      ),
    ],
    runs(0.4),
  )(
    'is shown without anything that no shape names',
    async ({ secret, ...given }) => {
      const heard = listener();
      const actor = createActor(machine, { inspect: heard.inspect }).start();
      actor.send({ type: 'GO', ...given });
      heard.describe(actor.getSnapshot());
      actor.send({ type: `of ${secret}`, ...given });
      const parent = createActor(spawner, { inspect: heard.inspect }).start();
      parent.send({ type: 'SPAWN', echo: secret });
      await new Promise((resolve) => setTimeout(resolve));
      heard.describe(actor.getSnapshot());
      heard.foreign({ type: '@xstate.event', sessionId: 'x', event: { type: 'A', ...given } });
      heard.foreign({ type: '@xstate.snapshot', snapshot: { status: 'done', output: given } });
      const said = heard.text();
      expect(said).toContain('working');
      expect(said).toContain('"place":"‹');
      expectKept(said, secret);
      actor.stop();
      parent.stop();
    },
    LONGEST_MS,
  );
});

/** A backend that repeats what was typed, wherever an answer has room for it. */
const echo = (code: string) => {
  const value = holding(code);
  const some = (fields: Record<string, fc.Arbitrary<unknown>>) =>
    fc.record(fields, { requiredKeys: [] });
  const verification = some({
    status: value,
    strategy: fc.oneof(value, fc.constant('phone_code')),
    attempts: value,
    expireAt: value,
    error: some({ code: value, message: value, longMessage: value }),
  });
  const reply = fc
    .tuple(
      some({
        status: value,
        createdSessionId: value,
        secondFactorVerification: verification,
        supportedSecondFactors: fc.array(
          some({
            strategy: fc.oneof(value, fc.constantFrom('phone_code', 'totp')),
            phoneNumberId: value,
            safeIdentifier: value,
            default: value,
          }),
          { maxLength: 3 },
        ),
      }),
      fc.boolean(),
    )
    .map(([fields, isSent]) => ({ ...(isSent ? sent() : signIn()), ...(fields as object) }));
  const rejection = some({
    name: value,
    message: value,
    status: fc.oneof(value, fc.constantFrom(422, 429, 500)),
    retryAfter: value,
    code: value,
    cause: value,
    errors: fc.array(
      some({
        code: fc.oneof(value, fc.constant('form_code_incorrect')),
        longMessage: value,
        meta: some({ paramName: value }),
      }),
      { minLength: 1, maxLength: 2 },
    ),
  });
  return fc.record({
    reply,
    rejection: fc.oneof(rejection, value),
    ending: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
  });
};

group('the second-factor machine', () => {
  it.prop([canary.chain((code) => echo(code).map((answers) => ({ code, ...answers })))], runs(0.3))(
    'shows no code, whatever a backend repeats',
    async ({ code, reply, rejection, ending }) => {
      const heard = listener();
      let calls = 0;
      const answer = async () => {
        calls += 1;
        if (ending[calls % 3]) return reply;
        throw rejection;
      };
      const flow = createSecondFactor({
        signIn: signIn({ supportedSecondFactors: [PHONE, TOTP, { strategy: 'backup_code' }] }),
        services: {
          prepareSecondFactor: answer,
          attemptSecondFactor: answer,
          reloadSignIn: answer,
        },
        inspect: heard.inspect,
      });
      flow.actor.subscribe({ error: () => {} });
      const strategy = /^\d{6}$/.test(code) ? 'totp' : 'backup_code';
      await flow.attemptSecondFactor({ strategy, code }).catch(() => {});
      heard.describe(flow.actor.getSnapshot());
      await flow.prepareSecondFactor({ strategy: 'phone_code' }).catch(() => {});
      const isActive = flow.actor.getSnapshot().status === 'active';
      const send: typeof flow.actor.send = (event) => void (isActive && flow.actor.send(event));
      send({ type: code } as never);
      send({ type: 'SELECT', factor: { strategy: code, [code]: code } });
      send({ type: 'DEADLINE.PASSED', name: `resend:${code}` });
      send({ type: 'ATTEMPT', code: code as never });
      send({ type: 'SIGN_IN.CHANGED', signIn: Object(reply), at: Date.now() });
      heard.describe(flow.actor.getSnapshot());
      flow.stop();
      const said = heard.text();
      expect(said).toContain('"value":"needs_second_factor"');
      expectKept(said, code);
    },
    LONGEST_MS,
  );

  const { factors } = sandboxWorld();
  it.prop([fc.nat(), secondFactorCommands({ factors })], runs(0.1))(
    'shows all that the viewer needs, in whatever a flow gets into',
    async (seed, commands) => {
      const world = sandboxWorld({ seed });
      await runSecondFactor(world, commands);
      const steps = world.traces().flatMap((trace) => trace.steps);
      let seen = 0;
      for (const step of steps) {
        if (step.type !== 'transition') continue;
        const { after } = step;
        const shown = showerOfSnapshot(after, {}).snapshot(after);
        const { context } = after;
        seen += 1;
        expect(shown.value).toEqual(after.value);
        expect(shown.context).toMatchObject({
          signIn: JSON.parse(JSON.stringify(context.signIn)),
          factor: JSON.parse(JSON.stringify(context.factor)),
          unavailable: context.unavailable,
          deliveries: JSON.parse(JSON.stringify(context.deliveries)),
          deadlines: context.deadlines,
          unanswered: context.unanswered,
          now: context.now,
          learntAt: context.learntAt,
          options: JSON.parse(JSON.stringify(context.options)),
          ...(context.error && {
            error: {
              code: context.error.code,
              ...(context.error.retryAt !== undefined && { retryAt: context.error.retryAt }),
            },
          }),
        });
      }
      expect(seen).toBeGreaterThan(0);
      world.stop();
    },
    LONGEST_MS,
  );
});

const anything = fc.anything({
  withMap: true,
  withSet: true,
  withBigInt: true,
  withDate: true,
  withSparseArray: true,
  withNullPrototype: true,
  withTypedArray: true,
});
const { shape } = fc.letrec<{ shape: Shape }>((tie) => ({
  shape: fc.oneof(
    { maxDepth: 3 },
    fc.constant<Shape>(true),
    tie('shape').map((each): Shape => [each]),
    fc.dictionary(fc.string({ maxLength: 2 }), tie('shape')) as fc.Arbitrary<Shape>,
  ),
}));

group('what is shown', () => {
  it.prop([anything, fc.option(shape, { nil: undefined })], runs(0.6))(
    'is JSON, of anything by any shape',
    (value, by) => {
      for (const shown of [show(value, by), showFields(value, by), showEverything(value)]) {
        expect(JSON.parse(JSON.stringify(shown))).toEqual(shown);
      }
    },
    LONGEST_MS,
  );
});
