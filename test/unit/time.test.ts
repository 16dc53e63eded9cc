import { expect, it } from 'vitest';
import { isWaitable, LONGEST_DELAY_MS } from '../../machines/time.ts';

it('a timer can wait for a time that has not passed and is not too far away', () => {
  const at = 1_000;
  expect([at, at + 1, at + LONGEST_DELAY_MS].map((until) => isWaitable(until, at))).toEqual([
    true,
    true,
    true,
  ]);
  const none = [at - 1, at + LONGEST_DELAY_MS + 1, Number.NaN, Number.POSITIVE_INFINITY];
  expect(none.map((until) => isWaitable(until, at))).toEqual([false, false, false, false]);
});
