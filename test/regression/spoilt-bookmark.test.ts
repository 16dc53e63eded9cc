/**
 * A bookmark named every factor as `unavailable`. The flow ended on each reload, and nobody could sign in with that
 * tab any more.
 */
import { expect, it } from 'vitest';
import { factorKey } from '../../machines/factors.ts';
import { usableFactors } from '../../machines/second-factor.facts.ts';
import { startFlow } from '../support/flow.ts';
import { ALL_FACTORS, TOTP } from '../support/sign-ins.ts';

const keys = ALL_FACTORS.map((factor) => factorKey(factor));
const resume = (unavailable: string[]) =>
  startFlow({ resume: { ...startFlow().bookmark(), unavailable } });

it('a bookmark that leaves no factor takes none away', () => {
  const flow = resume(keys);
  expect(flow.state()).toBe('needs_second_factor');
  expect(flow.context()).toMatchObject({ factor: TOTP, unavailable: [] });
});

it('a bookmark that leaves one factor is believed, however often it names the others', () => {
  const others = keys.filter((key) => key !== 'totp');
  const flow = resume([...others, ...others]);
  expect(usableFactors(flow.context())).toEqual([TOTP]);
});
