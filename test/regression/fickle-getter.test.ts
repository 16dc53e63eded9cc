/**
 * A factor whose getter says one thing to the guard and another to the action left the flow without a
 * factor: active, and with nothing that could be attempted.
 */
import { expect, it } from 'vitest';
import { startFlow } from '../support/flow.ts';
import { PHONE, TOTP } from '../support/sign-ins.ts';

/** A property that has a value for so many reads, and then nothing that makes sense. */
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
