import { describe, expect, it } from 'vitest';
import { defaultFactor, factorKey } from '../../machines/factors.ts';
import { STRATEGIES, type Strategies } from '../../machines/strategies.ts';
import { BACKUP, MAIL, OTHER_PHONE, PHONE, TOTP } from '../support/sign-ins.ts';

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
