/**
 * The threat: others read a one-time code in logs, error trackers, devtools, session storage or a bug report, because
 * something on its way kept it: a context, an inspection event, a rejection that holds the whole request, or a reply
 * that echoes it.
 */
import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { bookmark, connect, createSecondFactor, type SecondFactor } from '../../src/index.ts';
import { findSecrets } from '../../src/testing/index.ts';
import { SimulatedTime } from '../../src/testing/time.ts';
import { LONGEST_MS, runs } from '../property/runs.ts';
import { BACKUP, PHONE, sent, signIn, TOTP } from '../support/sign-ins.ts';

/** How the clients of a backend put a request into what they reject with. */
const REJECTIONS: readonly ((code: string) => unknown)[] = [
  // axios, ky, ofetch: the request with its body hangs on the error
  (code) =>
    Object.assign(new Error('Request failed with status code 422'), {
      config: { data: `strategy=totp&code=${code}` },
      request: { body: { code } },
      response: { status: 422, data: { errors: [{ code: 'form_code_incorrect', echo: code }] } },
    }),
  // a message that quotes the request
  (code) => new Error(`POST /attempt_second_factor {"code":"${code}"} failed`),
  (code) => ({
    status: 422,
    errors: [{ code: 'form_code_incorrect', longMessage: `${code} is not right`, message: code }],
  }),
  (code) => ({ status: 422, errors: [{ code: 'form_param_nil', meta: { paramName: code } }] }),
  (code) => ({ status: 422, errors: [{ code }] }),
  (code) => Object.assign(new Error('outer', { cause: new Error(code) }), { name: code }),
  (code) => code,
  (code) => [code, { code }],
  (code) => new TypeError(`Failed to fetch ${code}`),
];

const REPLIES: readonly ((code: string) => unknown)[] = [
  (code) => ({ ...signIn(), echo: code }),
  (code) => ({
    ...signIn(),
    secondFactorVerification: {
      status: 'failed',
      strategy: 'totp',
      attempts: Number(code) || 1,
      expireAt: null,
      error: { code, message: `${code} is wrong` },
    },
  }),
  (code) => code,
];

/** How a backend may spell a code that it repeats. */
const SPELLINGS: readonly ((code: string) => string)[] = [
  (code) => code,
  (code) => `${code.slice(0, 3)} ${code.slice(3)}`,
  (code) => code.toUpperCase(),
  (code) => encodeURIComponent(code),
];
const everySpelling = (code: string) => [...new Set(SPELLINGS.map((spell) => spell(code)))];

interface Seen {
  readonly observed: [string, unknown][];
  readonly texts: string;
}

/** Everything that anybody can see of a flow. Its backend answers so from the attempt on. */
async function watchFlow(
  factor: SecondFactor,
  code: string,
  answer: () => Promise<object>,
): Promise<Seen> {
  const observed: [string, unknown][] = [];
  const consoles = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation((...said) => {
      observed.push([`console.${name}`, said]);
    }),
  );
  const time = new SimulatedTime();
  let wasAttempted = false;
  const flow = createSecondFactor({
    signIn: signIn({ supportedSecondFactors: [factor] }),
    clock: time,
    now: time.now,
    inspect: (event) => observed.push([`inspection ${event.type}`, event]),
    services: {
      prepareSecondFactor: () => (wasAttempted ? answer() : Promise.resolve(sent(factor.strategy))),
      attemptSecondFactor: () => {
        wasAttempted = true;
        return answer();
      },
      reloadSignIn: answer,
    },
  });
  flow.actor.subscribe((snapshot) => {
    observed.push(['a snapshot', snapshot], ['a bookmark', bookmark(snapshot)]);
    observed.push(['a persisted snapshot', flow.actor.getPersistedSnapshot()]);
    observed.push(['the timers', flow.actor.system.getSnapshot()]);
    const view = connect(snapshot, () => {});
    const { codeInputProps, formProps, statusProps, labelProps, submitButtonProps } = view;
    const getters = [codeInputProps, formProps, statusProps, labelProps, submitButtonProps];
    observed.push(['the view', [view, ...getters.map((props) => props())]]);
  });
  await flow.prepareSecondFactor({ strategy: factor.strategy });
  const attempt = flow.attemptSecondFactor({ strategy: factor.strategy, code });
  observed.push(['the bookmark in flight', flow.bookmark()]);
  observed.push(['the persisted snapshot in flight', flow.actor.getPersistedSnapshot()]);
  observed.push(['the outcome', await attempt.catch((error: unknown) => error)]);
  await time.advance(60_000);
  const resend = flow.prepareSecondFactor({ strategy: factor.strategy });
  observed.push(['a later outcome', await resend.catch((error: unknown) => error)]);
  flow.actor.send({ type: 'CANCEL' });
  observed.push(['the output', flow.actor.getSnapshot().output]);
  for (const spy of consoles) spy.mockRestore();
  // What a log prints. `findSecrets` walks through everything else.
  const texts = observed
    .filter(([what]) => !what.startsWith('inspection') && what !== 'a snapshot')
    .map(([what, value]) => `${what}: ${inspect(value, { depth: 6 })}`)
    .join('\n');
  return { observed, texts };
}

/** No text of the library or of a stack holds these codes by chance. */
const numeric = fc.integer({ min: 0, max: 99 }).map((n) => `9173${String(n).padStart(2, '0')}`);
const free = fc
  .tuple(fc.constantFrom('"', '\\', '%', ':', '{', 'é', '\u2028', '$&', ''), fc.nat({ max: 999 }))
  .map(([odd, n]) => `canary${odd}${n}zq`);

describe('a canary code', () => {
  it('is seen nowhere, whatever the service rejects with', { timeout: LONGEST_MS }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          numeric.map((code) => [TOTP, code] as const),
          numeric.map((code) => [PHONE, code] as const),
          free.map((code) => [BACKUP, code] as const),
        ),
        fc.constantFrom(...REJECTIONS),
        fc.constantFrom(...SPELLINGS),
        async ([factor, code], reject, spell) => {
          const { observed, texts } = await watchFlow(factor, code, async () => {
            throw reject(spell(code));
          });
          expect(findSecrets(observed, everySpelling(code))).toEqual([]);
          for (const spelt of everySpelling(code)) expect(texts).not.toContain(spelt);
        },
      ),
      runs(0.06),
    );
  });

  it('is seen nowhere, whatever the service replies with', { timeout: LONGEST_MS }, async () => {
    const factor = fc.constantFrom(TOTP, PHONE);
    await fc.assert(
      fc.asyncProperty(
        numeric,
        fc.constantFrom(...REPLIES),
        fc.constantFrom(...SPELLINGS),
        factor,
        async (code, reply, spell, one) => {
          const answer = async () => reply(spell(code)) as object;
          const { observed, texts } = await watchFlow(one, code, answer);
          expect(findSecrets(observed, everySpelling(code))).toEqual([]);
          for (const spelt of everySpelling(code)) expect(texts).not.toContain(spelt);
        },
      ),
      runs(0.03),
    );
  });

  it('would be found if something kept it', () => {
    const error = new Error('outer', { cause: { request: new Map([['body', 'code=917300']]) } });
    expect(findSecrets([['an error', error]], ['917300'])).toEqual([
      'an error.cause.request.entry.1',
    ]);
  });
});
