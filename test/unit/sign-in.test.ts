import { describe, expect, it } from 'vitest';
import { parseSignIn } from '../../machines/sign-in.ts';
import { STRATEGIES, type Strategies } from '../../machines/strategies.ts';
import { ALL_FACTORS, CODE, sent, signIn, T0, trap, verification } from '../support/sign-ins.ts';

describe('parseSignIn', () => {
  it('copies what it knows and drops the rest', () => {
    const value = { ...sent(), password: 'hunter2', toJSON: () => 'no' };
    expect(parseSignIn(value)).toEqual(sent());
  });

  it('reads a resource, whose fields are getters and whose times are dates, once', () => {
    const reads: string[] = [];
    const resource = new Proxy(
      {
        ...sent(),
        secondFactorVerification: { ...verification(), expireAt: new Date(T0) },
      } as Record<string, unknown>,
      {
        get: (target, field) => {
          reads.push(String(field));
          return target[String(field)];
        },
      },
    );
    expect(parseSignIn(resource)?.secondFactorVerification?.expireAt).toBe(T0);
    expect(reads.sort()).toEqual([...new Set(reads)].sort());
  });

  it('keeps unknown statuses and strategies as they are', () => {
    const odd = signIn({
      status: 'needs_a_hug',
      supportedSecondFactors: [{ strategy: 'carrier_pigeon' }],
    });
    expect(parseSignIn(odd)).toEqual(odd);
  });

  it('tells a list that is missing from one that is empty', () => {
    expect(parseSignIn({ id: 'a', status: 'b' })?.supportedSecondFactors).toBeNull();
    expect(
      parseSignIn({ id: 'a', status: 'b', supportedSecondFactors: 'all' })?.supportedSecondFactors,
    ).toBeNull();
    expect(
      parseSignIn({ id: 'a', status: 'b', supportedSecondFactors: [] })?.supportedSecondFactors,
    ).toEqual([]);
  });

  it('drops the entries that are no factors, and the fields that have the wrong type', () => {
    const supportedSecondFactors = [
      null,
      'totp',
      {},
      { strategy: 7 },
      { strategy: 'phone_code', phoneNumberId: 7, safeIdentifier: {}, primary: 'yes', default: 1 },
      ...ALL_FACTORS,
    ];
    expect(
      parseSignIn({ id: 'a', status: 'b', supportedSecondFactors })?.supportedSecondFactors,
    ).toEqual([{ strategy: 'phone_code' }, ...ALL_FACTORS]);
  });

  it('keeps the ids of an unknown strategy', () => {
    const supportedSecondFactors = [
      { strategy: 'email_link', emailAddressId: 'idn_3' },
      { strategy: 'whatsapp_code', phoneNumberId: 'idn_1', safeIdentifier: '+30********90' },
    ];
    expect(
      parseSignIn({ id: 'a', status: 'b', supportedSecondFactors })?.supportedSecondFactors,
    ).toEqual(supportedSecondFactors);
  });

  it('keeps primary and the id field of a registered strategy', () => {
    const strategies: Strategies = {
      ...STRATEGIES,
      push: { needsPreparation: true, proof: 'code', idField: 'deviceId' },
    };
    const supportedSecondFactors = [{ strategy: 'push', deviceId: 'd1', primary: true }];
    expect(
      parseSignIn({ id: 'a', status: 'b', supportedSecondFactors }, strategies)
        ?.supportedSecondFactors,
    ).toEqual(supportedSecondFactors);
    expect(
      parseSignIn({ id: 'a', status: 'b', supportedSecondFactors })?.supportedSecondFactors,
    ).toEqual([{ strategy: 'push', primary: true }]);
  });

  it('reads the error of a verification', () => {
    const error = (value: unknown) =>
      parseSignIn({ id: 'a', status: 'b', secondFactorVerification: { error: value } })
        ?.secondFactorVerification?.error;
    const code = 'verification_expired';
    expect(error({ code, message: 'y', longMessage: 'z', meta: {} })).toEqual({ code });
    for (const none of [null, 'x', { message: 'y' }, { code: 7 }, { code: `no_${CODE}` }]) {
      expect(error(none)).toBeNull();
    }
    // Only words are kept: a typed code is something else, also between words.
    for (const typed of [
      CODE,
      'ab12c-d3efg',
      'secret',
      `x_${CODE}_y`,
      `a_b ${CODE}`,
      '_a_b',
      'a_b'.repeat(1e6),
    ]) {
      expect(error({ code: typed })).toBeNull();
    }
  });

  it.each([
    [Number.NaN, null],
    [-1, null],
    [1.5, null],
    ['2', null],
    [Number(CODE), null],
    [0, 0],
    [999, 999],
  ])('counts %s attempts as %s', (attempts, count) => {
    const value = { id: 'a', status: 'b', secondFactorVerification: { attempts } };
    expect(parseSignIn(value)?.secondFactorVerification?.attempts).toBe(count);
  });

  it('takes a value of the wrong type as absent', () => {
    const value = {
      id: 'a',
      status: 'b',
      secondFactorVerification: {
        expireAt: new Date(Number.NaN),
        status: 7,
        strategy: null,
      },
    };
    expect(parseSignIn(value)?.secondFactorVerification).toEqual({
      status: null,
      strategy: null,
      attempts: null,
      expireAt: null,
      error: null,
    });
  });

  it.each([
    ['null', null],
    ['undefined', undefined],
    ['a text', 'x'],
    ['a number', 7],
    ['an empty object', {}],
    ['a missing status', { id: 'a' }],
    ['a missing id', { status: 'b' }],
    ['an empty id', { id: '', status: 'b' }],
    ['an id of the wrong type', { id: 7, status: 'b' }],
    ['a huge id', { id: 'x'.repeat(5_000), status: 'b' }],
    ['a trap', trap()],
  ])('makes nothing of %s', (_, value) => {
    expect(parseSignIn(value)).toBeNull();
  });

  it('bounds what it reads', () => {
    const supportedSecondFactors = Array.from({ length: 1_000 }, (_, index) => ({
      strategy: `s${index}`,
      safeIdentifier: 'x'.repeat(1e6),
    }));
    const parsed = parseSignIn({ id: 'a', status: 'b', supportedSecondFactors });
    expect(parsed?.supportedSecondFactors).toHaveLength(100);
    expect(parsed?.supportedSecondFactors?.[0]).toEqual({ strategy: 's0' });
    const longest = 'x'.repeat(4_096);
    expect(parseSignIn({ id: longest, status: 'b' })?.id).toBe(longest);
    expect(parseSignIn({ id: `${longest}x`, status: 'b' })).toBeNull();
  });

  it('does not call the methods of a list', () => {
    const junk = () => [{ strategy: 'totp', echo: CODE }];
    const own = { slice: junk, map: junk, filter: junk, flatMap: junk, [Symbol.iterator]: junk };
    const supportedSecondFactors = Object.assign([...ALL_FACTORS], own);
    expect(
      parseSignIn({ id: 'a', status: 'b', supportedSecondFactors })?.supportedSecondFactors,
    ).toEqual(ALL_FACTORS);
  });

  it('does not write to a prototype', () => {
    const parsed = parseSignIn(
      JSON.parse(
        '{"id":"a","status":"b","__proto__":{"polluted":true},"supportedSecondFactors":[{"strategy":"__proto__","phoneNumberId":"__proto__"}]}',
      ),
    );
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(parsed?.supportedSecondFactors).toEqual([
      { strategy: '__proto__', phoneNumberId: '__proto__' },
    ]);
  });
});
