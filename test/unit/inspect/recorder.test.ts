import { describe, expect, it, vi } from 'vitest';
import { createActor, createMachine, fromPromise, type InspectionEvent, spawnChild } from 'xstate';
import { createSecondFactor } from '../../../src/index.ts';
import type { InspectorMessage } from '../../../src/inspect/index.ts';
import { createRecorder } from '../../../src/inspect/recorder.ts';
import { readMessages } from '../../../src/inspect/viewer/read.ts';
import { Recording } from '../../../src/inspect/viewer/session.ts';
import { createXState4Translator } from '../../../src/inspect/xstate4.ts';
import { createSandbox } from '../../../src/sandbox/index.ts';
import { toyMachine } from './toy-machine.ts';

const snapshots = (messages: readonly InspectorMessage[]) =>
  messages.filter((message) => message.type === '@xstate.snapshot');

function inspectedFlow() {
  const recorder = createRecorder();
  const sandbox = createSandbox();
  const signIn = sandbox.signIn();
  const flow = createSecondFactor({
    signIn,
    services: sandbox.services(signIn.id),
    inspect: recorder.inspect,
  });
  return { recorder, sandbox, flow };
}

describe('a recorder', () => {
  it('says which transitions were taken', () => {
    const recorder = createRecorder();
    const actor = createActor(toyMachine, { inspect: recorder.inspect }).start();
    actor.send({ type: 'SUBMIT', code: 'kitten1' });
    const [introduction] = recorder.backlog;
    const chart = introduction?.type === '@xstate.actor' ? introduction.chart : undefined;
    const last = snapshots(recorder.backlog).at(-1);
    const taken = chart?.transitions.filter(({ id }) => last?.trace.includes(id));
    expect(taken?.map(({ label }) => label)).toEqual(['SUBMIT', 'always']);
    actor.stop();
  });

  it('offers the events that make sense now, and sends the one that is taken', async () => {
    const { recorder, flow } = inspectedFlow();
    const offers = snapshots(recorder.backlog).at(-1)?.offers ?? [];
    const byLabel = Object.fromEntries(offers.map(({ label, now }) => [label, now]));
    expect(byLabel).toMatchObject({
      'SELECT phone_code/idn_phone_1': 'accepted',
      CANCEL: 'accepted',
      ATTEMPT: 'needs_data',
      PREPARE: 'refused',
    });
    const select = offers.find(({ label }) => label === 'SELECT phone_code/idn_phone_1');
    const session = flow.actor.sessionId;
    recorder.send(session, { type: 'SELECT', $offer: select?.id });
    expect(flow.actor.getSnapshot().context.factor?.phoneNumberId).toBe('idn_phone_1');
    flow.stop();
  });

  it('makes a OneTimeCode of a code that was typed in a viewer', async () => {
    const { recorder, sandbox, flow } = inspectedFlow();
    recorder.send(flow.actor.sessionId, { type: 'ATTEMPT', code: sandbox.authenticator.code() });
    await vi.waitFor(() => expect(flow.actor.getSnapshot().value).toBe('complete'));
  });

  it('completes what comes back from what was offered, so that no kind gets into a flow', () => {
    const recorder = createRecorder();
    const flow = createSecondFactor({
      // An id that is shown by its kind.
      signIn: { ...createSandbox().signIn(), id: '42' },
      services: {
        prepareSecondFactor: () => new Promise(() => {}),
        attemptSecondFactor: () => new Promise(() => {}),
      },
      inspect: recorder.inspect,
    });
    const before = flow.actor.getSnapshot().context.signIn;
    const change = snapshots(recorder.backlog)
      .at(-1)
      ?.offers.find(({ type }) => type === 'SIGN_IN.CHANGED');
    expect(change?.template).toMatchObject({ signIn: { id: '‹text›' } });
    const sent = { ...Object(change?.template), $offer: change?.id };
    recorder.send(flow.actor.sessionId, structuredClone(sent));
    expect(flow.actor.getSnapshot().context.signIn).toEqual(before);
    expect(flow.actor.getSnapshot().value).toBe('needs_second_factor');

    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const last = flow.actor.getSnapshot();
    // Nobody offered these: there is nothing to complete them from.
    recorder.send(flow.actor.sessionId, { type: 'ATTEMPT', code: '‹code›' });
    recorder.send(flow.actor.sessionId, { ...sent, $offer: undefined });
    expect(flow.actor.getSnapshot()).toBe(last);
    expect(warn).toHaveBeenCalled();
    warn.mockRestore();
    flow.stop();
  });

  it('sends nothing that only XState may send, nothing malformed, and nothing to the ended', () => {
    const recorder = createRecorder();
    const actor = createActor(toyMachine, { inspect: recorder.inspect }).start();
    const id = actor.sessionId;
    for (const junk of [
      null,
      7,
      'CANCEL',
      {},
      { type: '' },
      { type: 7 },
      { type: 'xstate.stop' },
    ]) {
      recorder.send(id, junk);
    }
    expect(actor.getSnapshot().status).toBe('active');
    recorder.send(id, { type: 'CANCEL' });
    expect(actor.getSnapshot().value).toBe('gone');
    recorder.send(id, { type: 'CANCEL' });
    recorder.send('nobody', { type: 'CANCEL' });
  });

  it('never throws into the flow, whatever it is given', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const recorder = createRecorder();
    recorder.subscribe(() => {
      throw new Error('no');
    });
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error('hostile');
        },
      },
    );
    recorder.inspect(hostile as InspectionEvent);
    recorder.inspect({ type: '@xstate.event' } as InspectionEvent);
    const machine = createMachine({
      id: 'm',
      context: {
        get bad(): never {
          throw new Error('getter');
        },
        big: 1n,
      },
      on: { GO: { guard: ({ event }) => event.payload.deep, actions: [] } },
    });
    const actor = createActor(machine, { inspect: recorder.inspect }).start();
    expect(actor.getSnapshot().status).toBe('active');
    // Said once, not for every message.
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });

  it('keeps the introductions when it forgets the rest', () => {
    const recorder = createRecorder({ maxBacklog: 5 });
    const actor = createActor(toyMachine, { inspect: recorder.inspect }).start();
    for (let n = 0; n < 20; n += 1) actor.send({ type: 'NOTE', text: String(n) });
    expect(recorder.backlog).toHaveLength(5);
    expect(recorder.backlog[0]?.type).toBe('@xstate.actor');
  });
});

