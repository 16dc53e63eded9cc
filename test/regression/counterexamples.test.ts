/** Counterexamples that the properties have found, each told as a short story. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  runSecondFactor,
  type SecondFactorCommand,
  secondFactorCommands,
} from '../../src/testing/commands.ts';
import { sandboxWorld } from '../../src/testing/world.ts';

const FACTORS = sandboxWorld().factors;

/** Finds commands by their names among those that a run may draw. */
function story(...names: string[]): SecondFactorCommand[] {
  const found = new Map<string, SecondFactorCommand>();
  const commands = secondFactorCommands({ factors: FACTORS });
  for (const list of fc.sample(commands, { numRuns: 1_000, seed: 1 })) {
    for (const command of list) found.set(`${command}`, command);
  }
  return names.map((name) => {
    const command = found.get(name);
    if (!command) throw new Error(`No run says "${name}": ${[...found.keys()].join(', ')}`);
    return command;
  });
}

describe('a run', () => {
  it('may end complete after a wrong code, if the reply to an earlier right one was lost', async () => {
    const world = sandboxWorld({ seed: 0 });
    await runSecondFactor(
      world,
      story(
        '(next: sent twice, last answer)',
        '(next: reply lost)',
        'ATTEMPT backup_code right code',
        'ATTEMPT totp wrong code',
      ),
    );
    // It is that story only if the flow made both attempts, and the second one ended it.
    expect(world.requests()).toMatchObject({ attempt: 2 });
    expect(world.driver.state()).toBe('complete');
  });
});
