/**
 * The getter of a factor told the guard one thing and the action another. The flow went on without a factor, and
 * the user could attempt nothing.
 */
import { expect, it } from 'vitest';
import { startFlow } from '../support/flow.ts';
import { PHONE, TOTP } from '../support/sign-ins.ts';

/** A property that has this value for so many reads, and then nonsense. */
function fickle<Value>(value: Value, reads: number): PropertyDescriptor {
  let left = reads;
  return {
    get: () => {
      left -= 1;
      return left < 0 ? 'nothing' : value;
    },
  };
}

it.each([1, 2, 3, 4])('a value that changes after %i reads leaves a factor chosen', (reads) => {
  const factor = Object.defineProperty({ ...TOTP }, 'strategy', fickle('totp', reads));
  const event = { type: 'SELECT' as const, factor: TOTP };
  for (const one of [
    { type: 'SELECT' as const, factor },
    Object.defineProperty(event, 'factor', fickle(TOTP, reads)),
  ]) {
    const flow = startFlow({ factor: PHONE });
    flow.send(one);
    expect([TOTP, PHONE]).toContainEqual(flow.context().factor);
  }
});
