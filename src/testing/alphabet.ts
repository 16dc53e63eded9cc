import {
  ERROR_CODES,
  effectOf,
  SecondFactorError,
  type SecondFactorErrorInit,
} from '../../machines/errors.ts';
import type { SecondFactor } from '../../machines/factors.ts';
import { factorKey } from '../../machines/factors.ts';
import { oneTimeCode } from '../../machines/one-time-code.ts';
import type { Failure, Reply } from '../../machines/second-factor.types.ts';
import type { ParsedSignIn, Verification } from '../../machines/sign-in.ts';
import { findStrategy, knownStrategies, type Strategies } from '../../machines/strategies.ts';
import { isFinal, type MachineEvent, type SecondFactorSnapshot, stateName } from './step.ts';

/** One event of an alphabet: its name tells look-alikes apart, which redacted codes would be. */
export interface Letter {
  /** Unique in its alphabet; reads as a step of a story. */
  readonly name: string;
  /** The actor whose end this is; XState only sends it while that actor runs. */
  readonly actor?: ActorName;
  /** Makes the event for a snapshot: times are relative to what the machine was told last. */
  readonly event: (snapshot: SecondFactorSnapshot) => MachineEvent;
}

/** The actors of the machine. */
export type ActorName = 'prepareSecondFactor' | 'attemptSecondFactor' | 'reloadSignIn';

/** Whether a letter can occur in a snapshot: what an actor says, it says while it runs. */
export function canOccur({ actor }: Letter, { children }: SecondFactorSnapshot): boolean {
  return actor === undefined || children[actor] !== undefined;
}

/** What an alphabet is made for. */
export interface AlphabetOptions {
  /** The factors of the sign-in. */
  readonly factors: readonly SecondFactor[];
  /** A code that is well formed for all of them. `@defaultValue` `'424242'` */
  readonly code?: string | undefined;
  /** What the host has registered beside the strategies that are built in. */
  readonly strategies?: Strategies | undefined;
}

/** Each actor and the state that invokes it. */
const ACTORS: readonly (readonly [actor: ActorName, state: string, timeout?: string])[] = [
  ['prepareSecondFactor', 'preparing'],
  ['attemptSecondFactor', 'attempting.sending'],
  ['reloadSignIn', 'attempting.reconciling', 'reloadTimeout'],
];
const LIFETIME_MS = 600_000;
const UNKNOWN: SecondFactor = { strategy: 'carrier_pigeon' };

/**
 * Every event that can make a difference to the machine, by class: what a user can ask for, what a
 * host can learn, every kind of reply, every row of the error table, every deadline, every time-out.
 */
export function secondFactorAlphabet({
  factors,
  code = '424242',
  strategies,
}: AlphabetOptions): Letter[] {
  const known = knownStrategies(strategies);
  const keyOf = (factor: SecondFactor) => factorKey(factor, known);
  return [
    ...userLetters(factors, code, known),
    ...changeLetters(factors),
    ...deadlineLetters(factors.map(keyOf)),
    ...ACTORS.flatMap(([actor, state, timeout = 'requestTimeout']) => [
      ...replyLetters(actor, factors),
      ...rejectionLetters(actor),
      {
        name: `${actor} takes too long`,
        actor,
        event: () => ({ type: `xstate.after.${timeout}.secondFactor.${state}` }) as const,
      },
    ]),
  ];
}

function userLetters(
  factors: readonly SecondFactor[],
  code: string,
  strategies: Strategies,
): Letter[] {
  const right = oneTimeCode(code);
  const still = (name: string, event: MachineEvent): Letter => ({ name, event: () => event });
  const at = ({ context }: SecondFactorSnapshot) => context.now;
  return [
    ...[...factors, UNKNOWN].flatMap((factor): Letter[] => {
      const key = factorKey(factor, strategies);
      const isCredential = findStrategy(strategies, factor.strategy)?.proof === 'credential';
      return [
        still(`SELECT ${key}`, { type: 'SELECT', factor }),
        { name: `PREPARE ${key}`, event: (now) => ({ type: 'PREPARE', factor, at: at(now) }) },
        still(
          `ATTEMPT ${key}`,
          isCredential ? { type: 'ATTEMPT', factor } : { type: 'ATTEMPT', factor, code: right },
        ),
      ];
    }),
    { name: 'PREPARE', event: (now) => ({ type: 'PREPARE', at: at(now) }) },
    still('ATTEMPT', { type: 'ATTEMPT', code: right }),
    still('ATTEMPT malformed code', { type: 'ATTEMPT', code: oneTimeCode(' ') }),
    still('ATTEMPT no code', { type: 'ATTEMPT' }),
    // SAFETY: what a caller without types may send.
    still('ATTEMPT bare text', { type: 'ATTEMPT', code } as unknown as MachineEvent),
    still('CANCEL', { type: 'CANCEL' }),
  ];
}

function changeLetters(factors: readonly SecondFactor[]): Letter[] {
  return [
    ...replyClasses(factors).map(
      ([name, signIn]): Letter => ({
        name: `SIGN_IN.CHANGED ${name}`,
        event: (snapshot) => ({
          type: 'SIGN_IN.CHANGED',
          signIn: signIn(snapshot) as object,
          at: snapshot.context.learntAt,
        }),
      }),
    ),
    {
      name: 'SIGN_IN.CHANGED complete, older than the last reply',
      event: (snapshot) => ({
        type: 'SIGN_IN.CHANGED',
        signIn: reply(snapshot, { status: 'complete' }),
        at: snapshot.context.learntAt - 1,
      }),
    },
  ];
}

