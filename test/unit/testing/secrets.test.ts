import { expect, it } from 'vitest';
import { findSecrets } from '../../../src/testing/index.ts';

const CODE = '131212';

it('a secret is found in a text, a key, a map, a cause and behind a symbol, and is not told', () => {
  const observed: [string, unknown][] = [
    ['a text', `code ${CODE}`],
    ['a key', { [CODE]: 1 }],
    ['a map', new Map([['code', CODE]])],
    ['a cause', new Error('outer', { cause: new Error(CODE) })],
    ['a symbol', { [Symbol('hidden')]: [CODE] }],
  ];
  for (const one of observed) {
    const found = findSecrets([one], [CODE]);
    expect(found, one[0]).not.toEqual([]);
    expect(found.join()).not.toContain(CODE);
  }
});

it('the number that XState gives to an actor is no secret, although it has the same digits', () => {
  expect(findSecrets([['an actor', { sessionId: `x:${CODE}` }]], [CODE])).toEqual([]);
  expect(findSecrets([['a text', `x:${CODE}!`]], [CODE])).not.toEqual([]);
});
