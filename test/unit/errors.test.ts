import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES, isSecondFactorError, SecondFactorError } from '../../src/errors.ts';
import { CODE, trap } from '../support/sign-ins.ts';

describe('SecondFactorError', () => {
  it.each(ERROR_CODES)('%s has a message for people', (code) => {
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

  it('keeps of its cause what tells it apart, and nothing of the request', () => {
    const raw = Object.assign(new Error(`code=${CODE}`), {
      status: 422,
      config: { data: `code=${CODE}` },
      errors: [
        { code: 'form_code_incorrect', longMessage: 'Wrong', meta: { value: CODE } },
        null,
        'junk',
      ],
    });
    const error = new SecondFactorError('code_incorrect', { cause: raw });
    expect(error.cause).toEqual({
      name: 'Error',
      status: 422,
      errors: [{ code: 'form_code_incorrect', longMessage: 'Wrong' }, {}, {}],
    });
  });

  it.each([
    ['a text', 'text'],
    ['null', null],
    ['a number', 7],
    ['a trap', trap()],
  ])('has no cause where the raw one is %s', (_, cause) => {
    expect(new SecondFactorError('network', { cause }).cause).toBeUndefined();
  });

  it('bounds what a backend says', () => {
    const long = 'x'.repeat(10_000);
    const errors = Array.from({ length: 99 }, () => ({ code: long, longMessage: long }));
    const error = new SecondFactorError('network', {
      message: long,
      cause: { name: long, errors },
    });
    expect(error.message).toHaveLength(500);
    expect(error.cause?.name).toHaveLength(500);
    expect(error.cause?.errors).toHaveLength(10);
    expect(error.cause?.errors?.[0]).toEqual({
      code: 'x'.repeat(500),
      longMessage: 'x'.repeat(500),
    });
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
  const copyOf = (error: SecondFactorError, ...secrets: string[]) =>
    new SecondFactorError(error.code, error, new Set(secrets));

  it('takes the secret out of every text', () => {
    const error = new SecondFactorError('code_incorrect', {
      message: `${CODE} is wrong, not ${CODE}`,
      field: `code ${CODE}`,
      retryAt: 5,
      attemptsLeft: 1,
      cause: { name: `E${CODE}`, status: 422, errors: [{ code: CODE, longMessage: `no ${CODE}` }] },
    });
    const clean = copyOf(error, CODE);
    expect(JSON.stringify([clean, clean.message, clean.stack, clean.cause])).not.toContain(CODE);
    expect(clean).toMatchObject({
      code: 'code_incorrect',
      message: '[redacted] is wrong, not [redacted]',
      field: 'code [redacted]',
      retryAt: 5,
      attemptsLeft: 1,
      cause: {
        name: 'E[redacted]',
        status: 422,
        errors: [{ code: '[redacted]', longMessage: 'no [redacted]' }],
      },
    });
  });

  it('takes out a secret that begins another, and the whole of that one', () => {
    const error = new SecondFactorError('code_incorrect', { message: 'abcd-efgh, not abcd' });
    const whole = '[redacted], not [redacted]';
    expect(copyOf(error, 'abcd', 'abcd-efgh').message).toBe(whole);
    expect(copyOf(error, 'abcd-efgh', 'abcd').message).toBe(whole);
  });

  it('finds a secret that JSON would escape', () => {
    const error = new SecondFactorError('code_incorrect', { message: 'not a"b\\c' });
    expect(copyOf(error, 'a"b\\c').message).toBe('not [redacted]');
  });

  it.each(['4', 'name', ':', 'errors'])('leaves what is no text alone: %j', (secret) => {
    const cause = { name: 'E', status: 444, errors: [{ code: 'x' }] };
    const error = new SecondFactorError('code_incorrect', { message: `no ${secret}`, cause });
    expect(copyOf(error, secret)).toMatchObject({ message: 'no [redacted]', cause });
  });

  it('leaves out what somebody else put on it', () => {
    const error = Object.assign(new SecondFactorError('network'), { request: { body: CODE } });
    expect(copyOf(error)).not.toHaveProperty('request');
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
    const error = copyOf(foreign as never);
    expect(error).toBeInstanceOf(SecondFactorError);
    expect({ ...error, message: error.message }).toEqual({
      name: 'SecondFactorError',
      code: 'locked',
      message: 'Why',
    });
  });
});
