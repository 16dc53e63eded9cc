import { describe, expect, it } from 'vitest';
import { createRedactor, REDACTED } from '../../../src/inspect/redact.ts';
import { createSecretIndex } from '../../../src/inspect/secret-index.ts';

/** What is found of secrets, by the texts that stand there. */
function found(secrets: readonly [string, boolean][], text: string): string[] {
  const index = createSecretIndex();
  for (const [secret, isLoose] of secrets) index.add(secret, isLoose);
  return index.find(text).map(([start, end]) => text.slice(start, end));
}

describe('a secret', () => {
  it.each([
    ['as it is', 'to 424242.', ['424242']],
    ['in a word', 'x424242y', ['424242']],
    ['in groups', 'to 424-242 or 4 2 4 2 4 2', ['424-242', '4 2 4 2 4 2']],
    ['with three separators between', '424 · 242', ['424 · 242']],
    ['but not with four', '424 ·· 242', []],
    ['nor across what is no separator', '424\u0301242', []],
    ['behind an emoji', '😀424242', ['424242']],
    ['with an emoji between', '424😀242', ['424😀242']],
    ['not in part', '42424', []],
    ['in nothing', '', []],
  ])('of digits is found %s', (_, text, expected) => {
    expect(found([['424242', true]], text)).toEqual(expected);
  });

  it.each([
    ['Kitten1x', 'KITTEN1X', ['KITTEN1X']],
    ['größe42ß', 'GRÖßE 42 ß', ['GRÖßE 42 ß']],
    ['σίσυφος1', 'ΣΊΣΥΦΟΣ1', ['ΣΊΣΥΦΟΣ1']],
    ['İstanbul', 'İSTANBUL', ['İSTANBUL']],
  ])('%j is found in %j', (secret, text, expected) => {
    expect(found([[secret, true]], text)).toEqual(expected);
  });

  it('with punctuation is found as it is', () => {
    const secrets: [string, boolean][] = [['a-b/c', false]];
    expect(found(secrets, 'x A-B/C, ab c')).toEqual(['A-B/C']);
  });

  it('is one with what it overlaps or touches', () => {
    const secrets: [string, boolean][] = [
      ['424242', true],
      ['4242-1', false],
      ['7777', true],
    ];
    expect(found(secrets, '7777 424242-17777 or 7777')).toEqual(['7777', '424242-17777', '7777']);
  });
});

describe('a redactor', () => {
  it.each([
    ['of four thousand letters of another script', 'αβγδ εζη '.repeat(600).slice(0, 4_096)],
    ['of four thousand that are encoded', 'a=%7B%22b%22%3A1%2C'.repeat(300).slice(0, 4_096)],
  ])('bears a secret %s', (_, secret) => {
    const redactor = createRedactor();
    expect(redactor.redact({ ticket: secret, echo: `<${secret.slice(0, 900)}` })).toBeTruthy();
    expect(redactor.redact({ code: 'kitten1x', echo: 'kitten1x' })).toEqual({
      code: REDACTED,
      echo: REDACTED,
    });
  });

  it('learns from one address after the other', () => {
    const urls = Array.from(
      { length: 60 },
      (_, n) => `https://example.com/?token=abc${n * 7919}def`,
    );
    const shown = createRedactor().redact(urls);
    expect(new Set(shown as string[])).toEqual(new Set([`https://example.com/?token=${REDACTED}`]));
  });
});
