import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { normalizeCode, OneTimeCode, oneTimeCode } from '../../machines/one-time-code.ts';
import { STRATEGIES, type Strategy } from '../../machines/strategies.ts';
import { CODE } from '../support/sign-ins.ts';

it('shows itself through reveal() alone', () => {
  const code = oneTimeCode(CODE);
  expect(code.reveal()).toBe(CODE);
  const shown = [
    JSON.stringify({ code }),
    String(code),
    `${code}`,
    inspect({ code }, { showHidden: true, depth: 9 }),
  ];
  expect(shown.join()).not.toContain(CODE);
  expect(shown.every((text) => text.includes('[redacted]'))).toBe(true);
});

it('has no field to enumerate or to copy', () => {
  const code = oneTimeCode(CODE);
  expect(Reflect.ownKeys(code)).toEqual([]);
  expect(structuredClone(code)).toEqual({});
});

it.each([
  [CODE],
  [null],
  [undefined],
  [{ reveal: () => CODE }],
  [Object.create(OneTimeCode.prototype)],
  [new Proxy(oneTimeCode(CODE), {})],
])('does not take %j for one', (value) => {
  expect(OneTimeCode.is(value)).toBe(false);
});

it('takes its own for one', () => {
  expect(OneTimeCode.is(oneTimeCode(CODE))).toBe(true);
});

const strategy = (name: string) => STRATEGIES[name] as Strategy;

describe('normalizeCode of a numeric code', () => {
  it.each([
    ['424242', 'plain'],
    ['424 242', 'a space'],
    [' 424\u00a0242\n', 'white space around and inside'],
    ['424-242', 'a hyphen'],
    ['424–242', 'a dash'],
    ['424−242', 'a minus sign'],
    ['4\u200b2\u200c4\u200d2\u20604\ufeff2', 'zero-width characters'],
    ['４２４２４２', 'full-width digits'],
    ['٤٢٤٢٤٢', 'Arabic-Indic digits'],
    ['۴۲۴۲۴۲', 'Extended Arabic-Indic digits'],
    ['४२४२४२', 'Devanagari digits'],
    ['𝟒𝟐𝟜𝟚𝟺𝟸', 'mathematical digits, which have five runs side by side'],
  ])('reads %j: %s', (typed) => {
    expect(normalizeCode(strategy('totp'), typed)).toBe('424242');
  });

  it.each([
    [''],
    ['42424'],
    ['4242424'],
    ['abcdef'],
    ['42424a'],
    ['42424²'],
    ['①②③④⑤⑥'],
    ['4'.repeat(10_000)],
    [`${' '.repeat(256)}424242`],
    ['42\u030042'],
  ])('refuses %j', (typed) => {
    expect(normalizeCode(strategy('phone_code'), typed)).toBeNull();
  });

  it('reads every decimal digit of Unicode by its value', () => {
    const wrong: string[] = [];
    for (let point = 0; point <= 0x10ffff; point += 1) {
      const digit = String.fromCodePoint(point);
      if (!/\p{Nd}/u.test(digit)) continue;
      const value = normalizeCode({ needsPreparation: false, proof: 'code', length: 1 }, digit);
      if (value !== String(value) || !/^[0-9]$/.test(value)) wrong.push(digit);
    }
    expect(wrong).toEqual([]);
  });
});

describe('normalizeCode of a text code', () => {
  it('only trims', () => {
    expect(normalizeCode(strategy('backup_code'), '  ab-12 CD \n')).toBe('ab-12 CD');
  });

  it('accepts the longest text', () => {
    const longest = 'x'.repeat(256);
    expect(normalizeCode(strategy('backup_code'), longest)).toBe(longest);
  });

  it.each([[''], ['   '], ['x'.repeat(257)]])('refuses %j', (typed) => {
    expect(normalizeCode(strategy('backup_code'), typed)).toBeNull();
  });
});

describe('normalizeCode without a code', () => {
  it.each(['elsewhere', 'credential'] as const)('refuses for a proof that is %s', (proof) => {
    expect(normalizeCode({ needsPreparation: true, proof }, '424242')).toBeNull();
  });
});
