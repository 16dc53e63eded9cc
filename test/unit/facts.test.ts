import { describe, expect, it } from 'vitest';
import * as facts from '../../machines/second-factor.facts.ts';
import { initialContext } from '../../machines/second-factor.start.ts';
import type { SecondFactorContext } from '../../machines/second-factor.types.ts';
import {
  completed,
  OTHER_PHONE,
  PHONE,
  sent,
  signIn,
  T0,
  TOTP,
  verification,
} from '../support/sign-ins.ts';

/** A flow over two phones and an authenticator, of which the first phone is chosen. */
const context = initialContext({
  signIn: signIn({ supportedSecondFactors: [TOTP, PHONE, OTHER_PHONE] }),
  at: T0,
  factor: PHONE,
});
const KEY = 'phone_code/idn_1';
const withContext = (patch: Partial<SecondFactorContext>) => ({ ...context, ...patch });
const nobody = withContext({
  factor: null,
  signIn: signIn({ supportedSecondFactors: [] }),
});
const answered = (reply: unknown, at: unknown = T0) => ({
  type: 'answered',
  output: { signIn: reply, at },
});

describe('the factors', () => {
  it('are listed once each, also the chosen one', () => {
    expect(facts.usableFactors(context)).toEqual([TOTP, PHONE, OTHER_PHONE]);
  });

  it('have an empty key if none is chosen', () => {
    expect(facts.keyOf(context)).toBe(KEY);
    expect(facts.keyOf(nobody)).toBe('');
  });

  it('are another one only if they exist and are not chosen', () => {
    expect(facts.isOtherFactor(context, null)).toBe(false);
    expect(facts.isOtherFactor(context, OTHER_PHONE)).toBe(true);
    expect(facts.isOtherFactor(context, PHONE)).toBe(false);
  });

  it('that the sign-in lacks are refused', () => {
    expect(facts.findFactor(context, { strategy: 'carrier_pigeon' })).toBeNull();
    expect(facts.prepareRefusal(context, null)).toBe('no_factor');
    expect(facts.attemptRefusal(context, null, null)).toBe('no_factor');
  });
});

describe('a delivery', () => {
  const delivered = (delivery: object, deadlines = {}) => {
    const deliveries = { [KEY]: { sentAt: T0, confirmed: true, ...delivery } };
    return facts.isDelivered(withContext({ deliveries, deadlines }), PHONE, T0);
  };

  it('is in force until it expires, and for ever if it has no end', () => {
    expect(delivered({})).toBe(true);
    expect(delivered({ expiresAt: T0 + 1 }, { [`expiry:${KEY}`]: T0 + 1 })).toBe(true);
    expect(delivered({ expiresAt: T0 }, { [`expiry:${KEY}`]: T0 })).toBe(false);
    expect(delivered({ expiresAt: T0 + 1 })).toBe(false);
    expect(delivered({ confirmed: false })).toBe(false);
  });

  const confirms = (reply: unknown) => facts.confirmsDelivery(context, answered(reply));

  it('is confirmed by a reply that awaits its proof', () => {
    expect(confirms(sent())).toBe(true);
    expect(confirms(sent('email_code'))).toBe(false);
    expect(confirms(signIn())).toBe(false);
    expect(confirms('junk')).toBe(false);
    expect(confirms(completed())).toBe(false);
    for (const status of ['expired', 'failed']) {
      expect(confirms(signIn({ secondFactorVerification: verification({ status }) }))).toBe(false);
    }
  });

  it('without a factor is never confirmed', () => {
    expect(facts.confirmsDelivery(nobody, answered(sent()))).toBe(false);
    expect(facts.confirmsDelivery(nobody, answered(signIn()))).toBe(false);
  });
});
