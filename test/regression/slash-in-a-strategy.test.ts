/** The strategy `push/work` had the same key as the factor `work` of the strategy `push`. */
import { expect, it } from 'vitest';
import { startFlow } from '../support/flow.ts';
import { sent, signIn } from '../support/sign-ins.ts';

it('a slash in the name of a strategy begins no id', async () => {
  const code = { needsPreparation: true, proof: 'code' } as const;
  const supportedSecondFactors = [
    { strategy: 'push', deviceId: 'work' },
    { strategy: 'push/work' },
    { strategy: 'push%2Fwork' },
  ];
  const flow = startFlow({
    signIn: signIn({ supportedSecondFactors }),
    options: {
      liveDeliveries: 'many',
      strategies: {
        push: { ...code, idField: 'deviceId' },
        'push/work': code,
        'push%2Fwork': code,
      },
    },
  });
  for (const factor of supportedSecondFactors) {
    flow.send({ type: 'PREPARE', factor, at: flow.now() });
    await flow.last().resolve({ ...sent(factor.strategy), supportedSecondFactors });
  }
  expect(flow.requests.map(({ params }) => params)).toEqual(supportedSecondFactors);
  expect(Object.keys(flow.bookmark().deliveries)).toHaveLength(3);
});
