import { expect, it } from 'vitest';
import { findStrategy, STRATEGIES } from '../../machines/strategies.ts';

it('no strategy is found by what objects inherit', () => {
  expect(findStrategy(STRATEGIES, 'toString')).toBeUndefined();
  expect(findStrategy(STRATEGIES, '__proto__')).toBeUndefined();
});
