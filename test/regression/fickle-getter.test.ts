/**
 * A factor whose getter says one thing to the guard and another to the action left the flow without a
 * factor: active, and with nothing that could be attempted.
 */
import { expect, it } from 'vitest';
import { startFlow } from '../support/flow.ts';
import { PHONE, TOTP } from '../support/sign-ins.ts';

/** Says the first the first time, and nothing that makes sense after that. */
const once = <Value>(value: Value) => {
  let asked = 0;
  return () => {
    asked += 1;
    return asked === 1 ? value : ('nothing' as never);
  };
};

it('a strategy that changes between guard and action is read once', () => {
  const flow = startFlow({ factor: PHONE });
  const factor = Object.defineProperty({ strategy: '' }, 'strategy', { get: once('totp') });
  flow.actor.send({ type: 'SELECT', factor });
  expect(flow.actor.getSnapshot().context.factor).toEqual(TOTP);
});

it('a factor that changes between guard and action leaves the chosen one', () => {
  const flow = startFlow({ factor: PHONE });
  const event = Object.defineProperty({ type: 'SELECT' as const, factor: TOTP }, 'factor', {
    get: once(TOTP),
  });
  flow.actor.send(event);
  expect([TOTP, PHONE]).toContainEqual(flow.actor.getSnapshot().context.factor);
});
