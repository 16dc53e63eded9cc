import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import {
  copyError,
  ERROR_CODES,
  isSecondFactorError,
  SecondFactorError,
} from '../../machines/errors.ts';
import { CODE, trap } from '../support/sign-ins.ts';

describe('SecondFactorError', () => {
  it.each(ERROR_CODES)('%s has a message', (code) => {
    const error = new SecondFactorError(code);
    expect(error.message).toMatch(/^[A-Z].*\.$/);
    expect(error).toMatchObject({ name: 'SecondFactorError', code });
  });

  it('has the fields that it is made with, and no others', () => {
    const error = new SecondFactorError('rate_limited', {
      message: 'Wait',
      retryAt: 5,
      attemptsLeft: 2,
      field: 'code',
    });
    expect({ ...error }).toEqual({
      name: 'SecondFactorError',
      code: 'rate_limited',
      retryAt: 5,
      attemptsLeft: 2,
      field: 'code',
    });
    expect(Object.keys(new SecondFactorError('network')).sort()).toEqual(['code', 'name']);
    expect('cause' in new SecondFactorError('network')).toBe(false);
  });

  it('keeps name, status and codes of its cause, and no text', () => {
    const raw = Object.assign(new TypeError(`code=${CODE}`), {
      status: 422,
      code: 'auth/invalid-verification-code',
      config: { data: `code=${CODE}` },
      errors: [
        { code: 'form_code_incorrect', longMessage: `Not ${CODE}`, meta: { value: CODE } },
        { code: CODE },
        null,
        'junk',
      ],
    });
    const { cause } = new SecondFactorError('code_incorrect', { cause: raw });
    const kept = {
      name: 'TypeError',
      status: 422,
      codes: ['auth/invalid-verification-code', 'form_code_incorrect'],
    };
    expect(cause).toEqual(kept);
    expect(new SecondFactorError('code_incorrect', { cause }).cause).toEqual(kept);
  });

  it.each([
    ['a text', 'text'],
    ['null', null],
    ['a number', 7],
    ['a trap', trap()],
  ])('has no cause if the raw one is %s', (_, cause) => {
    expect(new SecondFactorError('network', { cause }).cause).toBeUndefined();
  });

  it.each([
    ['a name', { name: 'x'.repeat(1e6) }],
    ['a name that is a code', { name: CODE }],
    ['a code of letters', { code: 'kxqzpmrt' }],
    ['a code of a million letters', { code: 'a_b'.repeat(1e6) }],
    ['codes with their own slice', { codes: Object.assign([], { slice: () => [CODE] }) }],
    ['a status that is a code', { status: Number(CODE) }],
    ['a status below zero', { status: -Number(CODE) }],
  ])('keeps nothing of a cause with %s', (_, cause) => {
    expect(new SecondFactorError('network', { cause }).cause).toEqual({});
  });

  it('reads the first of many errors', () => {
    const errors = new Array(1e6).fill({ code: 'user_locked' });
    expect(new SecondFactorError('network', { cause: { errors } }).cause?.codes).toHaveLength(10);
  });

  it.each([Number.NaN, -1, 1.5, Number.POSITIVE_INFINITY, '3', Number(CODE)])(
    'leaves out %s as attemptsLeft',
    (attemptsLeft) => {
      const init = { attemptsLeft: attemptsLeft as number };
      expect(new SecondFactorError('code_incorrect', init)).not.toHaveProperty('attemptsLeft');
    },
  );

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1e300, '5'])(
    'leaves out %s as retryAt',
    (retryAt) => {
      const init = { retryAt: retryAt as number };
      expect(new SecondFactorError('rate_limited', init)).not.toHaveProperty('retryAt');
    },
  );

  it('has no field that the SignIn API does not have', () => {
    expect(new SecondFactorError('network', { field: CODE })).not.toHaveProperty('field');
  });
});

describe('isSecondFactorError', () => {
  it('tells one apart across copies of the package', () => {
    const copy = Object.assign(new Error('copy'), {
      code: 'network',
      [Symbol.for('second-factor/error')]: true,
    });
    expect(isSecondFactorError(copy)).toBe(true);
  });

  it('tells one apart across realms', () => {
    const foreign = runInNewContext(
      "Object.assign(new Error('x'), { code: 'locked', [Symbol.for('second-factor/error')]: true })",
    );
    expect(foreign instanceof Error).toBe(false);
    expect(isSecondFactorError(foreign)).toBe(true);
  });

  it.each([
    ['null', null],
    ['a text', 'network'],
    ['any error', new Error('network')],
    ['an object with a code', { code: 'network' }],
    ['an unknown code', { [Symbol.for('second-factor/error')]: true, code: 'no_such_code' }],
    ['an inherited code', { [Symbol.for('second-factor/error')]: true, code: 'toString' }],
    ['a trap', trap()],
  ])('does not take %s for one', (_, value) => {
    expect(isSecondFactorError(value)).toBe(false);
  });
});

describe('a copy', () => {
  it('has the default message of its code, whatever somebody wrote', () => {
    const error = new SecondFactorError('code_incorrect', { message: `${CODE} is wrong` });
    expect(error.message).toContain(CODE);
    expect(copyError(error).message).toBe('The code is wrong.');
  });

  it('leaves out the fields that somebody else put on it', () => {
    const error = Object.assign(new SecondFactorError('network'), { request: { body: CODE } });
    expect(copyError(error)).not.toHaveProperty('request');
  });

  it('makes an error of this package out of one of another copy', () => {
    const foreign = {
      [Symbol.for('second-factor/error')]: true,
      code: 'locked',
      message: 'Why',
      retryAt: '5',
      attemptsLeft: 'many',
      field: 7,
    };
    const error = copyError(foreign as never);
    expect(error).toBeInstanceOf(SecondFactorError);
    expect({ ...error, message: error.message }).toEqual({
      name: 'SecondFactorError',
      code: 'locked',
      message: 'The account is locked.',
    });
  });
});
