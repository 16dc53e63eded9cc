import { describe, expect, it } from 'vitest';
import { defaultFactor, factorKey } from '../../machines/factors.ts';
import { normalizeCode } from '../../machines/one-time-code.ts';
import {
  findStrategy,
  STRATEGIES,
  type Strategies,
  type Strategy,
} from '../../machines/strategies.ts';
import { BACKUP, MAIL, OTHER_PHONE, PHONE, TOTP } from '../support/sign-ins.ts';

const strategy = (name: string) => findStrategy(STRATEGIES, name) as Strategy;

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

  it('takes the longest that is looked at', () => {
    const longest = 'x'.repeat(256);
    expect(normalizeCode(strategy('backup_code'), longest)).toBe(longest);
  });

  it.each([[''], ['   '], ['x'.repeat(257)]])('refuses %j', (typed) => {
    expect(normalizeCode(strategy('backup_code'), typed)).toBeNull();
  });
});

describe('normalizeCode of something that is no code', () => {
  it.each(['elsewhere', 'credential'] as const)('refuses for a proof that is %s', (proof) => {
    expect(normalizeCode({ needsPreparation: true, proof }, '424242')).toBeNull();
  });
});

describe('factorKey', () => {
  it.each([
    [TOTP, 'totp'],
    [PHONE, 'phone_code/idn_1'],
    [MAIL, 'email_code/idn_3'],
    [{ strategy: 'phone_code' }, 'phone_code'],
    [{ strategy: 'totp', phoneNumberId: 'idn_1' }, 'totp'],
    [{ strategy: 'carrier_pigeon', pigeonId: 'p' }, 'carrier_pigeon'],
  ])('of %j is %s', (factor, key) => {
    expect(factorKey(factor)).toBe(key);
  });

  it('takes the id field that a host registered', () => {
    const strategies: Strategies = {
      ...STRATEGIES,
      push: { needsPreparation: true, proof: 'code', idField: 'deviceId' },
    };
    expect(factorKey({ strategy: 'push', deviceId: 'd1' }, strategies)).toBe('push/d1');
  });
});

describe('defaultFactor', () => {
  it.each([
    [[BACKUP, PHONE, TOTP], TOTP],
    [[BACKUP, OTHER_PHONE, PHONE], PHONE],
    [
      [
        { ...MAIL, default: true },
        { ...OTHER_PHONE, primary: true },
      ],
      { ...OTHER_PHONE, primary: true },
    ],
    [[BACKUP, MAIL, OTHER_PHONE], MAIL],
    [[{ ...BACKUP, primary: true }, MAIL], MAIL],
    [[BACKUP], BACKUP],
    [[], null],
  ])('of %j', (factors, chosen) => {
    expect(defaultFactor(factors)).toEqual(chosen);
  });
});

describe('strategyOf', () => {
  it('does not find what objects inherit', () => {
    expect(findStrategy(STRATEGIES, 'toString')).toBeUndefined();
    expect(findStrategy(STRATEGIES, '__proto__')).toBeUndefined();
  });
});
