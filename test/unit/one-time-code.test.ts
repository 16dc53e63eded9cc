import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { OneTimeCode, oneTimeCode } from '../../machines/one-time-code.ts';
import { CODE } from '../support/sign-ins.ts';

it('shows itself through reveal() alone', () => {
  const code = oneTimeCode(CODE);
  expect(code.reveal()).toBe(CODE);
  const shown = [
    JSON.stringify({ code }),
    String(code),
    `${code}`,
    inspect({ code }, { showHidden: true, depth: 9 }),
  ];
  expect(shown.join()).not.toContain(CODE);
  expect(shown.every((text) => text.includes('[redacted]'))).toBe(true);
});

it('has nothing to enumerate and nothing to copy', () => {
  const code = oneTimeCode(CODE);
  expect(Reflect.ownKeys(code)).toEqual([]);
  expect(structuredClone(code)).toEqual({});
});

it.each([
  [CODE],
  [null],
  [undefined],
  [{ reveal: () => CODE }],
  [Object.create(OneTimeCode.prototype)],
  [new Proxy(oneTimeCode(CODE), {})],
])('does not take %j for one', (value) => {
  expect(OneTimeCode.is(value)).toBe(false);
});

it('takes its own for one', () => {
  expect(OneTimeCode.is(oneTimeCode(CODE))).toBe(true);
});
