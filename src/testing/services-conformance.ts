import { effectOf, isSecondFactorError, type SecondFactorError } from '../../machines/errors.ts';
import type { SecondFactor } from '../../machines/factors.ts';
import { factorParams } from '../../machines/factors.ts';
import { parseSignIn, type SignInLike } from '../../machines/sign-in.ts';
import type { Strategies } from '../../machines/strategies.ts';
import { findStrategy, knownStrategies } from '../../machines/strategies.ts';
import { createSecondFactor } from '../create-second-factor.ts';
import type { SandboxFault } from '../sandbox/index.ts';
import type {
  PrepareSecondFactorParams,
  SecondFactorServices,
  ServiceRequest,
} from '../services.ts';
import { defaultToError, type ToError } from '../to-error.ts';
import { checkTrace } from './invariants.ts';
import { findSecrets } from './secrets.ts';
import { recordTrace, tellTrace } from './trace.ts';

/** One implementation of the services over a backend or a stub, made afresh for each check. */
export interface ServicesUnderTest {
  readonly services: SecondFactorServices;
  /** A sign-in that waits for its second factor, as the backend gives it. */
  readonly signIn: SignInLike;
  /** The factor to check with. One that needs preparation checks most. */
  readonly factor: SecondFactor;
  /** The code that the backend accepts now, after a prepare where one is needed. */
  rightCode(): string | Promise<string>;
  /** A well-formed code that it refuses. `@defaultValue` `'000000'` */
  readonly wrongCode?: string | undefined;
  /** The adapter's own reading of rejections. */
  readonly toError?: ToError | undefined;
  /** What the host has registered beside the strategies that are built in. */
  readonly strategies?: Strategies | undefined;
  /**
   * Makes the next request go wrong. Checks that need it are skipped without it. The faults that they
   * ask for are in the table of docs/testing.md.
   */
  fault?(fault: SandboxFault): void;
  /**
   * The parameters that the backend was sent, oldest first, in camel case or with underscores. Those
   * that it calls something else go by the names that the services were given.
   */
  sent?(): readonly Readonly<Record<string, unknown>>[];
  /** Further parameters that the backend wants with every request, such as a tenant's. */
  readonly parameters?: readonly string[] | undefined;
  /** Called after each check. */
  close?(): void | Promise<void>;
}

/** Makes what is checked. */
export type MakeServices = () => ServicesUnderTest | Promise<ServicesUnderTest>;

/** What became of one check. */
export interface ServiceCheckResult {
  readonly check: string;
  readonly result: 'passed' | 'failed' | 'skipped';
  /** What is wrong, or what was missing. */
  readonly problem?: string;
}

interface ServiceCheck {
  readonly name: string;
  /** Throws where it does not hold; `skip` says why it can't be checked. */
  readonly run: (subject: ServicesUnderTest) => Promise<void>;
  readonly needs?: readonly ('fault' | 'sent' | 'reload' | 'preparation')[];
}

/** How long a check waits for something that should happen at once, in ms. */
const PATIENCE_MS = 2_000;
/** How long a request of a test may be on its way to its backend, in ms. */
const TRAVEL_MS = 200;

