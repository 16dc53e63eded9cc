/** After `CANCEL` a bookmark held no cooldown. A flow that resumed it could have a code sent at once. */
import { expect, it } from 'vitest';
import { startFlow } from '../support/flow.ts';
import { PHONE, sent } from '../support/sign-ins.ts';

it('the bookmark of a cancelled flow keeps its cooldowns', async () => {
  const before = startFlow({ factor: PHONE });
  before.prepareSecondFactor({ strategy: 'phone_code' }).catch(() => {});
  await before.last().resolve(sent());
  const { deadlines } = before.bookmark();
  before.send({ type: 'CANCEL' });
  expect(before.bookmark().deadlines).toEqual(deadlines);
  const { actor } = startFlow({ resume: before.bookmark() });
  expect(actor.getSnapshot().can({ type: 'PREPARE' })).toBe(false);
});
