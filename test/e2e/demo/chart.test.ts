import { expect, it } from 'vitest';
import { createMachine } from 'xstate';
import {
  ARROWS,
  arrowFor,
  assertDrawn,
  BOXES,
  CHART_SIZE,
} from '../../../docs/demo/panels/chart-layout.ts';
import { secondFactorMachine } from '../../../machines/second-factor.machine.ts';

type Machine = Parameters<typeof assertDrawn>[0];

it('draws every state and every way of the machine', () => {
  expect(() => assertDrawn(secondFactorMachine)).not.toThrow();
});

it('notices a machine that has drifted from its picture', () => {
  const drifted = createMachine({
    initial: 'preparing',
    states: { preparing: { on: { SKIP: 'skipped' } }, skipped: {} },
  }) as unknown as Machine;

  expect(() => assertDrawn(drifted)).toThrow(
    /skipped has no box.*prepared is no state of the machine.*preparing → skipped is not drawn.*preparing → prepared is no way/s,
  );
});

it('keeps the boxes inside the picture, and children inside their parents', () => {
  for (const [path, box] of Object.entries(BOXES)) {
    const parent = BOXES[path.split('.').slice(0, -1).join('.')] ?? { x: 0, y: 0, ...CHART_SIZE };
    expect(box.x, path).toBeGreaterThanOrEqual(parent.x);
    expect(box.y, path).toBeGreaterThanOrEqual(parent.y);
    expect(box.x + box.width, path).toBeLessThanOrEqual(parent.x + parent.width);
    expect(box.y + box.height, path).toBeLessThanOrEqual(parent.y + parent.height);
  }
});

it('finds the arrow between the children of two states', () => {
  expect(arrowFor('attempting.sending', 'failed.code_rejected')).toMatchObject({
    from: 'attempting',
    to: 'failed',
  });
  expect(arrowFor('prepared', 'halted')).toBeUndefined();
  expect(new Set(ARROWS.map(({ path }) => path)).size).toBe(ARROWS.length);
});