const CHECKS: readonly ServiceCheck[] = [
  {
    name: 'prepare resolves with the sign-in, and names the strategy whose code was sent',
    needs: ['preparation'],
    run: async (subject) => {
      const before = read(subject.signIn);
      const signIn = read(await prepare(subject));
      expectThat(signIn.id === before.id, 'the reply is about another sign-in');
      const strategy = signIn.secondFactorVerification?.strategy;
      expectThat(
        strategy === subject.factor.strategy,
        `secondFactorVerification.strategy is ${strategy}, not ${subject.factor.strategy}: the machine takes that for a reply in which nothing was sent`,
      );
    },
  },
  {
    name: 'attempt resolves with a verified sign-in for the right code',
    run: async (subject) => {
      await prepareIfNeeded(subject);
      const signIn = read(await attempt(subject, await subject.rightCode()));
      expectThat(isVerified(signIn), `the status is ${signIn.status}, and that is not verified`);
    },
  },
  {
    name: 'attempt rejects a wrong code as code_incorrect, and the flow can go on',
    run: async (subject) => {
      await prepareIfNeeded(subject);
      const error = await rejection(subject, attempt(subject, wrongCode(subject)));
      expectThat(error.code === 'code_incorrect', `a wrong code was read as ${error.code}`);
      const signIn = read(await attempt(subject, await subject.rightCode()));
      expectThat(isVerified(signIn), 'after a wrong code the right one is not accepted');
    },
  },
  {
    name: 'attempt before prepare is refused, and read as a code that is gone or missing',
    needs: ['preparation'],
    run: async (subject) => {
      const error = await rejection(subject, attempt(subject, wrongCode(subject)));
      const effect = effectOf(error.code);
      expectThat(
        effect === 'code_spent' || effect === 'code_rejected',
        `it was read as ${error.code}, which leads to ${effect}`,
      );
    },
  },
  {
    name: 'reload resolves with what is true, before and after',
    needs: ['reload'],
    run: async (subject) => {
      await prepareIfNeeded(subject);
      expectThat(!isVerified(read(await reload(subject))), 'verified before any attempt');
      await attempt(subject, await subject.rightCode());
      expectThat(isVerified(read(await reload(subject))), 'not verified after the right code');
    },
  },
  {
    name: 'only parameters that the backend knows are sent',
    needs: ['sent', 'preparation'],
    run: async (subject) => {
      await prepare(subject);
      await attempt(subject, await subject.rightCode());
      const { parameters = [] } = subject;
      const known = [...Object.keys(paramsFor(subject)), 'code', ...parameters].map(camel);
      const names = (subject.sent?.() ?? []).flatMap(Object.keys).map(camel);
      const unknown = new Set(names.filter((name) => !known.includes(name)));
      expectThat(
        unknown.size === 0,
        `${[...unknown].join(', ')} was sent beside ${known.join(', ')}`,
      );
    },
  },
  {
    name: 'a call whose signal is aborted settles',
    needs: ['fault'],
    run: async (subject) => {
      await prepareIfNeeded(subject);
      subject.fault?.({ neverSettles: true });
      const controller = new AbortController();
      const call = attempt(subject, wrongCode(subject), controller.signal).then(
        () => 'resolved',
        () => 'rejected',
      );
      expectThat(
        (await within(call, TRAVEL_MS)) === 'late',
        'it was answered before it was aborted: fault({ neverSettles: true }) had no effect',
      );
      controller.abort();
      expectThat(
        (await within(call, PATIENCE_MS)) === 'rejected',
        'the abort did not reach the request: it goes on behind the back of the flow',
      );
    },
  },
  {
    name: 'a lost reply is read as one whose outcome nobody knows',
    needs: ['fault'],
    run: async (subject) => {
      await prepareIfNeeded(subject);
      subject.fault?.({ dropReply: true });
      await expectLost(subject, attempt(subject, await subject.rightCode()));
    },
  },
  {
    name: 'after a lost reply reload tells that the attempt took effect',
    needs: ['fault', 'reload'],
    run: async (subject) => {
      await prepareIfNeeded(subject);
      subject.fault?.({ dropReply: true });
      await attempt(subject, await subject.rightCode()).catch(() => {});
      expectThat(isVerified(read(await reload(subject))), 'reload does not show the success');
    },
  },
  ...[500, 502, 503].map(
    (status): ServiceCheck => ({
      name: `a ${status} is read as one whose outcome nobody knows`,
      needs: ['fault'],
      run: async (subject) => {
        await prepareIfNeeded(subject);
        subject.fault?.({ status, garbage: true });
        await expectLost(subject, attempt(subject, wrongCode(subject)));
      },
    }),
  ),
  ...(
    [
      ['seconds', () => '30'],
      // A date has no milliseconds: the next whole second.
      ['an HTTP-date', () => new Date(Date.now() + 30_999).toUTCString()],
    ] as const
  ).map(
    ([form, retryAfter]): ServiceCheck => ({
      name: `a 429 with Retry-After as ${form} says until when`,
      needs: ['fault'],
      run: async (subject) => {
        await prepareIfNeeded(subject);
        const at = Date.now();
        subject.fault?.({ status: 429, code: 'too_many_requests', retryAfter: retryAfter() });
        const error = await rejection(subject, attempt(subject, wrongCode(subject)), at);
        expectThat(error.code === 'rate_limited', `it was read as ${error.code}`);
        const { retryAt } = error;
        expectThat(retryAt !== undefined, 'the error has no retryAt: Retry-After was not read');
        const waitMs = Number(retryAt) - at;
        expectThat(waitMs > 25_000 && waitMs < 35_000, `retryAt is ${waitMs} ms away, not 30 s`);
      },
    }),
  ),
  ...(
    [
      ['user_locked', 'locked'],
      ['verification_expired', 'code_expired'],
      ['verification_failed', 'attempts_exhausted'],
      ['resource_not_found', 'sign_in_expired'],
    ] as const
  ).map(
    ([code, expected]): ServiceCheck => ({
      name: `${code} is read as ${expected}`,
      needs: ['fault'],
      run: async (subject) => {
        await prepareIfNeeded(subject);
        subject.fault?.({ code });
        const error = await rejection(subject, attempt(subject, wrongCode(subject)));
        expectThat(error.code === expected, `it was read as ${error.code}`);
      },
    }),
  ),
  {
    name: 'a reply with fields that nobody knows is read all the same',
    needs: ['fault'],
    run: async (subject) => {
      await prepareIfNeeded(subject);
      subject.fault?.({ unknownFields: true });
      const reply = read(await attempt(subject, await subject.rightCode()));
      expectThat(isVerified(reply), 'the success was lost');
    },
  },
  {
    name: 'a page in place of a reply is no success',
    needs: ['fault'],
    run: async (subject) => {
      await prepareIfNeeded(subject);
      subject.fault?.({ garbage: true });
      const outcome = await attempt(subject, wrongCode(subject)).then(
        (value) => parseSignIn(value),
        () => null,
      );
      expectThat(outcome === null || !isVerified(outcome), 'junk was taken for a success');
    },
  },
  {
    name: 'no code is in an error, in a reply or on the console',
    run: async (subject) => {
      await prepareIfNeeded(subject);
      const wrong = wrongCode(subject);
      const right = await subject.rightCode();
      const console = watchConsole();
      try {
        const error = await rejection(subject, attempt(subject, wrong));
        const reply = read(await attempt(subject, right));
        const [found] = findSecrets(
          [
            ['the error', error],
            ['the reply', reply],
            ['the console', console.said],
          ],
          [wrong, right],
        );
        expectThat(found === undefined, `the code of the request is in ${found}`);
      } finally {
        console.restore();
      }
    },
  },
  {
    name: 'a whole flow keeps every invariant, and shows the code nowhere',
    run: async (subject) => {
      const recorder = recordTrace({ services: subject.services });
      const flow = createSecondFactor({
        signIn: subject.signIn,
        services: recorder.services,
        inspect: recorder.inspect,
        factor: subject.factor,
        toError: subject.toError,
        options: { strategies: subject.strategies },
      });
      const { strategy } = subject.factor;
      await flow.prepareSecondFactor(paramsFor(subject));
      const wrong = { strategy, code: wrongCode(subject) };
      recorder.observe(
        'the error',
        await flow.attemptSecondFactor(wrong).catch((error: unknown) => error),
      );
      await flow.attemptSecondFactor({ strategy, code: await subject.rightCode() });
      recorder.observe('the bookmark', flow.bookmark());
      const trace = recorder.trace();
      const [violation] = checkTrace(trace);
      expectThat(!violation, `${violation?.invariant}: ${violation?.problem}\n${tellTrace(trace)}`);
    },
  },
];

