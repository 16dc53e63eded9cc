import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SimulatedClock } from 'xstate';
import { oneTimeCode } from '../../machines/one-time-code.ts';
import type { SignInLike } from '../../machines/sign-in.ts';
import { connect } from '../../src/connect.ts';
import type { SecondFactorView } from '../../src/connect.types.ts';
import { createSecondFactor } from '../../src/create-second-factor.ts';
import { LONGEST_MS, runs } from './runs.ts';

const START = Date.UTC(2026, 0, 1);
const CANARY = '806151';
const SIGN_IN = {
  id: 'sia_1',
  status: 'needs_second_factor',
  supportedSecondFactors: [
    { strategy: 'totp' },
    { strategy: 'phone_code', phoneNumberId: 'idn_1', default: true, safeIdentifier: '+1*****00' },
    { strategy: 'phone_code', phoneNumberId: 'idn_2', safeIdentifier: '+1*****01' },
    { strategy: 'backup_code' },
    { strategy: 'passkey' },
  ],
  secondFactorVerification: null,
  createdSessionId: null,
};

/** A real flow whose requests are answered by hand, on a clock that is turned by hand. */
function start() {
  const clock = new SimulatedClock();
  let asleepMs = 0;
  let malformed: string | null = null;
  const onMalformed = (step: string | null) => {
    malformed = step;
  };
  const now = () => START + clock.now() + asleepMs;
  const pending: { resolve(reply: SignInLike): void; reject(error: unknown): void }[] = [];
  const ask = () =>
    new Promise<SignInLike>((resolve, reject) => void pending.push({ resolve, reject }));
  const flow = createSecondFactor({
    signIn: SIGN_IN,
    services: { prepareSecondFactor: ask, attemptSecondFactor: ask, reloadSignIn: ask },
    clock,
    now,
  });
  return {
    clock,
    now,
    pending,
    actor: flow.actor,
    sleep: (ms: number) => {
      asleepMs += ms;
    },
    view: () =>
      connect(flow.actor.getSnapshot(), (event) => flow.actor.send(event), {
        now,
        malformed,
        onMalformed,
      }),
  };
}
type Flow = ReturnType<typeof start>;

const sent = (at: number) => ({
  ...SIGN_IN,
  secondFactorVerification: {
    status: 'unverified',
    strategy: 'phone_code',
    attempts: 0,
    expireAt: at + 600_000,
    error: null,
  },
});
const refused = (code: string, retryAfter?: number) => ({
  status: code === 'too_many_requests' ? 429 : 422,
  errors: [{ code, meta: code === 'form_code_incorrect' ? { paramName: 'code' } : {} }],
  retryAfter,
});

/** What happens next: a control is used, the backend answers, or time passes. */
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ use: fc.nat({ max: 9 }), which: fc.nat({ max: 4 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      answer: fc.constantFrom(
        'sent',
        'complete',
        'form_code_incorrect',
        'verification_expired',
        'too_many_requests',
        'sms_send_error',
        'strategy_for_user_invalid',
        'user_locked',
        'lost',
      ),
    }),
  },
  { weight: 2, arbitrary: fc.record({ pass: fc.constantFrom(1_000, 10_000, 31_000, 590_000) }) },
  { weight: 1, arbitrary: fc.record({ sleep: fc.constantFrom(40_000, 700_000) }) },
);

/** Every control of the view: whether it is enabled, and what using it does. */
function controls(view: SecondFactorView, which: number) {
  const chosen = view.factors[which % Math.max(view.factors.length, 1)];
  const submitted = (value: string) => ({ currentTarget: { elements: { code: { value } } } });
  return [
    chosen && {
      enabled: !view.factorButtonProps(chosen).disabled,
      use: () => view.factorButtonProps(chosen).onClick?.(),
    },
    chosen && { enabled: !view.factorButtonProps(chosen.factor).disabled, use: chosen.select },
    {
      enabled: !view.resendButtonProps().disabled,
      use: () => view.resendButtonProps().onClick?.(),
    },
    { enabled: view.can.prepare, use: view.prepare },
    {
      enabled: !view.submitButtonProps().disabled,
      use: () => view.formProps().onSubmit(submitted(CANARY)),
    },
    { enabled: view.can.attempt, use: () => view.attempt(CANARY) },
    {
      enabled: view.can.attempt && view.factor?.strategy !== 'backup_code',
      use: () => view.codeInputProps().onInput({ currentTarget: { value: CANARY } }),
    },
    {
      enabled: !view.cancelButtonProps().disabled,
      use: () => view.cancelButtonProps().onClick?.(),
    },
    // No control is enabled for these: what is no code changes nothing but what the view says.
    { enabled: false, use: () => view.formProps().onSubmit(submitted(' ')), isNoCode: true },
    { enabled: false, use: () => view.attempt(''), isNoCode: true },
  ];
}

