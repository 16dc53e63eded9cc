/**
 * Proves the proof. It forces each guard to `true` and to `false` and changes each row of the error table, and the
 * assertions about the machine must notice.
 */
import { describe, expect, it, vi } from 'vitest';
import type { ErrorEffect, SecondFactorErrorCode } from '../../machines/errors.ts';
import { ERROR_CODES, effectOf } from '../../machines/errors.ts';
import { guards } from '../../machines/second-factor.guards.ts';
import { secondFactorMachine } from '../../machines/second-factor.machine.ts';
import { oneTimeCode, SecondFactorError, type SecondFactorView } from '../../src/index.ts';
import { secondFactorAlphabet } from '../../src/testing/alphabet.ts';
import { viewAgrees } from '../../src/testing/invariants.ts';
import {
  firstSnapshot,
  type MachineEvent,
  nextSnapshot,
  pureSteps,
  type SecondFactorSnapshot,
  stateName,
} from '../../src/testing/step.ts';
import { DOCUMENTED } from '../support/documented-effects.ts';
import { MAIL, OTHER_PHONE, PHONE, sent, signIn, T0, TOTP } from '../support/sign-ins.ts';
import { type StateSpace, searchStateSpace } from './state-space.ts';

const planted = vi.hoisted(() => ({
  row: null as null | { code: string; effect: string },
  view: null as null | ((view: SecondFactorView) => object),
}));

vi.mock('../../machines/errors.ts', async (importOriginal) => {
  const real = await importOriginal<typeof import('../../machines/errors.ts')>();
  return {
    ...real,
    effectOf: (code: SecondFactorErrorCode) =>
      planted.row?.code === code ? planted.row.effect : real.effectOf(code),
  };
});

vi.mock('../../src/connect.ts', async (importOriginal) => {
  const real = await importOriginal<typeof import('../../src/connect.ts')>();
  return {
    ...real,
    connect: (...args: Parameters<typeof real.connect>) => {
      const view = real.connect(...args) as SecondFactorView;
      return { ...view, ...planted.view?.(view) };
    },
  };
});

// One factor that needs preparation and one that needs none, and one error for each effect. The errors that are
// left out differ only in their place in the error table.
const FACTORS = [TOTP, PHONE];
const SAMPLED =
  /code_incorrect|code_expired|delivery_failed|network|rate_limited$|strategy_unavailable|already_verified|locked|service_not_provided/;
const letters = secondFactorAlphabet({ factors: FACTORS }).filter(
  ({ name }) => !name.includes('✗') || SAMPLED.test(name),
);

type Found = StateSpace | 'threw';
/** A start, and the letters to look at if not all are needed. */
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
    return 'threw'; // for example two states that send a flow to and fro for ever
  }
}