/** The names of the checks, in order. */
export const SERVICE_CHECKS: readonly string[] = CHECKS.map(({ name }) => name);

/**
 * Checks an implementation of the services against its own backend or stub, in real time: order,
 * parameters, aborts, the reading of errors, `Retry-After`, lost replies, and that no code is shown.
 *
 * @param makeServices - called once for each check
 * @returns what became of each check; a check whose means are missing is `skipped`
 */
export async function checkServices(makeServices: MakeServices): Promise<ServiceCheckResult[]> {
  const results: ServiceCheckResult[] = [];
  for (const check of CHECKS) results.push(await runCheck(check, makeServices));
  return results;
}

/** The two functions of a test runner that are used; those of vitest, Jest, Mocha and node:test fit. */
export interface Runner {
  describe(name: string, body: () => void): unknown;
  it(name: string, body: (this: unknown, ...context: unknown[]) => Promise<void>): unknown;
}

/**
 * Registers the checks of {@link checkServices} as a suite, one test a check.
 *
 * @param name - of the suite
 * @param makeServices - called once for each check
 * @param runner - `{ describe, it }` of the test runner. `@defaultValue` the global ones
 * @throws TypeError where there are none
 */
export function describeServices(
  name: string,
  makeServices: MakeServices,
  runner: Partial<Runner> = globalThis as Partial<Runner>,
): void {
  const { describe, it } = runner;
  if (typeof describe !== 'function' || typeof it !== 'function') {
    throw new TypeError('describeServices needs { describe, it } of the test runner.');
  }
  describe(name, () => {
    for (const check of CHECKS) {
      // By its length Jest tells whether a test takes a callback: it must be 0.
      it(check.name, async function (...context) {
        const { result, problem } = await runCheck(check, makeServices);
        if (result === 'failed') throw new Error(problem);
        if (result === 'skipped') skip([...context, this], `${check.name}: ${problem}`);
      });
    }
  });
}

