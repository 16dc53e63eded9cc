import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { secondFactorMachine } from '../../../machines/second-factor.machine.ts';
import { chartOf } from '../../../src/inspect/chart.ts';
import {
  baselineOf,
  CHARACTER_PX,
  columnsOf,
  type Layout,
  LINE_PX,
  layOut,
  linesOf,
  PAD_PX,
  titleWidth,
} from '../../../src/inspect/viewer/layout.ts';
import { editorMachine, orderMachine } from '../../e2e/inspect/other-machines.ts';
import { toyMachine } from './toy-machine.ts';

type Rect = readonly [left: number, top: number, right: number, bottom: number];

/** Where a chart has text. */
function textsOf(chart: ReturnType<typeof chartOf>['chart'], { boxes }: Layout): Rect[] {
  return chart.nodes.flatMap((node): Rect[] => {
    const [x, y] = boxes.get(node.id) ?? [0, 0];
    const lines = linesOf(chart, node);
    const { end } = columnsOf(lines);
    const left = x + PAD_PX;
    return [
      [left, y + 9, left + titleWidth(node), y + 24],
      ...lines.map((_, index): Rect => {
        const bottom = y + baselineOf(index) + 3;
        return [left, bottom - LINE_PX + 4, left + end * CHARACTER_PX, bottom];
      }),
    ];
  });
}

const machines = [
  ['our machine', secondFactorMachine],
  ['the toy', toyMachine],
  ['the editor', editorMachine],
  ['the order', orderMachine],
  [
    'arrows from and to the inside',
    createMachine({
      id: 'm',
      initial: 'a',
      states: {
        a: {
          initial: 'one',
          states: { one: { on: { OUT: '#m.b.two' } }, two: { on: { UP: '#m.a', OUT: '#m.b' } } },
        },
        b: {
          initial: 'one',
          states: { one: { on: { BACK: '#m.a.two', NEXT: 'two' } }, two: { on: { BACK: '#m.a' } } },
        },
      },
    }),
  ],
] as const;

describe.each(machines)('the layout of %s', (_, machine) => {
  const { chart } = chartOf(machine);
  const layout = layOut(chart);

  it('leads no arrow through a text', () => {
    const texts = textsOf(chart, layout);
    expect(layout.arrows.length).toBeGreaterThan(0);
    for (const { transition, points } of layout.arrows) {
      for (const [index, [x, y]] of points.entries()) {
        const [tx, ty] = points[index + 1] ?? [x, y];
        const [left, right] = [Math.min(x, tx), Math.max(x, tx)];
        const [top, bottom] = [Math.min(y, ty), Math.max(y, ty)];
        const crossed = texts.filter(
          (text) => left < text[2] && right > text[0] && top < text[3] && bottom > text[1],
        );
        expect(crossed, transition).toEqual([]);
      }
    }
  });

  it('has every state inside of its parent, and no two over one another', () => {
    for (const node of chart.nodes) {
      const [x, y, width, height] = layout.boxes.get(node.id) ?? [0, 0, 0, 0];
      const parent = layout.boxes.get(node.parent ?? '');
      if (!parent) continue;
      expect(x).toBeGreaterThan(parent[0]);
      expect(x + width).toBeLessThan(parent[0] + parent[2]);
      expect(y + height).toBeLessThanOrEqual(parent[1] + parent[3]);
      for (const other of chart.nodes) {
        if (other.parent !== node.parent || other.id === node.id) continue;
        const [, top, , tall] = layout.boxes.get(other.id) ?? [0, 0, 0, 0];
        expect(y + height <= top || top + tall <= y).toBe(true);
      }
    }
  });

  it('has room for every text', () => {
    const right = (id: string) => {
      const [x, , width] = layout.boxes.get(id) ?? [0, 0, 0];
      return x + width;
    };
    const furthest = Math.max(...textsOf(chart, layout).map((text) => text[2]));
    expect(furthest).toBeLessThan(right(chart.id));
  });

  it('has a lane of its own for each target where ways would overlap', () => {
    const ways = layout.arrows.map(({ points: [, from, to, end] }) => ({
      x: from?.[0] ?? 0,
      top: Math.min(from?.[1] ?? 0, to?.[1] ?? 0),
      bottom: Math.max(from?.[1] ?? 0, to?.[1] ?? 0),
      end: end?.join(),
    }));
    for (const one of ways) {
      for (const other of ways) {
        if (one.end === other.end || one.x !== other.x) continue;
        expect(one.bottom < other.top || other.bottom < one.top).toBe(true);
      }
    }
  });
});