/** The assertions of the state-space test: the very graph, the invariants, a way to an end. */
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
  { options: { requestTimeoutMs: null }, only: /^(PREPARE|CANCEL)|takes too long$/ },
  ...(['attempt', 'prepare'] as const).map((inFlight) => ({
    only: /^(reloadSignIn|CANCEL)/,
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
  const starts: Start[] = [...OTHER_STARTS, {}]; // the quick ones first
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

type RequestKind = 'prepare' | 'attempt';

/** Where an error leads: the state, and whether there is a delivery, a cooldown, a hold, and which factor. */
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

/** Where each documented effect leads after a prepare and after an attempt. */
const LEADS_TO: Record<ErrorEffect, Record<RequestKind, string>> = {
  code_rejected: {
    prepare: 'failed.not_sent, phone_code',
    attempt: 'failed.code_rejected, delivery, cooldown, phone_code',
  },
  code_spent: {
    prepare: 'failed.not_sent, phone_code',
    attempt: 'failed.code_spent, phone_code',
  },
  not_sent: {
    prepare: 'failed.not_sent, phone_code',
    attempt: 'attempting.reconciling, delivery, cooldown, phone_code',
  },
  dismissed: {
    prepare: 'failed.not_sent, phone_code',
    attempt: 'failed.not_sent, delivery, cooldown, phone_code',
  },
  not_provided: {
    prepare: 'failed.not_sent, phone_code',
    attempt: 'failed.outcome_unknown, delivery, cooldown, phone_code',
  },
  lost: {
    prepare: 'failed.not_sent, delivery, cooldown, phone_code',
    attempt: 'attempting.reconciling, delivery, cooldown, phone_code',
  },
  throttled: {
    prepare: 'failed.throttled, cooldown, phone_code',
    attempt: 'failed.throttled, delivery, cooldown, hold, phone_code',
  },
  factor_gone: {
    prepare: 'needs_second_factor, cooldown, totp',
    attempt: 'needs_second_factor, cooldown, totp',
  },
  already_verified: {
    prepare: 'attempting.reconciling, phone_code',
    attempt: 'attempting.reconciling, delivery, cooldown, phone_code',
  },
  halted: {
    prepare: 'halted, phone_code',
    attempt: 'halted, delivery, cooldown, phone_code',
  },
};

const EFFECTS = Object.keys(DOCUMENTED) as ErrorEffect[];

describe('the error table', () => {
  const wherever = (code: SecondFactorErrorCode) => ({
    prepare: whereItLeads(code, 'prepare'),
    attempt: whereItLeads(code, 'attempt'),
  });

  it.each(ERROR_CODES)('leads from %s where it is documented to', (code) => {
    const effects = EFFECTS.filter((effect) => DOCUMENTED[effect].includes(code));
    expect(effects.map((effect) => LEADS_TO[effect])).toEqual([wherever(code)]);
  });

  it.each(ERROR_CODES)('with another effect for %s is noticed', (code) => {
    const right = wherever(code);
    const unnoticed = EFFECTS.filter((effect) => {
      if (effect === effectOf(code)) return false;
      planted.row = { code, effect };
      try {
        return JSON.stringify(wherever(code)) === JSON.stringify(right);
      } finally {
        planted.row = null;
      }
    });
    expect(unnoticed).toEqual([]);
  });
});

describe('a view that lies', () => {
  const start = firstSnapshot({
    signIn: signIn({ supportedSecondFactors: FACTORS }),
    at: T0,
    factor: PHONE,
  });
  const preparing = nextSnapshot(start, prepare);
  const reply = { signIn: sent(), at: T0 };
  const prepared = nextSnapshot(preparing, {
    type: 'xstate.done.actor.prepareSecondFactor',
    output: reply,
  });
  const halted = nextSnapshot(prepared, { type: 'CANCEL' });
  const snapshots = [start, preparing, prepared, halted];
  const complaints = (lie: (view: SecondFactorView) => object) => {
    planted.view = lie;
    try {
      return snapshots.map((snapshot) => viewAgrees.snapshot?.(snapshot)).filter(Boolean);
    } finally {
      planted.view = null;
    }
  };

  it('is compared with one that does not', () => {
    expect(complaints(() => ({}))).toEqual([]);
  });

  it.each(['select', 'prepare', 'resend', 'attempt', 'cancel'] as const)(
    'of can.%s is noticed, either way',
    (name) => {
      for (const lie of [true, false]) {
        expect(complaints(({ can }) => ({ can: { ...can, [name]: lie } }))).not.toEqual([]);
      }
    },
  );

  it.each([
    'submitButtonProps',
    'resendButtonProps',
    'cancelButtonProps',
    'factorButtonProps',
  ] as const)('of the disabled in %s() is noticed, either way', (name) => {
    for (const disabled of [true, false]) {
      const lie = (view: SecondFactorView) => ({
        [name]: (factor: never) => ({ ...view[name](factor), disabled }),
      });
      expect(complaints(lie)).not.toEqual([]);
    }
  });

  it.each(['resendButtonProps', 'cancelButtonProps', 'factorButtonProps'] as const)(
    'of what %s().onClick does is noticed',
    (name) => {
      const lie = (view: SecondFactorView) => ({
        [name]: (factor: never) => ({ ...view[name](factor), onClick: () => {} }),
      });
      expect(complaints(lie)).not.toEqual([]);
    },
  );

  it('of a button that does what another does is noticed', () => {
    const lie = (view: SecondFactorView) => ({
      resendButtonProps: () => ({ ...view.resendButtonProps(), onClick: view.cancel }),
    });
    expect(complaints(lie)).not.toEqual([]);
  });

  it.each([
    ['nobody can type into', { disabled: true }],
    ['nobody can change', { readOnly: true }],
    ['takes no notice', { onInput: () => {} }],
  ])('of a field that %s is noticed', (_, props) => {
    const lie = (view: SecondFactorView) => ({
      codeInputProps: () => ({ ...view.codeInputProps(), ...props }),
    });
    expect(complaints(lie)).not.toEqual([]);
  });

  it('of a form that submits nothing is noticed', () => {
    const lie = (view: SecondFactorView) => ({
      formProps: () => ({ ...view.formProps(), onSubmit: () => {} }),
    });
    expect(complaints(lie)).not.toEqual([]);
  });

  it.each(['select', 'prepare', 'resend', 'cancel'] as const)(
    'of what %s() does is noticed',
    (name) => {
      const factors = ({ factors }: SecondFactorView) =>
        factors.map((factor) => ({ ...factor, select: () => {} }));
      const lie = (view: SecondFactorView) =>
        name === 'select' ? { factors: factors(view) } : { [name]: () => {} };
      expect(complaints(lie)).not.toEqual([]);
    },
  );

  it('of what attempt() does is noticed', () => {
    expect(complaints(() => ({ attempt: () => {} }))).not.toEqual([]);
  });
});
