import { describe, expect, it } from 'vitest';
import { initialContext } from '../../machines/second-factor.start.ts';
import { startFlow, type TestFlow } from '../support/flow.ts';
import { BACKUP, completed, OTHER_PHONE, signIn, trap, verification } from '../support/sign-ins.ts';

const context = (flow: TestFlow) => flow.context();
/** The sign-in that stands for junk. */
const NO_SIGN_IN = {
  id: '',
  status: '',
  supportedSecondFactors: [],
  secondFactorVerification: null,
  createdSessionId: null,
};

describe('where a flow starts', () => {
  it('chooses the default one of the factors that it can serve', () => {
    const supportedSecondFactors = [BACKUP, { strategy: 'passkey' }];
    expect(context(startFlow({ signIn: signIn({ supportedSecondFactors }) })).factor).toEqual(
      BACKUP,
    );
  });

  it('takes the factor that it is given', () => {
    const factor = { strategy: 'phone_code', phoneNumberId: 'idn_2' };
    expect(context(startFlow({ factor })).factor).toEqual(OTHER_PHONE);
  });

  it.each([
    ['needs_client_trust', 'needs_second_factor', undefined],
    ['needs_first_factor', 'halted', 'not_applicable'],
    ['needs_identifier', 'halted', 'not_applicable'],
    ['needs_new_password', 'halted', 'not_applicable'],
    ['needs_protect_check', 'halted', 'protect_check_required'],
    ['abandoned', 'halted', 'sign_in_expired'],
    ['something_new', 'halted', 'unexpected_status'],
    ['needs_identifier_of_some_kind', 'halted', 'unexpected_status'],
    ['who_needs_identifier', 'halted', 'unexpected_status'],
  ])('leads from %s to %s', (status, state, reason) => {
    const flow = startFlow({ signIn: signIn({ status }) });
    expect(flow.state()).toBe(state);
    const output = flow.output();
    expect(output?.outcome === 'halted' ? output.reason : undefined).toBe(reason);
  });

  it.each([
    ['complete', completed()],
    [
      'needs_new_password',
      signIn({
        status: 'needs_new_password',
        secondFactorVerification: verification({ status: 'verified' }),
      }),
    ],
  ])('is complete if the sign-in is past its second factor: %s', (_, from) => {
    expect(startFlow({ signIn: from }).output()).toEqual({
      outcome: 'complete',
      signIn: from,
    });
  });

  it.each([[[]], [[{ strategy: 'passkey' }]], [[{ strategy: 'carrier_pigeon' }]]])(
    'halts if no factor can be used: %j',
    (supportedSecondFactors) => {
      const output = startFlow({ signIn: signIn({ supportedSecondFactors }) }).output();
      expect(output).toMatchObject({
        outcome: 'halted',
        reason: 'no_usable_factor',
        attemptMayLand: false,
      });
    },
  );

  it('halts if the sign-in has no list of factors', () => {
    const { supportedSecondFactors: _, ...listless } = signIn();
    const { output } = startFlow({ signIn: listless }).actor.getSnapshot();
    expect(output).toMatchObject({ reason: 'no_usable_factor' });
  });

  it.each([
    ['null', null],
    ['a text', 'junk'],
    ['an empty object', {}],
    ['an id of the wrong type', { id: 7, status: 'complete' }],
    ['a missing status', { id: 'x' }],
    ['a trap', trap()],
  ])('halts on %s', (_, junk) => {
    const { output } = startFlow({ signIn: junk as object }).actor.getSnapshot();
    expect(output).toMatchObject({ reason: 'unexpected_status', signIn: NO_SIGN_IN });
  });

  it.each([[Number.NaN], [-1], ['soon'], [Number.POSITIVE_INFINITY]])(
    'takes the defaults for options that make no sense: %s',
    (junk) => {
      const options = {
        resendCooldownMs: junk,
        requestTimeoutMs: junk,
        liveDeliveries: junk,
        strategies: junk,
      } as object;
      const resolved = context(startFlow({ options })).options;
      expect(resolved).toMatchObject({
        resendCooldownMs: 30_000,
        requestTimeoutMs: 30_000,
        liveDeliveries: 'one',
      });
      expect(Object.keys(resolved.strategies)).toContain('totp');
    },
  );

  it.each([[Number.NaN], ['soon'], [undefined]])('starts at time 0 if its time is %s', (at) => {
    expect(initialContext({ signIn: signIn(), at: at as number }).now).toBe(0);
  });
});
