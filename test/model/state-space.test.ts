import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { SecondFactorOptions } from '../../machines/second-factor.types.ts';
import type { SecondFactor } from '../../src/index.ts';
import { secondFactorAlphabet } from '../../src/testing/alphabet.ts';
import { BACKUP, MAIL, OTHER_PHONE, PHONE, signIn, T0, TOTP } from '../support/sign-ins.ts';
import { searchStateSpace } from './state-space.ts';

/** The largest spaces take minutes: `npm run test:slow`. */
const SLOW = process.env.SLOW === '1';

const STATES = [
  'attempting.reconciling',
  'attempting.sending',
  'complete',
  'failed.code_rejected',
  'failed.code_spent',
  'failed.not_sent',
  'failed.outcome_unknown',
  'failed.throttled',
  'halted',
  'needs_second_factor',
  'prepared',
  'preparing',
];

interface World {
  readonly name: string;
  readonly factors: readonly SecondFactor[];
  readonly options?: SecondFactorOptions;
  /** Whether the backend may refuse to serve a factor, which multiplies the states. */
  readonly dropsFactors: boolean;
  readonly slow?: boolean;
  /** A hash of every transition. It changes with any guard or effect. */
  readonly graph: string;
  /** How many abstract states and cells there are. A change of the machine may add or lose some. */
  readonly size: { readonly states: number; readonly cells: number };
}

const WORLDS: readonly World[] = [
  {
    name: 'a phone, an authenticator and a backup code, each of which may be refused',
    factors: [TOTP, PHONE, BACKUP],
    dropsFactors: true,
    graph: '75fcca28ea87',
    size: { states: 2_446, cells: 151_823 },
  },
  {
    name: 'two phones',
    factors: [PHONE, OTHER_PHONE],
    dropsFactors: false,
    graph: 'cf2f42bc75a5',
    size: { states: 3_520, cells: 179_536 },
  },
  {
    name: 'a phone and a mail that stay live side by side',
    factors: [PHONE, MAIL],
    options: { liveDeliveries: 'many', requestTimeoutMs: null, reloadTimeoutMs: null },
    dropsFactors: false,
    slow: true,
    graph: '7470776167b4',
    size: { states: 5_800, cells: 316_888 },
  },
  {
    name: 'two phones, a mail, an authenticator and a backup code',
    factors: [TOTP, PHONE, OTHER_PHONE, MAIL, BACKUP],
    dropsFactors: false,
    slow: true,
    graph: '312b6c84b6bd',
    size: { states: 46_672, cells: 3_622_432 },
  },
  {
    name: 'two phones and an authenticator, each of which may be refused',
    factors: [TOTP, PHONE, OTHER_PHONE],
    dropsFactors: true,
    slow: true,
    graph: '5e94a37d9ba3',
    size: { states: 12_158, cells: 730_852 },
  },
];

describe.each(WORLDS.filter(({ slow }) => SLOW || !slow))('the state space of $name', (world) => {
  const factors = [...world.factors];
  const letters = secondFactorAlphabet({ factors }).filter(
    ({ name }) => world.dropsFactors || !/✗ (no_factor|strategy_unavailable)$/.test(name),
  );
  const found = searchStateSpace({
    input: {
      signIn: signIn({ supportedSecondFactors: factors }),
      at: T0,
      ...(world.options && { options: world.options }),
    },
    letters,
    checkAbstraction: SLOW, // it takes as long again
  });

  it('loses no event to another that looks alike', () => {
    expect(new Set(letters.map(({ name }) => name)).size).toBe(letters.length);
  });

  it('has the transitions that are pinned', () => {
    const edges = [...found.graph].flatMap(([from, leadsTo]) =>
      [...leadsTo].map(([letter, to]) => `${from} × ${letter} → ${to}`),
    );
    const hash = createHash('sha256');
    for (const edge of edges.sort()) hash.update(`${edge}\n`); // together too long for a text
    expect(hash.digest('hex').slice(0, 12)).toBe(world.graph);
  });

  it('has the size that is pinned', () => {
    console.info(
      `${world.name}: ${found.letters} events, ${found.states.length} states, ${found.cells} cells (${found.accepted} accepted, ${found.refused} refused)`,
    );
    const size = { states: found.states.length, cells: found.cells };
    expect(size).toEqual(world.size);
  });

  it('reaches every state of the chart', () => {
    expect(Object.keys(found.byName).sort()).toEqual(STATES);
  });

  it('keeps every invariant in every state and every transition', () => {
    expect(found.violations).toEqual([]);
  });

  it('leads from every state that is not final to one that is', () => {
    expect(found.stuck).toEqual([]);
  });

  it('accepts every event somewhere, except those that are listed', () => {
    const unprepared = factors
      .map(({ strategy }) => strategy)
      .filter((strategy) => strategy === 'totp' || strategy === 'backup_code');
    expect(found.deadLetters.toSorted()).toEqual(
      [
        'SELECT carrier_pigeon',
        'PREPARE carrier_pigeon',
        'ATTEMPT carrier_pigeon',
        'ATTEMPT malformed code',
        'ATTEMPT no code',
        'ATTEMPT bare text',
        'SIGN_IN.CHANGED junk',
        'SIGN_IN.CHANGED complete, older than the last reply',
        ...unprepared.flatMap((strategy) => [
          `PREPARE ${strategy}`,
          `DEADLINE.PASSED resend:${strategy}`,
          `DEADLINE.PASSED expiry:${strategy}`,
        ]),
        // Without a time limit nothing takes too long.
        ...(world.options?.requestTimeoutMs === null
          ? ['prepareSecondFactor', 'attemptSecondFactor', 'reloadSignIn'].map(
              (actor) => `${actor} takes too long`,
            )
          : []),
      ].toSorted(),
    );
  });

  if (SLOW) {
    it('has one future for snapshots that the abstraction takes for the same', () => {
      expect(found.incongruent).toEqual([]);
    });
  }
});
