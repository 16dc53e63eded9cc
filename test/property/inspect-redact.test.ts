import { fc, it } from '@fast-check/vitest';
import { expect, describe as group } from 'vitest';
import { assign, createActor, fromPromise, type InspectionEvent, setup } from 'xstate';
import { oneTimeCode } from '../../machines/one-time-code.ts';
import {
  createRedactor,
  describe,
  inspectWithStately,
  logTransitions,
  recordSession,
  redact,
} from '../../src/inspect/index.ts';
import { createXState4Translator } from '../../src/inspect/xstate4.ts';
import { LONGEST_MS, runs } from './runs.ts';

// A canary is told apart from everything else that is shown, so that finding it is finding a leak.
const digits = fc
  .stringMatching(/^[1-9]\d{5}(?:\d{2})?$/)
  .map((text) => text.replace(/000$/, '123'));
const backup = fc.stringMatching(/^[a-z]{2}\d[a-z]{2}-[a-z]\d[a-z]{3}$/);
const word = fc.stringMatching(/^Kanari[A-Za-z0-9]{4,12}$/);
const canary = fc.oneof(digits, backup, word);

const secretKey = fc.constantFrom(
  'code',
  'otp',
  'password',
  'access_token',
  'clientSecret',
  'ticket',
  'Authorization',
  'backupCodes',
);

const SEPARATORS = [' ', '-', '–', '.', '_', '/', '\u200b', ' · '];
/** A secret as somebody types it, or a backend prints it. */
const grouped = (secret: string, separator: string) =>
  `${secret.slice(0, 3)}${separator}${secret.slice(3)}`;
/** JSON in JSON in JSON. */
const nestedJson = (value: unknown, levels: number): string =>
  levels === 0 ? JSON.stringify(value) : JSON.stringify({ body: nestedJson(value, levels - 1) });

/** Ways to give a secret away in its own place. */
const hidden = (secret: string) =>
  fc.oneof(
    fc.constant<unknown>(oneTimeCode(secret)),
    secretKey.map((key): unknown => ({ [key]: secret })),
    secretKey.map((key): unknown => ({ deep: [{ [key]: { inner: [secret] } }] })),
    secretKey.map((key): unknown => new Map([[key, secret]])),
    secretKey.map((key): unknown => new Set([{ [key]: secret }])),
    secretKey.map((key): unknown => ({
      get [key]() {
        return secret;
      },
    })),
    fc.constant<unknown>(new URLSearchParams({ code: secret })),
    fc.constant<unknown>(Object.assign(new Error('refused'), { request: { code: secret } })),
    fc.constant<unknown>({ code: Object(secret) }),
    fc.constant<unknown>({ code: Symbol(secret) }),
    fc.constant<unknown>({ code: new TextEncoder().encode(secret) }),
    fc.constant<unknown>({ code: /^\d+$/.test(secret) ? Number(secret) : secret }),
    fc.constant<unknown>({ code: /^\d+$/.test(secret) ? BigInt(secret) : secret }),
    fc.constant<unknown>({ code: /^\d+$/.test(secret) ? [...secret] : secret }),
    fc.constantFrom(...SEPARATORS).map((separator): unknown => ({
      // Of a word, nobody would know which separators belong to it.
      code: /^\d+$/.test(secret) ? grouped(secret, separator) : secret,
    })),
    fc.nat(3).map((levels): unknown => nestedJson({ code: secret }, levels)),
    fc.constant<unknown>(`answer: ${encodeURIComponent(JSON.stringify({ code: secret }))}`),
  );

/** Ways in which it comes back where nobody expects it. */
const echoed = (secret: string) =>
  fc.oneof(
    fc.constant<unknown>(secret),
    fc.constant<unknown>(`the code ${secret} is wrong`),
    fc.constant<unknown>(`x${secret}y`),
    fc.constant<unknown>(new Error(`wrong: ${secret}`)),
    fc.constant<unknown>(new Error('wrong', { cause: new Error(`body=${secret}`) })),
    fc.constant<unknown>(new AggregateError([new Error(secret)], 'many')),
    fc.constant<unknown>({ list: [1, [secret]], [secret]: true }),
    fc.constant<unknown>(new Map([[secret, new Set([secret])]])),
    fc.constant<unknown>(new URL(`https://example.com/?q=${encodeURIComponent(secret)}`)),
    fc.constant<unknown>(JSON.stringify({ text: secret })),
    fc.nat(3).map((levels): unknown => nestedJson({ text: secret }, levels)),
    fc.constantFrom(...SEPARATORS).map((separator): unknown => grouped(secret, separator)),
    fc.constant<unknown>([...secret]),
    fc.constant<unknown>([...new TextEncoder().encode(secret)]),
    fc.constant<unknown>({
      text: Object(secret),
      [Symbol(secret)]: secret,
      symbol: Symbol(secret),
    }),
    fc.constant<unknown>(/^\d+$/.test(secret) ? -Number(secret) : secret),
    fc.constant<unknown>(/^\d+$/.test(secret) ? Number(`${secret}.5`) : secret),
    fc.constant<unknown>(new Error('a', { cause: { cause: { [`of ${secret}`]: secret } } })),
    fc.constant<unknown>({
      get bad(): never {
        throw new Error(secret);
      },
    }),
  );

const situation = canary.chain((secret) =>
  fc.record({
    secret: fc.constant(secret),
    place: hidden(secret),
    echo: echoed(secret),
    outcome: fc.constantFrom<'resolve' | 'reject'>('resolve', 'reject'),
  }),
);

