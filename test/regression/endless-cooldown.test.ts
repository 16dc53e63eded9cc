/** A reload forgot a cooldown that is longer than a timer can wait. */
import { expect, it } from 'vitest';
import { startFlow } from '../support/flow.ts';
import { PHONE, sent } from '../support/sign-ins.ts';

it('a cooldown without an end outlives a reload', async () => {
  const options = { resendCooldownMs: 1e12 };
  const before = startFlow({ factor: PHONE, options });
  before.prepareSecondFactor({ strategy: 'phone_code' }).catch(() => {});
  await before.last().resolve(sent());
  const { actor } = startFlow({ resume: before.bookmark(), options });
  expect(actor.getSnapshot().can({ type: 'PREPARE' })).toBe(false);
});
