/** A host registered a strategy with `length: -1`, and `connect` threw. */
import { expect, it } from 'vitest';
import { connect } from '../../src/index.ts';
import { startFlow } from '../support/flow.ts';
import { signIn } from '../support/sign-ins.ts';

const LENGTHS = [-1, 0, 1.5, 65, 1e9, Number.NaN, Number.POSITIVE_INFINITY, '6'];

it.each(LENGTHS)('a code of %s digits is free text', (length) => {
  const pager = { needsPreparation: false, proof: 'code', length: length as number } as const;
  const { actor } = startFlow({
    signIn: signIn({ supportedSecondFactors: [{ strategy: 'pager' }] }),
    options: { strategies: { pager } },
  });
  const view = connect(actor.getSnapshot(), actor.send);
  expect(view.codeInputProps()).toMatchObject({ inputMode: 'text', pattern: '.*' });
  expect(view.can.attempt).toBe(true);
});
