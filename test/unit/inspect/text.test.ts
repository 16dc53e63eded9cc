import { expect, describe as group, it } from 'vitest';
import { createActor, SimulatedClock } from 'xstate';
import type { Shape } from '../../../src/inspect/index.ts';
import { describe, logTransitions } from '../../../src/inspect/text.ts';
import { toyMachine } from './toy-machine.ts';

const NOW = 1_764_000_000_000;
const shapes: Record<string, Shape> = { toy: { deadlines: [true] } };

async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
}

/** Lines without their times. */
function logged() {
  const lines: string[] = [];
  const inspect = logTransitions({ write: (line) => lines.push(line.slice(13)) });
  const actor = createActor(toyMachine, { inspect, clock: new SimulatedClock() });
  actor.subscribe({ error: () => {} });
  return { lines, actor: actor.start() };
}

group('describe', () => {
  it('tells the state, what can be sent, the deadlines and the context', () => {
    const actor = createActor(toyMachine).start();
    expect(describe(actor.getSnapshot(), { now: NOW, shapes })).toBe(
      [
        'toy: code',
        '  accepts   CANCEL, THROW',
        '  maybe     SUBMIT',
        '  deadline  hold in 5 s',
      ].join('\n'),
    );
  });

  it('tells kinds of what no shape names', () => {
    const actor = createActor(toyMachine).start();
    expect(describe(actor.getSnapshot())).toContain('context   deadlines = ‹object›');
  });

  it('shows no secret of the context', () => {
    const actor = createActor(toyMachine, { clock: new SimulatedClock() }).start();
    actor.send({ type: 'SUBMIT', code: 'kitten' });
    const text = describe(actor.getSnapshot());
    expect(text).toContain('toy: busy.checking');
    expect(text).not.toContain('kitten');
  });

  it('tells when a deadline has passed and when the machine is done', () => {
    const actor = createActor(toyMachine).start();
    actor.send({ type: 'CANCEL' });
    const text = describe(actor.getSnapshot(), { now: NOW + 6_000, shapes });
    expect(text).toContain('toy: gone (done)');
    expect(text).toContain('hold passed');
  });
});

group('logTransitions', () => {
  it('writes one line a transition and the life of what is invoked', async () => {
    const { lines, actor } = logged();
    actor.send({ type: 'SUBMIT', code: 'badkitten1' });
    await settled();
    actor.send({ type: 'SUBMIT', code: 'kitten1' });
    await settled();
    expect(lines).toEqual([
      'toy  code',
      '  check started',
      'toy  code ── SUBMIT ─▶ busy.checking',
      'toy  busy.checking ── check error ─▶ code',
      '  check error: ‹error›',
      '  check started',
      'toy  code ── SUBMIT ─▶ busy.checking',
      'toy  busy.checking ── check done ─▶ end (done)',
      '  check done',
    ]);
  });

  it('writes what was refused, and what stopped', () => {
    const { lines, actor } = logged();
    actor.send({ type: 'SUBMIT', code: 'short' });
    actor.send({ type: 'SUBMIT', code: 'kitten1' });
    actor.stop();
    expect(lines.slice(1)).toEqual([
      'toy  code ── SUBMIT refused: isLongEnough said no',
      '  check started',
      'toy  code ── SUBMIT ─▶ busy.checking',
      '  check stopped',
      'toy  busy.checking stopped',
    ]);
  });

  it('writes an action that threw, of which XState shows no snapshot', async () => {
    const { lines, actor } = logged();
    actor.send({ type: 'THROW' });
    await settled();
    expect(lines.at(-1)).toBe('toy  code ── THROW ─▶ failed: ‹error›');
  });

  it('goes on when writing fails', () => {
    const inspect = logTransitions({
      write() {
        throw new Error('disk full');
      },
    });
    const actor = createActor(toyMachine, { inspect }).start();
    actor.send({ type: 'CANCEL' });
    expect(actor.getSnapshot().value).toBe('gone');
  });
});
