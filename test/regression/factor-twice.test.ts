/** A backend listed a factor twice, and the view showed it twice, under one key. */
import { expect, it } from 'vitest';
import { connect } from '../../src/index.ts';
import { startFlow } from '../support/flow.ts';
import { OTHER_PHONE, PHONE, signIn, TOTP } from '../support/sign-ins.ts';

it('a factor is shown once, however often it is listed', () => {
  const again = { ...PHONE, safeIdentifier: '+30********99' };
  const supportedSecondFactors = [PHONE, TOTP, again, OTHER_PHONE, TOTP];
  const { actor } = startFlow({ signIn: signIn({ supportedSecondFactors }) });
  const view = connect(actor.getSnapshot(), actor.send);
  expect(view.factors.map(({ factor }) => factor)).toEqual([PHONE, TOTP, OTHER_PHONE]);
});
