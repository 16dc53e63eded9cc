import { describe, expect, it, vi } from 'vitest';
import { createActor } from 'xstate';
import { oneTimeCode } from '../../../machines/one-time-code.ts';
import { recordSession, type Shape, show, describe as tell } from '../../../src/inspect/index.ts';
import { fillIn, showEverything, showFields } from '../../../src/inspect/show.ts';
import { toyMachine } from './toy-machine.ts';

describe('what no shape names', () => {
  it.each<[unknown, unknown]>([
    ['hunter2', '‹text›'],
    ['', '‹text›'],
    [424_242, '‹number›'],
    [true, '‹boolean›'],
    [7n, '‹bigint›'],
    [Symbol('hunter2'), '‹symbol›'],
    [[...'424242'], '‹list of 6›'],
    [{ hunter2: true }, '‹object›'],
    [new Map([['hunter2', 1]]), '‹object›'],
    [new TypeError('hunter2'), '‹TypeError›'],
    [Object.assign(new Error('x'), { name: 'hunter2' }), '‹error›'],
    [() => 'hunter2', '‹function›'],
    [oneTimeCode('424242'), '‹object›'],
    [null, null],
    [undefined, null],
  ])('%o is told by its kind', (value, told) => {
    expect(show(value)).toEqual(told);
  });

  it('is counted in a record, and has its name told in a context or an event', () => {
    const value = { step: 2, password: 'hunter2', 'joe@example.com': 1 };
    expect(show(value, { step: true })).toEqual({ step: 2, '…': '2 more' });
    expect(showFields(value, { step: true })).toEqual({
      step: 2,
      password: '‹text›',
      '…': '1 more',
    });
  });

  it('is not read', () => {
    const read = vi.fn(() => 'hunter2');
    const value = Object.defineProperty({ step: 1 }, 'secret', { get: read, enumerable: true });
    show(value, { step: true });
    expect(read).not.toHaveBeenCalled();
  });
});

describe('what a shape names', () => {
  it.each<[unknown, Shape, unknown]>([
    ['pay', true, 'pay'],
    [Number.NaN, true, '‹number›'],
    [-0, true, 0],
    [12n, true, '12'],
    [new Date(0), true, '1970-01-01T00:00:00.000Z'],
    [new Date(Number.NaN), true, null],
    [{ id: 1 }, true, '‹object›'],
    [[{ id: 1, name: 'x' }], [{ id: true }], [{ id: 1, '…': '1 more' }]],
    [{ a: { id: 1 } }, [{ id: true }], { a: { id: 1 } }],
    ['text', [true], '‹text›'],
    ['text', { id: true }, '‹text›'],
    [4242, (value: unknown) => String(value).slice(-2), '42'],
    [{ id: undefined }, { id: true }, {}],
    [Object.create({ id: 1 }), { id: true }, { id: 1 }],
    [new RangeError('no'), { message: true }, { message: 'no' }],
    [JSON.parse('{"__proto__":1,"id":2}'), { id: true }, { id: 2, '…': '1 more' }],
  ])('%o by %o', (value, shape, told) => {
    expect(show(value, shape)).toEqual(told);
  });

  it('is bounded', () => {
    expect(String(show('x'.repeat(9_000), true))).toHaveLength(2_001);
    expect(show(Array(9_000).fill(1), [true])).toHaveLength(200);
    const wide = Object.fromEntries(Array.from({ length: 9_000 }, (_, n) => [`k${n}`, n]));
    expect(Object.keys(Object(show(wide, [true])))).toHaveLength(201);
  });

  it('may throw when it is read', () => {
    const hostile = {
      get id(): never {
        throw new Error('hunter2');
      },
      step: 1,
    };
    expect(show(hostile, { id: true, step: true })).toEqual({ id: '‹unreadable›', step: 1 });
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(show(proxy, { id: true })).toBe('‹unreadable›');
    expect(show(proxy)).toBe('‹unreadable›');
  });
});

describe('everything', () => {
  it('is shown up to a bound', () => {
    const cycle: Record<string, unknown> = { list: [new Set(['a'])], at: new Map([['b', 1n]]) };
    cycle.self = cycle;
    expect(showEverything({ ...cycle, error: new Error('no', { cause: 'yes' }) })).toEqual({
      list: [['a']],
      at: { b: '1' },
      self: { list: [['a']], at: { b: '1' }, self: '‹object›' },
      error: { name: 'Error', message: 'no', cause: 'yes' },
    });
  });

  it('is shown of a host’s actors where it says so, aloud, and of a code not even then', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { inspect, session } = recordSession({ showAll: true });
    const actor = createActor(toyMachine, { inspect }).start();
    actor.send({ type: 'SUBMIT', code: 'kitten1' });
    actor.stop();
    expect(JSON.stringify(session())).toContain('kitten1');
    expect(warn.mock.calls).toEqual([[expect.stringContaining('shows everything')]]);
    warn.mockRestore();
    expect(JSON.stringify(showEverything({ code: oneTimeCode('kitten1') }))).not.toContain(
      'kitten',
    );
  });
});

describe('a host’s actor', () => {
  it('is shown by the shape that it has been given, on every way alike', () => {
    const shapes: Record<string, Shape> = {
      toy: { deadlines: [true], code: (code) => String(code).length },
    };
    const { inspect, session } = recordSession({ shapes });
    const actor = createActor(toyMachine, { inspect }).start();
    actor.send({ type: 'SUBMIT', code: 'kitten1' });
    const said = JSON.stringify(session());
    expect(said).toContain('"deadlines":{"hold":1764000005000}');
    expect(said).toContain('{"type":"SUBMIT","code":7}');
    expect(said).not.toContain('kitten1');
    expect(tell(actor.getSnapshot(), { shapes })).toContain('deadline  hold');
    actor.stop();
  });

  it('that is no machine is shown by its name', () => {
    const { inspect, session } = recordSession({ shapes: { check: { code: true } } });
    const actor = createActor(toyMachine, { inspect }).start();
    actor.send({ type: 'SUBMIT', code: 'kitten1' });
    expect(JSON.stringify(session())).toContain('"input":{"code":"kitten1"}');
    actor.stop();
  });
});

describe('what was not shown', () => {
  const shape = { type: true, list: [{ id: true }], name: true } as const;
  const original = { type: 'A', list: [{ id: 1, secret: 'x' }], name: 'n', date: new Date(0) };
  const shown = showFields(original, shape);

  it('is put back where it was', () => {
    expect(fillIn(structuredClone(shown), shown, original)).toBe(original);
    const edited = { ...(structuredClone(shown) as object), name: 'm' };
    expect(fillIn(edited, shown, original)).toEqual({ ...original, name: 'm' });
    const deep = { type: 'A', list: [{ id: 2, '…': '1 more' }] };
    expect(fillIn(deep, shown, original)).toEqual({ type: 'A', list: [{ id: 2, secret: 'x' }] });
  });

  it('is sent by no kind that stands for nothing', () => {
    expect(() => fillIn({ type: 'A', other: '‹text›' }, shown, original)).toThrow('not shown');
    expect(() => fillIn({ code: '‹text›' }, undefined, undefined)).toThrow('not shown');
  });
});
