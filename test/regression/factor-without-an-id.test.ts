/**
 * A host started a flow with `{ strategy: 'phone_code' }`. The flow silently started with the authenticator app. It
 * did the same for a factor that the sign-in does not have.
 */
import { expect, it } from 'vitest';
import { connect } from '../../src/index.ts';
import { startFlow } from '../support/flow.ts';
import { ALL_FACTORS, OTHER_PHONE, PHONE, sent, signIn, TOTP, trap } from '../support/sign-ins.ts';

it('a start without an id takes the default factor of the strategy', () => {
  const supportedSecondFactors = [TOTP, OTHER_PHONE, PHONE];
  const flow = startFlow({
    signIn: signIn({ supportedSecondFactors }),
    factor: { strategy: 'phone_code' },
  });
  expect(flow.context()).toMatchObject({ factor: PHONE, error: null });
});

it('a resumed flow prefers the factor of its bookmark to the default one', async () => {
  const before = startFlow({ factor: OTHER_PHONE });
  before.prepareSecondFactor({ ...OTHER_PHONE } as { strategy: string }).catch(() => {});
  await before.last().resolve(sent());
  const resume = before.bookmark();
  const flow = startFlow({ resume, factor: { strategy: 'phone_code' } });
  expect(flow.context().factor).toEqual(OTHER_PHONE);
});

it.each([
  ['another id', { strategy: 'phone_code', phoneNumberId: 'idn_9' }],
  ['another strategy', { strategy: 'passkey' }],
  ['junk', trap()],
])('a start with a factor of %s says no_factor', (_, factor) => {
  const { actor } = startFlow({ factor: factor as typeof PHONE });
  const view = connect(actor.getSnapshot(), actor.send);
  expect(view).toMatchObject({ state: 'needs_second_factor', factor: TOTP });
  expect(view.error?.code).toBe('no_factor');
  expect(view.factors).toHaveLength(ALL_FACTORS.length);
});