/** Skips the running test where the runner can do that, and says so where it can't. */
function skip(contexts: readonly unknown[], why: string): void {
  const context = contexts.find(canSkip);
  if (context) context.skip(why);
  else console.info(`Skipped: ${why}`);
}

function canSkip(context: unknown): context is { skip(why: string): unknown } {
  return typeof Object(context).skip === 'function';
}

async function runCheck(
  check: ServiceCheck,
  makeServices: MakeServices,
): Promise<ServiceCheckResult> {
  const subject = await makeServices();
  try {
    const missing = (check.needs ?? []).find((need) => !hasMeans(subject, need));
    if (missing) return { check: check.name, result: 'skipped', problem: `there is no ${missing}` };
    await check.run(subject);
    return { check: check.name, result: 'passed' };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { check: check.name, result: 'failed', problem };
  } finally {
    await subject.close?.();
  }
}

function hasMeans(subject: ServicesUnderTest, need: 'fault' | 'sent' | 'reload' | 'preparation') {
  switch (need) {
    case 'fault':
      return subject.fault !== undefined;
    case 'sent':
      return subject.sent !== undefined;
    case 'reload':
      return subject.services.reloadSignIn !== undefined;
    case 'preparation':
      return needsPrepare(subject);
  }
}

function needsPrepare({ factor, strategies }: ServicesUnderTest): boolean {
  return findStrategy(knownStrategies(strategies), factor.strategy)?.needsPreparation === true;
}

function paramsFor({ factor, strategies }: ServicesUnderTest): PrepareSecondFactorParams {
  return factorParams(factor, knownStrategies(strategies));
}

async function prepare(subject: ServicesUnderTest): Promise<SignInLike> {
  return subject.services.prepareSecondFactor(paramsFor(subject), requestFor(subject));
}

/** What the flow would send along. */
function requestFor(
  { factor }: ServicesUnderTest,
  signal = new AbortController().signal,
): ServiceRequest {
  requests += 1;
  return { signal, factor, requestId: `conformance-${requests}` };
}

let requests = 0;

async function prepareIfNeeded(subject: ServicesUnderTest): Promise<void> {
  if (needsPrepare(subject)) await prepare(subject);
}

async function attempt(
  subject: ServicesUnderTest,
  code: string,
  signal?: AbortSignal,
): Promise<SignInLike> {
  const { strategy } = subject.factor;
  return subject.services.attemptSecondFactor({ strategy, code }, requestFor(subject, signal));
}

async function reload(subject: ServicesUnderTest): Promise<unknown> {
  return subject.services.reloadSignIn?.(requestFor(subject));
}

function wrongCode({ wrongCode: code = '000000' }: ServicesUnderTest): string {
  return code;
}

function read(value: unknown): NonNullable<ReturnType<typeof parseSignIn>> {
  const signIn = parseSignIn(value);
  if (!signIn) throw new Error('the reply makes no sense as a SignIn: it has no id or no status');
  return signIn;
}

function isVerified({ status, secondFactorVerification }: ReturnType<typeof read>): boolean {
  return (
    status === 'complete' ||
    (status === 'needs_new_password' && secondFactorVerification?.status === 'verified')
  );
}

async function rejection(
  { toError = defaultToError }: ServicesUnderTest,
  call: Promise<unknown>,
  at = Date.now(),
): Promise<SecondFactorError> {
  const rejected = await call.then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  if (!rejected) throw new Error('it resolved, and should have been refused');
  return isSecondFactorError(rejected.error) ? rejected.error : toError(rejected.error, at);
}

async function expectLost(subject: ServicesUnderTest, call: Promise<unknown>) {
  const error = await rejection(subject, call);
  const effect = effectOf(error.code);
  expectThat(effect === 'lost', `it was read as ${error.code}, which leads to ${effect}`);
}

function expectThat(holds: boolean, problem: string): void {
  if (!holds) throw new Error(problem);
}

/** The result of a promise, or `late`. */
function within<Result>(promise: Promise<Result>, ms: number): Promise<Result | 'late'> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Keeps what is said on the console, and lets it be said. */
function watchConsole(): { readonly said: unknown[]; restore(): void } {
  const said: unknown[] = [];
  const methods = ['debug', 'dir', 'error', 'info', 'log', 'table', 'trace', 'warn'] as const;
  const before = methods.map((method) => [method, console[method]] as const);
  for (const [method, say] of before) {
    console[method] = (...args: unknown[]) => {
      said.push(args);
      Reflect.apply(say, console, args);
    };
  }
  return { said, restore: () => Object.assign(console, Object.fromEntries(before)) };
}

function camel(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
