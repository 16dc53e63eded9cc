import { ERROR_CODES, SecondFactorError } from '../../machines/errors.ts';
import { STRATEGIES, type Strategies } from '../../machines/strategies.ts';
import { type Json, kindOf, type Shape, show } from './show.ts';

/** Shows a value that passes, and tells any other by its kind. */
const where =
  (passes: (value: unknown) => boolean) =>
  (value: unknown): Json =>
    passes(value) ? (value as Json) : kindOf(value);
const oneOf = (words: readonly string[]) => where((value) => words.includes(value as string));
const matching = (...patterns: readonly RegExp[]) =>
  where((value) => typeof value === 'string' && patterns.some((one) => one.test(value)));
const between = (least: number, most: number) =>
  where((value) => Number.isFinite(value) && Number(value) >= least && Number(value) <= most);

/** Statuses of a sign-in, of its verification, and how a flow ends. */
const STATUSES = (
  'complete needs_identifier needs_first_factor needs_second_factor needs_client_trust halted expired ' +
  'needs_new_password needs_protect_check abandoned unverified verified transferable failed'
).split(' ');
/** What the field of an error names: a parameter of the two methods, or a service. */
const FIELD =
  /^(?:code|strategy|(?:phone_number|email_address)_id|(?:prepare|attempt)SecondFactor|reloadSignIn)$/;
const MESSAGES = ERROR_CODES.map((code) => new SecondFactorError(code).message);

/** A moment in ms since the epoch. Smaller numbers may have been typed. */
const time = between(1e11, 8.64e15);
const count = where((value) => Number.isInteger(value) && between(0, 999)(value) === value);
const flag = where((value) => typeof value === 'boolean');

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;
/** `idn_1`, `sess_2abc`, `sms|dev_x`. One that holds as many digits as a code is told by its kind. */
const PREFIXED = /^(?!.*(?<!\d)\d{6,8}(?!\d))[a-z]{2,12}[_|][\w|-]{1,64}$/i;
const id = matching(UUID, PREFIXED);
/** A mask stands in it, and fewer digits than a code has: `+30********90`, `j…@example.com`. */
const contact = matching(
  /^(?=.*(?:\*\*|••|…))(?!(?:\D*\d){6})[+\d\s().*•…-]{3,40}$/,
  /^(?=[^@]*[*•…])(?!(?:\D*\d){6})[^\s@]{1,40}@[^\s@]{1,80}$/,
);
/** Words that backends have for what went wrong; what people type as a code looks otherwise. */
const backendCode = matching(
  /^[a-z]{1,40}(?:_[a-z]{1,40}){1,8}$/i,
  /^[a-z]{1,20}\/[a-z-]{3,60}$/,
  /^[A-Z][A-Za-z]{0,50}(?:Error|Exception)$/,
);
const errorName = matching(/^[A-Z]?[A-Za-z]{0,50}(?:Error|Exception)$/);

/** Of records by factor key or deadline: keys that are made of what is known. */
const keyed =
  (isKnown: (key: string) => boolean, shape: Shape) =>
  (value: unknown): Json => {
    const name = (key: string, index: number) => (isKnown(key) ? key : `‹key ${index + 1}›`);
    const all = Object.entries(value as object);
    return Object.fromEntries(
      all.map(([key, inner], index) => [name(key, index), show(inner, shape)]),
    );
  };

type Fields = { readonly [field: string]: Shape };
/** With what shows a factor key, and the name of a deadline. */
type SecondFactorShape = Fields & { readonly key: Shape; readonly name: Shape };

function shapeFor(strategies: Strategies): SecondFactorShape {
  const names = [...Object.keys(STRATEGIES), 'email_link', 'passkey', ...Object.keys(strategies)];
  const idFields = Object.values(strategies).flatMap(({ idField }) => idField ?? []);
  const isKey = (key: unknown): boolean => {
    const [, name = '', target] = /^([^/]*)(?:\/(.*))?$/s.exec(String(key)) ?? [];
    return names.includes(name) && (target === undefined || id(target) === target);
  };
  const isDeadline = (name: unknown) =>
    name === 'hold' || (/^(?:resend|expiry):/.test(String(name)) && isKey(String(name).slice(7)));
  const strategy = oneOf(names);
  const status = oneOf(STATUSES);
  const factor: Fields = {
    ...Object.fromEntries(idFields.map((field) => [field, id])),
    ...{ strategy, phoneNumberId: id, emailAddressId: id, safeIdentifier: contact },
    ...{ primary: flag, default: flag },
  };
  const verification = { status, strategy, attempts: count, expireAt: time };
  const signIn: Fields = {
    ...{ id, status, supportedSecondFactors: [factor], createdSessionId: id },
    secondFactorVerification: { ...verification, error: { code: backendCode } },
  };
  const error: Fields = {
    ...{
      name: errorName,
      code: oneOf(ERROR_CODES),
      message: oneOf(MESSAGES),
      field: matching(FIELD),
    },
    ...{ retryAt: time, attemptsLeft: count },
    cause: { name: errorName, status: count, codes: [backendCode] },
  };
  const needs: Fields = {
    needsPreparation: true,
    proof: true,
    length: true,
    idField: true,
    resends: true,
  };
  // What a host has set.
  const options: Fields = {
    ...{
      resendCooldownMs: true,
      requestTimeoutMs: true,
      reloadTimeoutMs: true,
      liveDeliveries: true,
    },
    strategies: [needs],
  };
  return {
    // events
    ...{ code: () => '‹code›', at: time, requestId: id, trustDevice: flag },
    ...{ name: where(isDeadline), actorId: oneOf(OWN_ACTORS) },
    // context, events, and what its actors are given and say
    ...{ signIn, factor, options, strategies: [needs] },
    ...{ error: { ...error, error, at: time }, output: { signIn, at: time } },
    ...{
      key: where(isKey),
      unavailable: [where(isKey)],
      unanswered: count,
      now: time,
      learntAt: time,
    },
    deliveries: keyed(isKey, { sentAt: time, expiresAt: time, confirmed: flag }),
    deadlines: keyed(isDeadline, time),
    input: { signIn, factor, at: time, options },
    // how a flow ends
    ...{ outcome: status, reason: oneOf(ERROR_CODES), attemptMayLand: flag },
  };
}

/** The id of the second-factor machine. */
export const OWN_MACHINE = 'secondFactor';

/** The actors that the machine invokes. */
export const OWN_ACTORS = [
  'prepareSecondFactor',
  'attemptSecondFactor',
  'reloadSignIn',
  'watchSignIn',
];

const shapes = new WeakMap<Strategies, SecondFactorShape>();

/**
 * What is shown of the second-factor machine: words of closed tables, times, counts, ids and masked
 * contacts. A code can't be.
 *
 * @param strategies - those that the host has registered; their names are shown too
 */
export function secondFactorShape(strategies: Strategies = STRATEGIES): SecondFactorShape {
  const shape = shapes.get(strategies) ?? shapeFor(strategies);
  shapes.set(strategies, shape);
  return shape;
}
