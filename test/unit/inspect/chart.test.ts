import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { secondFactorMachine } from '../../../machines/second-factor.machine.ts';
import { chartOf, xstate5Config } from '../../../src/inspect/chart.ts';
import { toyMachine } from './toy-machine.ts';

const { chart: toy } = chartOf(toyMachine);
const { chart: own } = chartOf(secondFactorMachine);

/** What of a transition must survive every spelling. */
const essence = (chart: typeof toy) =>
  chart.transitions
    .map(({ source, targets, kind, guard }) => ({ source, targets, kind, guard }))
    .sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));

describe('the chart of a machine', () => {
  it('has every state, nested ones too', () => {
    expect(toy.nodes.map(({ id }) => id)).toEqual([
      'toy',
      'toy.code',
      'toy.busy',
      'toy.busy.first',
      'toy.busy.checking',
      'toy.end',
      'toy.gone',
    ]);
    expect(toy.nodes[0]?.initial).toBe('toy.code');
  });

  it('has events, always, delays and the ends of what is invoked', () => {
    const from = (source: string) => toy.transitions.filter((t) => t.source === source);
    expect(from('toy.code')[0]).toMatchObject({
      label: 'SUBMIT',
      guard: 'isLongEnough',
      targets: ['toy.busy'],
      actions: ['keepCode'],
    });
    expect(from('toy.busy.first')[0]).toMatchObject({
      kind: 'always',
      targets: ['toy.busy.checking'],
    });
    expect(from('toy.busy')[0]).toMatchObject({ kind: 'after', label: 'after 30 s' });
    expect(from('toy.busy.checking').map(({ kind, targets }) => [kind, targets])).toEqual([
      ['done', ['toy.end']],
      ['error', ['toy.code']],
    ]);
  });

  it('tells guards apart by what they are given, as far as it stands in the machine', () => {
    const guards = [
      { type: 'failedAs', params: { kind: 'halted' } },
      { type: 'failedAs', params: 'spent' },
      { type: 'isBetween', params: { min: 3, max: [9] } },
      { type: 'failedAs', params: () => ({ kind: 'unknown' }) },
      { type: 'failedAs' },
    ];
    const machine = createMachine({ id: 'm', on: { GO: guards.map((guard) => ({ guard })) } });
    expect(chartOf(machine).chart.transitions.map(({ guard }) => guard)).toEqual([
      'failedAs(halted)',
      'failedAs(spent)',
      'isBetween(min: 3, max: [9])',
      'failedAs',
      'failedAs',
    ]);
  });

  it('leaves out what XState adds for itself', () => {
    expect(toy.nodes.flatMap(({ entry, exit }) => [...entry, ...exit])).toEqual([]);
  });

  it('knows the transitions that the machine takes', () => {
    const { chart, idOf } = chartOf(toyMachine);
    const [submit] = toyMachine.root.states.code?.transitions.get('SUBMIT') ?? [];
    expect(submit && idOf(submit)).toBe(
      chart.transitions.find(({ label }) => label === 'SUBMIT')?.id,
    );
  });
});

describe.each([
  ['the toy', toy],
  ['the second-factor machine', own],
])('the config of %s', (_, chart) => {
  it('is one that XState 5 takes and means the same by', () => {
    const config = JSON.parse(JSON.stringify(xstate5Config(chart)));
    expect(essence(chartOf(createMachine(config)).chart)).toEqual(essence(chart));
  });
});
