/**
 * Proves the proof: each guard is forced to `true` and to `false`, each row of the error table is
 * changed, and what is asserted of the machine must notice it.
 */
import { describe, expect, it, vi } from 'vitest';
import { guards } from '../../machines/second-factor.guards.ts';
import { secondFactorMachine } from '../../machines/second-factor.machine.ts';
import type { ErrorEffect, RequestKind, SecondFactorErrorCode } from '../../src/errors.ts';
import { ERROR_CODES, effectOf } from '../../src/errors.ts';
import { oneTimeCode, SecondFactorError } from '../../src/index.ts';
import { secondFactorAlphabet } from '../../src/testing/alphabet.ts';
import {
  firstSnapshot,
  type MachineEvent,
  nextSnapshot,
  pureSteps,
  type SecondFactorSnapshot,
  stateName,
} from '../../src/testing/step.ts';
import { MAIL, OTHER_PHONE, PHONE, sent, signIn, T0, TOTP } from '../support/sign-ins.ts';
import { type StateSpace, searchStateSpace } from './state-space.ts';

const planted = vi.hoisted(() => ({
  row: null as null | { code: string; request: string; effect: string },
}));

vi.mock('../../src/errors.ts', async (importOriginal) => {
  const real = await importOriginal<typeof import('../../src/errors.ts')>();
  return {
    ...real,
    effectOf: (code: SecondFactorErrorCode, request: RequestKind) =>
      planted.row?.code === code && planted.row.request === request
        ? planted.row.effect
        : real.effectOf(code, request),
  };
});

// One delivered factor and one that needs no preparation, and of the error rows one an effect: what
// is left out here differs from what is in by its place in the error table alone.
const FACTORS = [TOTP, PHONE];
const SAMPLED =
  /code_incorrect|code_expired|delivery_failed|network|rate_limited$|strategy_unavailable|already_verified|locked|service_not_provided/;
const letters = secondFactorAlphabet({ factors: FACTORS }).filter(
  ({ name }) => !name.includes('✗') || SAMPLED.test(name),
);

type Found = StateSpace | 'threw';
/** A start, and the letters to look at where not all are needed. */
type Start = Partial<Parameters<typeof firstSnapshot>[0]> & { readonly only?: RegExp };

function search(machine: typeof secondFactorMachine, start: Start = {}, reference?: Found): Found {
  const { only, ...input } = start;
  const { supportedSecondFactors } = (input.signIn ?? {}) as Partial<ReturnType<typeof signIn>>;
  const alphabet = only
    ? secondFactorAlphabet({ factors: supportedSecondFactors ?? FACTORS }).filter(({ name }) =>
        only.test(name),
      )
    : letters;
  try {
    return searchStateSpace({
      input: { signIn: signIn({ supportedSecondFactors: FACTORS }), at: T0, ...input },
      letters: alphabet,
      machine: pureSteps(machine),
      ...(typeof reference === 'object' && { reference: reference.graph }),
    });
  } catch {
    return 'threw'; // two states that send a flow to and fro for ever, for one
  }
}

/** What the test of the state space asserts: the very graph, the invariants, a way to an end. */
function isNoticed(found: Found): boolean {
  if (found === 'threw') return true;
  return found.isDifferent || found.violations.length > 0 || found.stuck.length > 0;
}

/** Starts that only a resumed, a finished or an endless flow has. */
const OTHER_STARTS: readonly Start[] = [
  { signIn: signIn({ supportedSecondFactors: [PHONE, OTHER_PHONE] }), only: /^(PREPARE|CANCEL)/ },
  {
    signIn: signIn({ supportedSecondFactors: [PHONE, MAIL] }),
    only: /^(PREPARE|CANCEL|prepareSecondFactor → .* live$|SIGN_IN.CHANGED .* live$)/,
  },
  { signIn: signIn({ supportedSecondFactors: FACTORS, status: 'complete' }) },
  { signIn: signIn({ supportedSecondFactors: [] }) },
  { options: { requestTimeoutMs: null } },
  ...(['attempt', 'prepare'] as const).map((inFlight) => ({
    resume: {
      v: 1,
      signInId: 'sia_1',
      factorKey: 'phone_code/idn_1',
      deliveries: {},
      deadlines: {},
      inFlight,
    },
  })),
];

describe('a guard that is forced', () => {
  const starts: Start[] = [{}, ...OTHER_STARTS];
  const real = starts.map((start) => search(secondFactorMachine, start));
  const names = Object.keys(guards) as (keyof typeof guards)[];

  it('is compared with a machine that keeps every invariant', () => {
    expect(real.map(isNoticed)).toEqual(starts.map(() => false));
  });

  it.each(names.flatMap((name) => [[name, true] as const, [name, false] as const]))(
    '%s: always %s is noticed',
    (name, answer) => {
      // Two states that send a flow to and fro for ever would hang the search.
      let calls = 0;
      const forced = () => {
        calls += 1;
        if (calls > 20_000) throw new Error('there is no end to it');
        return answer;
      };
      const faulty = secondFactorMachine.provide({ guards: { [name]: forced } as object });
      const isSeen = starts.some((start, index) => isNoticed(search(faulty, start, real[index])));
      expect(isSeen).toBe(true);
    },
  );
});

const prepare: MachineEvent = { type: 'PREPARE', factor: PHONE, at: T0 };
const attempt: MachineEvent = { type: 'ATTEMPT', factor: PHONE, code: oneTimeCode('424242') };