const machine = setup({
  types: {} as {
    context: { place: unknown; echo: unknown };
    events: { type: 'GO'; place: unknown; echo: unknown; outcome: string };
  },
  actors: {
    work: fromPromise<unknown, { place: unknown; echo: unknown; outcome: string }>(
      async ({ input }) => {
        if (input.outcome === 'reject') throw input.echo;
        return { answer: input.echo };
      },
    ),
  },
  actions: {
    keep: assign(({ event }) => ({ place: event.place, echo: event.echo })),
  },
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

/** Everything that leaves, by every way, as one text. */
async function everythingSaid(given: {
  place: unknown;
  echo: unknown;
  outcome: string;
}): Promise<string> {
  const said: string[] = [];
  const session = recordSession();
  const log = logTransitions({ write: (line) => said.push(line) });
  let serialize: ((message: unknown) => unknown) | undefined;
  const stately = inspectWithStately((options?: { serialize?: (message: unknown) => unknown }) => {
    serialize = options?.serialize;
    return {
      adapter: { send: (message: unknown) => said.push(JSON.stringify(serialize?.(message))) },
    };
  });
  const inspect = (event: InspectionEvent) => {
    session.inspect(event);
    log(event);
    stately.inspect(event);
  };
  const actor = createActor(machine, { inspect }).start();
  actor.send({ type: 'GO', ...given });
  said.push(describe(actor.getSnapshot()));
  await new Promise((resolve) => setTimeout(resolve));
  said.push(describe(actor.getSnapshot()));
  // What a user of the package says through it, without our recorder.
  said.push(
    JSON.stringify(
      serialize?.({ type: '@xstate.event', sessionId: 'x', event: { type: 'A', ...given } }),
    ),
  );
  const translate = createXState4Translator();
  for (const message of session.session().messages) {
    said.push(JSON.stringify(message));
    for (const translated of translate(message)) said.push(JSON.stringify(translated));
  }
  return said.join('\n');
}

group('a canary', () => {
  it.prop([situation], runs(0.4))(
    'is in nothing that leaves',
    async ({ secret, ...given }) => {
      const said = await everythingSaid(given);
      expect(said).toContain('working');
      expect(said.toLowerCase()).not.toContain(secret.toLowerCase());
      expect(said).not.toContain(encodeURIComponent(secret));
      for (const separator of SEPARATORS) {
        expect(said.toLowerCase()).not.toContain(grouped(secret, separator).toLowerCase());
      }
      expect(said).not.toContain([...secret].map((letter) => `"${letter}"`).join());
      expect(said).not.toContain(new TextEncoder().encode(secret).join());
    },
    LONGEST_MS,
  );

  it.prop(
    [canary, fc.anything({ withMap: true, withSet: true, withBigInt: true, withDate: true })],
    runs(0.6),
  )(
    'is hidden beside anything',
    (secret, anything) => {
      const shown = JSON.stringify(redact({ anything, code: secret, echo: [`<${secret}>`] }));
      expect(shown.toLowerCase()).not.toContain(`<${secret.toLowerCase()}>`);
    },
    LONGEST_MS,
  );
});

group('a copy', () => {
  it.prop(
    [
      fc.anything({
        withMap: true,
        withSet: true,
        withBigInt: true,
        withDate: true,
        withSparseArray: true,
        withNullPrototype: true,
        withTypedArray: true,
      }),
    ],
    runs(0.6),
  )(
    'is JSON, and a copy of it is the same',
    (anything) => {
      const redactor = createRedactor();
      const once = redactor.redact(anything);
      expect(JSON.parse(JSON.stringify(once))).toEqual(once);
      expect(redactor.redact(once)).toEqual(once);
    },
    LONGEST_MS,
  );

  it.prop(
    [
      // A mask in an address is what a backend shows of it, and stays.
      fc.emailAddress().filter((address) => !address.includes('**')),
      fc
        .tuple(fc.integer({ min: 1, max: 99 }), fc.stringMatching(/^\d{9}$/))
        .map(([country, rest]) => `+${country}${rest}`),
      fc
        .tuple(fc.base64String({ minLength: 8 }), fc.base64String({ minLength: 8 }))
        .map(([a, b]) => `eyJ${a.replace(/[^\w]/g, 'A')}.${b.replace(/[^\w]/g, 'B')}.sig`),
    ],
    runs(0.2),
  )(
    'shows no address, number or token, wherever it stands',
    (email, phone, jwt) => {
      const shown = JSON.stringify(
        redact({ to: `to ${email}!`, list: [phone, `(${jwt})`], [phone]: 1 }),
      );
      for (const secret of [email, phone, jwt]) expect(shown).not.toContain(secret);
    },
    LONGEST_MS,
  );
});

const cut = fc.constantFrom(' ', '-', '.', '/', '_', '\u2011', '–', '\u00a0', ') ', '', '  ', '·');

group('a phone number', () => {
  it.prop(
    [
      fc.constantFrom('+', '00', '＋'),
      fc.integer({ min: 1, max: 99 }),
      fc.array(fc.tuple(cut, fc.stringMatching(/^\d{2,4}$/)), { minLength: 3, maxLength: 4 }),
    ],
    runs(),
  )(
    'is hidden however it is written',
    (prefix, country, parts) => {
      const phone = `${prefix}${country}${parts.map((part) => part.join('')).join('')}`;
      const shown = JSON.stringify(redact({ note: `call ${phone} now`, [`of ${phone}`]: [phone] }));
      const longest =
        parts.map(([, digits]) => digits).sort((a, b) => b.length - a.length)[0] ?? '';
      expect(shown).not.toContain(
        parts
          .slice(-2)
          .map((part) => part.join(''))
          .join(''),
      );
      expect(longest.length < 3 || !shown.includes(longest)).toBe(true);
    },
    LONGEST_MS,
  );
});