function deadlineLetters(keys: readonly string[]): Letter[] {
  return ['hold', ...keys.flatMap((key) => [`resend:${key}`, `expiry:${key}`])].map((name) => ({
    name: `DEADLINE.PASSED ${name}`,
    event: () => ({ type: 'DEADLINE.PASSED', name }),
  }));
}

function replyLetters(actor: ActorName, factors: readonly SecondFactor[]): Letter[] {
  return replyClasses(factors).map(
    ([name, signIn]): Letter => ({
      name: `${actor} → ${name}`,
      actor,
      event: (snapshot) => ({
        type: `xstate.done.actor.${actor}`,
        output: { signIn: signIn(snapshot), at: snapshot.context.now },
        actorId: actor,
      }),
    }),
  );
}

type ReplyClass = readonly [name: string, signIn: (snapshot: SecondFactorSnapshot) => unknown];

/** Every class of SignIn that the machine tells apart, as a reply or as news of the host. */
function replyClasses(factors: readonly SecondFactor[]): ReplyClass[] {
  const strategies = [...new Set(factors.map((factor) => factor.strategy))];
  const verified = verification({ status: 'verified' });
  return [
    ['complete', (now) => reply(now, { status: 'complete', secondFactorVerification: verified })],
    [
      'needs_new_password, verified',
      (now) => reply(now, { status: 'needs_new_password', secondFactorVerification: verified }),
    ],
    ['needs_new_password, unverified', (now) => reply(now, { status: 'needs_new_password' })],
    ['unchanged', (now) => reply(now, {})],
    ['needs_client_trust', (now) => reply(now, { status: 'needs_client_trust' })],
    ['needs_protect_check', (now) => reply(now, { status: 'needs_protect_check' })],
    ['abandoned', (now) => reply(now, { status: 'abandoned' })],
    ['unknown status', (now) => reply(now, { status: 'shipped' })],
    ['another sign-in, complete', (now) => reply(now, { id: 'sia_other', status: 'complete' })],
    ['junk', () => ({ id: null, status: 1 })],
    ...strategies.flatMap((strategy): ReplyClass[] => [
      [
        `${strategy} live`,
        (now) =>
          reply(now, {
            secondFactorVerification: verification({
              strategy,
              expireAt: now.context.now + LIFETIME_MS,
            }),
          }),
      ],
      [
        `${strategy} live, no expiry`,
        (now) => reply(now, { secondFactorVerification: verification({ strategy }) }),
      ],
      [
        `${strategy} expired`,
        (now) =>
          reply(now, { secondFactorVerification: verification({ strategy, status: 'expired' }) }),
      ],
    ]),
  ];
}

function rejectionLetters(actor: ActorName): Letter[] {
  const letter = (name: string, error: (snapshot: SecondFactorSnapshot) => unknown): Letter => ({
    name: `${actor} ✗ ${name}`,
    actor,
    event: (snapshot) => ({
      type: `xstate.error.actor.${actor}`,
      error: error(snapshot),
      actorId: actor,
    }),
  });
  return [
    ...ERROR_CODES.map((code) => letter(code, (now) => failure(now, code))),
    letter('rate_limited with a time', (now) =>
      failure(now, 'rate_limited', { retryAt: now.context.now + 5_000 }),
    ),
    letter('junk', () => null),
  ];
}

function failure(
  { context }: SecondFactorSnapshot,
  code: (typeof ERROR_CODES)[number],
  init?: SecondFactorErrorInit,
): Failure {
  return { error: new SecondFactorError(code, init), at: context.now };
}

function reply({ context }: SecondFactorSnapshot, patch: Partial<ParsedSignIn>): Reply['signIn'] {
  const { id } = context.signIn;
  return {
    id,
    status: 'needs_second_factor',
    supportedSecondFactors: null,
    secondFactorVerification: null,
    createdSessionId: null,
    ...patch,
  };
}

function verification(patch: Partial<Verification>): Verification {
  return {
    status: 'unverified',
    strategy: null,
    attempts: null,
    expireAt: null,
    error: null,
    ...patch,
  };
}

/**
 * What is true of a snapshot, without what makes no difference to what may follow: absolute times
 * become "in force", texts and ids that are only shown are left out. Two snapshots with the same
 * text accept the same events and lead to snapshots with the same texts.
 */
export function abstractState(snapshot: SecondFactorSnapshot): string {
  const { context } = snapshot;
  const { strategies } = context.options;
  const deliveries = Object.entries(context.deliveries).map(
    ([key, { confirmed, expiresAt }]) =>
      `${key}${confirmed ? '' : '?'}${expiresAt === undefined ? '' : ' expires'}`,
  );
  const listed = context.signIn.supportedSecondFactors.map((one) => factorKey(one, strategies));
  return [
    stateName(snapshot),
    context.factor ? factorKey(context.factor, strategies) : '-',
    `sent [${deliveries.sort().join(', ')}]`,
    // An ended flow keeps them for its bookmark.
    `in force [${isFinal(snapshot) ? '' : Object.keys(context.deadlines).sort().join(', ')}]`,
    // Of attempts without an answer, what counts is whether there is one beside the one in flight.
    Math.min(context.unanswered, snapshot.matches({ attempting: 'sending' }) ? 2 : 1),
    // What led there decides where a reload leads.
    snapshot.matches({ attempting: 'reconciling' }) && context.error
      ? effectOf(context.error.code)
      : '',
    `gone [${[...context.unavailable].sort().join(', ')}]`,
    listed.length,
  ].join(' | ');
}