/** Where an error leads in all that can be seen of it: state, delivery, cooldown, hold, factor. */
function whereItLeads(code: SecondFactorErrorCode, request: RequestKind): string {
  const reply = { signIn: sent(), at: T0 };
  const start = firstSnapshot({
    signIn: signIn({ supportedSecondFactors: FACTORS }),
    at: T0,
    factor: PHONE,
  });
  const busy = [
    prepare,
    ...(request === 'prepare'
      ? []
      : [{ type: 'xstate.done.actor.prepareSecondFactor', output: reply } as const, attempt]),
  ].reduce((snapshot: SecondFactorSnapshot, event) => nextSnapshot(snapshot, event), start);
  const after = nextSnapshot(busy, {
    type: `xstate.error.actor.${request}SecondFactor`,
    error: { error: new SecondFactorError(code), at: T0 },
  });
  const { deliveries, deadlines, factor } = after.context;
  return [
    stateName(after),
    'phone_code/idn_1' in deliveries ? 'delivery' : '',
    'resend:phone_code/idn_1' in deadlines ? 'cooldown' : '',
    'hold' in deadlines ? 'hold' : '',
    factor?.strategy,
  ]
    .filter(Boolean)
    .join(', ');
}

/** The error table of the documentation, as what can be seen after it. */
const LEADS_TO: Record<RequestKind, Record<ErrorEffect, string>> = {
  prepare: {
    code_rejected: 'failed.not_sent, cooldown, phone_code',
    code_spent: 'failed.not_sent, cooldown, phone_code',
    not_sent: 'failed.not_sent, phone_code',
    lost: 'failed.not_sent, delivery, cooldown, phone_code',
    throttled: 'failed.throttled, cooldown, phone_code',
    factor_gone: 'needs_second_factor, cooldown, totp',
    already_verified: 'attempting.reconciling, cooldown, phone_code',
    halted: 'halted, phone_code',
  },
  attempt: {
    code_rejected: 'failed.code_rejected, delivery, cooldown, phone_code',
    code_spent: 'failed.code_spent, phone_code',
    not_sent: 'failed.outcome_unknown, delivery, cooldown, phone_code',
    lost: 'attempting.reconciling, delivery, cooldown, phone_code',
    throttled: 'failed.throttled, delivery, cooldown, hold, phone_code',
    factor_gone: 'needs_second_factor, cooldown, totp',
    already_verified: 'attempting.reconciling, delivery, cooldown, phone_code',
    halted: 'halted, delivery, phone_code',
  },
};

const NOT_SENT_ON_PREPARE: SecondFactorErrorCode[] = [
  'code_malformed',
  'not_prepared',
  'attempt_in_flight',
  'not_accepted',
  'code_incorrect',
  'code_expired',
  'attempts_exhausted',
  'code_superseded',
  'delivery_failed',
  'service_not_provided',
];
const LOST: SecondFactorErrorCode[] = ['network', 'timeout', 'server_error', 'malformed_reply'];
const ENDS: SecondFactorErrorCode[] = [
  'locked',
  'sign_in_expired',
  'superseded',
  'protect_check_required',
  'unexpected_status',
  'no_usable_factor',
  'not_applicable',
  'integration_fault',
  'cancelled',
];

/** The table once more, written from the documentation and not from the code. */
function documented(code: SecondFactorErrorCode, request: RequestKind): ErrorEffect {
  if (ENDS.includes(code)) return 'halted';
  if (LOST.includes(code)) return 'lost';
  if (code === 'rate_limited' || code === 'resend_cooldown') return 'throttled';
  if (code === 'strategy_unavailable' || code === 'no_factor') return 'factor_gone';
  if (code === 'already_verified') return 'already_verified';
  if (request === 'prepare') return NOT_SENT_ON_PREPARE.includes(code) ? 'not_sent' : 'halted';
  if (code === 'code_incorrect' || code === 'code_malformed') return 'code_rejected';
  if (code === 'service_not_provided') return 'not_sent';
  const spent = ['code_expired', 'attempts_exhausted', 'code_superseded', 'not_prepared'];
  return spent.includes(code) ? 'code_spent' : 'lost';
}

/** Other effects that lead to the very same, for a reason. */
function isEquivalent(code: SecondFactorErrorCode, request: RequestKind, effect: ErrorEffect) {
  if (request === 'prepare') return false;
  const real = effectOf(code, request);
  // Both ask what is true; what tells them apart afterwards is the code itself.
  const asks: ErrorEffect[] = ['lost', 'already_verified'];
  if (asks.includes(real) && asks.includes(effect)) return true;
  // `failed.outcome_unknown` looks once more for an error that ends the flow.
  return real === 'halted' && effect === 'not_sent';
}

describe.each(['prepare', 'attempt'] as const)('the error table on a %s', (request) => {
  it.each(ERROR_CODES)('leads from %s where it is documented to', (code) => {
    expect(whereItLeads(code, request)).toBe(LEADS_TO[request][documented(code, request)]);
  });

  it.each(ERROR_CODES)('with another effect for %s is noticed', (code) => {
    const right = whereItLeads(code, request);
    const effects = Object.keys(LEADS_TO[request]) as ErrorEffect[];
    const unnoticed = effects.filter((effect) => {
      if (effect === effectOf(code, request) || isEquivalent(code, request, effect)) return false;
      planted.row = { code, request, effect };
      try {
        return whereItLeads(code, request) === right;
      } finally {
        planted.row = null;
      }
    });
    expect(unnoticed).toEqual([]);
  });
});