async function take(flow: Flow, next: typeof step extends fc.Arbitrary<infer T> ? T : never) {
  if ('pass' in next) flow.clock.increment(next.pass);
  if ('sleep' in next) flow.sleep(next.sleep);
  if ('answer' in next) {
    const request = flow.pending.shift();
    if (next.answer === 'sent') request?.resolve(sent(flow.now()));
    else if (next.answer === 'complete') request?.resolve({ ...SIGN_IN, status: 'complete' });
    else if (next.answer === 'lost') request?.reject(new TypeError('Failed to fetch'));
    else request?.reject(refused(next.answer, 7));
  }
  if ('use' in next) {
    flow.view().catchUp();
    const view = flow.view();
    const control = controls(view, next.which)[next.use];
    const before = flow.actor.getSnapshot();
    control?.use();
    const isAccepted = flow.actor.getSnapshot() !== before;
    expect({ isAccepted, ...next }).toEqual({ isAccepted: control?.enabled ?? false, ...next });
    if (control) {
      const says = flow.view().error?.code === 'code_malformed';
      expect({ says, ...next }).toEqual({
        says: 'isNoCode' in control && view.can.attempt,
        ...next,
      });
    }
  }
  await new Promise((resolve) => setImmediate(resolve));
}

function agree(flow: Flow) {
  const snapshot = flow.actor.getSnapshot();
  const view = flow.view();
  const length = view.factor?.strategy === 'backup_code' ? 1 : 6;
  const attempt = { type: 'ATTEMPT', code: oneTimeCode('1'.repeat(length)) } as const;
  expect(view.can).toEqual({
    select: view.factors.some(({ factor }) => snapshot.can({ type: 'SELECT', factor })),
    prepare: snapshot.can({ type: 'PREPARE' }),
    attempt: snapshot.can(attempt),
    resend: snapshot.can({ type: 'PREPARE' }),
    cancel: snapshot.can({ type: 'CANCEL' }),
  });
  for (const { factor } of view.factors) {
    expect(view.factorButtonProps(factor).disabled).toBe(!snapshot.can({ type: 'SELECT', factor }));
  }
  expect(view.busy).toBe(snapshot.hasTag('busy'));
  expect(view.announcement).not.toBe('');
  expect(JSON.stringify(view)).not.toContain(CANARY);
  const field = view.codeInputProps();
  expect(field.disabled && view.can.attempt).toBe(false);
  expect(view.focus === 'code' && field.disabled).toBe(false);
  expect(view.focus === 'resend' && view.resendButtonProps().disabled).toBe(false);
}

describe('connect', () => {
  it('enables what the machine accepts and disables what it refuses, whatever happens', {
    timeout: LONGEST_MS,
  }, async () => {
    const ends = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        const flow = start();
        agree(flow);
        for (const next of steps) {
          await take(flow, next);
          ends.add(flow.view().state);
          agree(flow);
        }
        flow.actor.stop();
      }),
      runs(),
    );
    // The walk is worth something only if it gets around.
    expect(ends.size).toBeGreaterThan(9);
  });

  it('gives the same view for the same snapshot and time', { timeout: LONGEST_MS }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 10 }), async (steps) => {
        const flow = start();
        for (const next of steps) await take(flow, next);
        expect(JSON.stringify(flow.view())).toBe(JSON.stringify(flow.view()));
        flow.actor.stop();
      }),
      runs(0.1),
    );
  });
});
