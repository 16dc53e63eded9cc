import { expect, it } from 'vitest';
import { descriptions } from '../../machines/second-factor.descriptions.ts';

// XState resolves every target when a machine is made. This test loads the machine inside of the test, so that
// a wrong target fails here, and not only in the files that import the machine.
it('the machine can be made, and each of its states has a description', async () => {
  const { secondFactorMachine } = await import('../../machines/second-factor.machine.ts');
  const idsOf = (node: { id: string; states: Record<string, unknown> }): string[] => [
    node.id,
    ...Object.values(node.states).flatMap((child) => idsOf(child as typeof node)),
  ];
  const [root, ...states] = idsOf(secondFactorMachine.root);
  expect(root).toBe('secondFactor');
  // The description of its parent fits `sending`, too.
  const told = states.filter((id) => id !== 'secondFactor.attempting.sending');
  expect(Object.keys(descriptions).sort()).toEqual(told.sort());
  for (const text of Object.values(descriptions)) expect(text).toMatch(/^[A-Z].+\.$/);
});
