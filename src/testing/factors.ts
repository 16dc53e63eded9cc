import type { PrepareSecondFactorParams } from '../services.ts';
import type { SecondFactor } from '../sign-in.ts';
import { factorIdField, STRATEGIES, type Strategies, strategyOf } from '../strategies.ts';

/** The strategies of a flow: those of its host, beside the built-in ones. */
export function allStrategies(registered: Strategies | undefined): Strategies {
  return { ...STRATEGIES, ...registered };
}

/** What names a factor in a request: its strategy, and the id of its target where there can be several. */
export function paramsOf(factor: SecondFactor, strategies: Strategies): PrepareSecondFactorParams {
  const { strategy } = factor;
  const field = factorIdField(strategies, strategy);
  const id = field === undefined ? undefined : factor[field];
  return field !== undefined && typeof id === 'string' ? { strategy, [field]: id } : { strategy };
}

/** Whether something has to be sent before a code of this factor can be attempted. */
export function needsPreparation({ strategy }: SecondFactor, strategies: Strategies): boolean {
  return strategyOf(strategies, strategy)?.needsPreparation === true;
}
