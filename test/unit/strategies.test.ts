import { expect, it } from 'vitest';
import { findStrategy, STRATEGIES } from '../../machines/strategies.ts';

it('no inherited name is a strategy', () => {
  expect(findStrategy(STRATEGIES, 'toString')).toBeUndefined();
  expect(findStrategy(STRATEGIES, '__proto__')).toBeUndefined();
});
