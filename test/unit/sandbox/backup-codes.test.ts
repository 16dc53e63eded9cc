import { describe, expect, it } from 'vitest';
import { createSandbox } from '../../../src/sandbox/index.ts';
import { enter, refusalOf, simulate } from './support.ts';

describe('backup codes', () => {
  it('are ten different ones', () => {
    const { sandbox } = simulate();
    expect(new Set(sandbox.backupCodes).size).toBe(10);
  });

  it.each([0.3, 1, Number.NaN])('have eight characters even where the source gives %d', (drawn) => {
    expect(simulate({ random: () => drawn }).sandbox.backupCodes[0]).toMatch(/^[2-9a-z]{8}$/);
  });

  it('have eight characters that people do not misread', () => {
    for (const code of simulate().sandbox.backupCodes) expect(code).toMatch(/^[2-9a-km-np-z]{8}$/);
  });

  it('are ten different ones even where the source repeats itself', () => {
    expect(new Set(simulate({ random: () => 0 }).sandbox.backupCodes).size).toBe(10);
  });

  it('complete the sign-in and are used up one by one', async () => {
    const { sandbox } = simulate();
    const code = sandbox.backupCodes[3] ?? '';
    expect((await enter(sandbox).attempt('backup_code', code)).status).toBe('complete');
    expect(sandbox.backupCodes).toHaveLength(9);
    expect(sandbox.backupCodes).not.toContain(code);
  });

  it('are accepted once', async () => {
    const { sandbox } = simulate();
    const code = sandbox.backupCodes[0] ?? '';
    await enter(sandbox).attempt('backup_code', code);
    expect(await refusalOf(enter(sandbox).attempt('backup_code', code))).toBe(
      '422 form_code_incorrect',
    );
  });

  it('are not available when the last one is used', async () => {
    const sandbox = createSandbox({ users: [{ identifier: 'a', backupCodes: ['only-one'] }] });
    const [first, second] = [enter(sandbox), enter(sandbox)];
    await first.attempt('backup_code', 'only-one');
    expect(await refusalOf(second.attempt('backup_code', 'only-one'))).toBe(
      '400 backup_codes_not_available',
    );
  });
});
