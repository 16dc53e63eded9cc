import { partOf } from './json.ts';
import type { InspectorMessage, SnapshotMessage } from './messages.ts';
import { OWN_MACHINE } from './second-factor-shapes.ts';
import type { Session } from './session.ts';
import { isKind, type Json, REST } from './show.ts';
import { stateText, tellRefusal } from './why.ts';

/** What somebody, or another part of a program, may send. */
const SENT = ['SELECT', 'PREPARE', 'ATTEMPT', 'CANCEL', 'SIGN_IN.CHANGED'];

/**
 * Writes a test for vitest that replays the first second-factor flow of a session on the testing kit:
 * what was sent, what was answered, and how long it took. It passes as far as the flow went well, and
 * fails where it got stuck.
 *
 * @param session - as `recordSession` and the viewer have it
 * @throws Error where the session has no such flow
 */
export function sessionTest({ messages }: Session): string {
  const isFlow = (one: InspectorMessage) =>
    one.type === '@xstate.actor' && one.chart?.id === OWN_MACHINE;
  const { sessionId } = messages.find(isFlow) ?? {};
  const [first, ...steps] = messages.filter(
    (message): message is SnapshotMessage =>
      message.type === '@xstate.snapshot' &&
      message.sessionId === sessionId &&
      message.snapshot.status !== 'stopped',
  );
  if (!first) throw new Error('No second-factor flow was recorded.');
  const wrong = wentWrong([first, ...steps]);
  const last = wrong.index === -1 ? steps.length : wrong.index;
  let before = first;
  const lines = steps.slice(0, last).flatMap((step, index) => {
    const told = replay(before, step);
    before = step;
    return index + 1 === wrong.index
      ? [...told, '']
      : [...told, expected('toBe', stateOf(step)), ''];
  });
  const context = partOf(first.snapshot.context);
  const input = partOf(first.event.input);
  const { signIn = context.signIn, factor } = input;
  const start = wrong.index === 0 ? [] : [expected('toBe', stateOf(first))];
  const body = indent([...start, '', ...lines, ...wrong.expected, 'flow.stop();']);
  const used = (name: string, line: string) => (body.includes(name) ? line : '');
  return `// Recorded on ${timeText(Number(first.createdAt))}. What was not shown then is told by its kind, such as ‹text›.
import { createSecondFactor${used('oneTimeCode', ', oneTimeCode')}${used('SecondFactorError', ', SecondFactorError')} } from 'second-factor';
import { SimulatedTime, ${used('settlePromises', 'settlePromises, ')}stateName } from 'second-factor/testing';
import { expect, it } from 'vitest';

it(${literal(wrong.title)}, async () => {
  const time = new SimulatedTime(${Number(context.now)});
  const asked: { resolve(signIn: object): void; reject(error: unknown): void }[] = [];
  const ask = () => new Promise<object>((resolve, reject) => asked.push({ resolve, reject }));
  const flow = createSecondFactor({
    signIn: ${literal(signIn)},${factor === undefined ? '' : `\n    factor: ${literal(factor)},`}
    options: ${literal(context.options)},
    services: { prepareSecondFactor: ask, attemptSecondFactor: ask, reloadSignIn: ask },
    clock: time,
    now: time.now,
  });
  const state = () => stateName(flow.actor.getSnapshot());
${body}
});
`;
}

/** What makes the step happen again. */
function replay(before: SnapshotMessage, step: SnapshotMessage): string[] {
  const { event, refusal } = step;
  const passed = Math.max(0, Number(step.createdAt) - Number(before.createdAt));
  const wait = `await time.advance(${event.type.startsWith('xstate.after.') ? passed + 5 : passed});`;
  const [, end] = /^xstate\.(done|error)\.actor\./.exec(event.type) ?? [];
  const settle = (how: string) => [wait, `asked.pop()?.${how};`, 'await settlePromises();'];
  if (end === 'done') return settle(`resolve(${literal(partOf(event.output).signIn)})`);
  if (end === 'error') {
    const { code, retryAt, attemptsLeft } = partOf(partOf(event.error).error);
    const more = literal({ retryAt, attemptsLeft });
    return settle(`reject(new SecondFactorError(${literal(code)}, ${more}))`);
  }
  if (!SENT.includes(event.type)) return [wait];
  const { type, code, at, ...rest } = event;
  const isMalformed = refusal?.fact?.startsWith('the code') ?? false;
  const sent = [`type: '${type}'`];
  for (const [name, value] of Object.entries(rest))
    sent.push(`${literal(name)}: ${literal(value)}`);
  if (code !== undefined)
    sent.push(`code: oneTimeCode('${isMalformed ? '' : codeFor(step, before)}')`);
  if (at !== undefined) sent.push('at: time.now()');
  return [wait, `flow.actor.send({ ${sent.join(', ')} });`];
}

/** Any code of the right form: whether it was the right one, the answer says. */
function codeFor({ event }: SnapshotMessage, { snapshot }: SnapshotMessage): string {
  const { factor, options } = partOf(snapshot.context);
  const { strategy } = { ...partOf(factor), ...partOf(event.factor) };
  const { length } = partOf(partOf(partOf(options).strategies)[String(strategy)]);
  return '0'.repeat(typeof length === 'number' ? length : 8);
}

/** Where a run left the way to its end, and what should have been instead. */
function wentWrong(steps: readonly SnapshotMessage[]) {
  const last = steps.at(-1);
  const state = last ? stateOf(last) : '';
  const isBad = (step: SnapshotMessage) =>
    step.refusal !== undefined || /^(?:failed|halted)/.test(stateOf(step));
  if (state === 'complete') return { index: -1, title: 'completes as it did', expected: [] };
  const good = steps.findLastIndex((step) => !isBad(step));
  if (!last || good === steps.length - 1) {
    const lines = [`// Nothing came after this.`, expected('toBe', 'complete')];
    return { index: -1, title: `goes on from ${state}`, expected: lines };
  }
  const bad = steps[good + 1] ?? last;
  const { error } = partOf(bad.snapshot.context);
  const why = bad.refusal ? tellRefusal(bad.refusal, timeText) : String(partOf(error).code ?? '');
  const what = bad.refusal ? `takes ${bad.event.type}` : `does not end in ${stateOf(bad)}`;
  const lines = [
    `// It went wrong here: ${why.replace(/\s+/g, ' ')}`,
    expected('not.toBe', stateOf(bad)),
  ];
  return { index: good + 1, title: what, expected: lines };
}

/** A session may come from anywhere: what it says becomes texts of the test, and never more. */
function expected(how: 'toBe' | 'not.toBe', state: string): string {
  return `expect(state()).${how}(${literal(state)});`;
}

function stateOf({ snapshot }: SnapshotMessage): string {
  return stateText(snapshot.value ?? snapshot.status);
}

function timeText(at: number): string {
  return new Date(at).toISOString();
}

/** Data as source text, without what stands for fields that were not shown. */
function literal(value: Json | undefined | object): string {
  const drop = (name: string, inner: unknown) =>
    name === REST || isKind(name) ? undefined : inner;
  return JSON.stringify(value ?? null, drop);
}

function indent(lines: readonly string[]): string {
  return lines.map((line) => (line ? `  ${line}` : '')).join('\n');
}