describe('a recorder of a long run', () => {
  it('holds no more than its bound after 10,000 events, and takes no long time', () => {
    const recorder = createRecorder();
    const actor = createActor(toyMachine, { inspect: recorder.inspect }).start();
    const start = performance.now();
    for (let n = 0; n < 10_000; n += 1) actor.send({ type: 'NOTE', text: String(n) });
    // Generous: it is some 2 s where other things run, too.
    expect(performance.now() - start).toBeLessThan(15_000);
    expect(recorder.backlog).toHaveLength(1_000);
    expect(JSON.stringify(recorder.backlog).length).toBeLessThan(2_000_000);
  });

  it('shows what a machine is in, however many children have come and gone', async () => {
    const recorder = createRecorder({ maxBacklog: 40 });
    const machine = createMachine({
      id: 'busy',
      initial: 'a',
      states: {
        a: { invoke: { src: fromPromise(async () => 1), onDone: 'b' } },
        b: { on: { NEXT: 'a' } },
      },
    });
    const actor = createActor(machine, { inspect: recorder.inspect }).start();
    for (let n = 0; n < 100; n += 1) {
      await new Promise((resolve) => setTimeout(resolve));
      actor.send({ type: 'NEXT' });
    }
    actor.stop();
    const read = new Recording();
    for (const message of recorder.backlog) read.add(message);
    expect(recorder.backlog.length).toBeLessThanOrEqual(40);
    const actors = [...read.at(read.messages.length - 1).values()];
    expect(actors[0]).toMatchObject({ name: 'busy', now: { snapshot: { status: 'stopped' } } });
    // Everything that is said is said of somebody who was introduced.
    const known = new Set(actors.map(({ id }) => id));
    expect(recorder.backlog.every(({ sessionId }) => known.has(sessionId))).toBe(true);
    expect(actors.length).toBeLessThanOrEqual(21);
  });

  it('shows no address that somebody made an event or an actor of', () => {
    const recorder = createRecorder();
    const machine = createMachine({
      id: 'm',
      on: {
        '*': {
          actions: spawnChild(
            fromPromise(async () => 1),
            { id: 'of-joe@example.com' },
          ),
        },
      },
    });
    const actor = createActor(machine, { inspect: recorder.inspect }).start();
    actor.send({ type: 'joe@example.com' });
    const said = JSON.stringify([
      recorder.backlog,
      recorder.backlog.flatMap(createXState4Translator()),
    ]);
    expect(said).toContain('‹actor›');
    expect(said).toContain('‹event›');
    expect(said).not.toMatch(/joe/);
    actor.stop();
  });
});

describe('the words of XState 4', () => {
  it('carry everything to our viewer', async () => {
    const { recorder, sandbox, flow } = inspectedFlow();
    await flow.prepareSecondFactor({ strategy: 'phone_code' });
    await flow.attemptSecondFactor({ strategy: 'phone_code', code: sandbox.inbox.code() });
    const translate = createXState4Translator();
    const through = recorder.backlog
      .flatMap(translate)
      .flatMap((message) => readMessages(structuredClone(message)));
    expect(snapshots(through)).toEqual(JSON.parse(JSON.stringify(snapshots(recorder.backlog))));
    const actors = (messages: readonly InspectorMessage[]) =>
      messages.filter(({ type }) => type === '@xstate.actor').map(({ sessionId }) => sessionId);
    expect(actors(through).sort()).toEqual(actors(recorder.backlog).sort());
  });

  it('register a service before they say anything of it, and stop a child once', () => {
    const recorder = createRecorder();
    const actor = createActor(toyMachine, { inspect: recorder.inspect }).start();
    actor.send({ type: 'SUBMIT', code: 'kitten1' });
    actor.stop();
    const said = recorder.backlog.flatMap(createXState4Translator());
    for (const id of new Set(said.map(({ sessionId }) => sessionId))) {
      const types = said.filter(({ sessionId }) => sessionId === id).map(({ type }) => type);
      expect(types[0]).toBe('service.register');
      expect(types.filter((type) => type === 'service.stop')).toHaveLength(1);
      expect(types.at(-1)).toBe('service.stop');
    }
  });
});

describe('the messages of somebody else', () => {
  it('are ignored', () => {
    const base = { sessionId: 'x:0' };
    for (const junk of [
      null,
      1,
      'x',
      {},
      { type: 'webpackOk' },
      { type: 7 },
      { type: 'service.register', machine: '{', state: 7 },
      { type: 'service.state', ...base, state: '{"value":"a"}' },
      { type: '@xstate.actor', ...base, name: 'm', chart: { id: 1 } },
      { type: '@xstate.snapshot', ...base, event: { type: 'A' }, snapshot: { status: 'active' } },
    ]) {
      expect(readMessages(junk)).toEqual([]);
    }
  });
});
