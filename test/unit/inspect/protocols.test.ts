import { createRequire } from 'node:module';
import { createBrowserReceiver, createInspector } from '@statelyai/inspect';
import { describe, expect, it, vi } from 'vitest';
import { createActor, type InspectionEvent } from 'xstate';
import { createSecondFactor } from '../../../src/index.ts';
import { inspectWithStately, inspectWithXState, openViewer } from '../../../src/inspect/index.ts';
import { createRecorder } from '../../../src/inspect/recorder.ts';
import { createXState4Translator, type XState4Message } from '../../../src/inspect/xstate4.ts';
import { createSandbox } from '../../../src/sandbox/index.ts';
import { editorMachine } from '../../e2e/inspect/other-machines.ts';

/** A message as it arrives. */
type Message = Readonly<Record<string, unknown>>;

/** Two runs, of our machine and of another, told to an inspector. */
async function run(inspect: (event: InspectionEvent) => void): Promise<void> {
  const sandbox = createSandbox();
  const signIn = sandbox.signIn();
  const services = sandbox.services(signIn.id);
  const flow = createSecondFactor({ signIn, services, inspect });
  await flow.prepareSecondFactor({ strategy: 'phone_code' });
  await flow.attemptSecondFactor({ strategy: 'phone_code', code: '000000' }).catch(() => {});
  await flow.attemptSecondFactor({ strategy: 'phone_code', code: sandbox.inbox.code() });
  const editor = createActor(editorMachine, { inspect }).start();
  await new Promise((resolve) => setTimeout(resolve, 5));
  for (const type of ['TYPE', 'BOLD', 'CLOSE', 'OPEN', 'HIDE'] as const) editor.send({ type });
  editor.stop();
}

describe('an inspector that needs a page', () => {
  it.each([
    ['our viewer', openViewer],
    ['@xstate/inspect', inspectWithXState],
  ])('says what to use in Node: %s', async (_, open) => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    await run(open().inspect);
    const message = expect.stringContaining('In Node, use inspectWithXState({ server })');
    expect(warn.mock.calls).toEqual([[message]]);
    warn.mockRestore();
  });
});

describe('what is said in the words of @statelyai/inspect', () => {
  /** Through its own adapter and receiver, by `postMessage` in between. */
  async function received(): Promise<Message[]> {
    const messages: Message[] = [];
    const viewer = Object.assign(new EventTarget(), { opener: null });
    const { subscribe } = createBrowserReceiver({
      window: Object.assign(viewer, { self: viewer, top: viewer }) as unknown as Window,
    });
    subscribe((message) => void messages.push(message as unknown as Message));
    const { inspect } = inspectWithStately(() => ({
      adapter: {
        send: (message: unknown) => {
          viewer.dispatchEvent(new MessageEvent('message', { data: structuredClone(message) }));
        },
      },
    }));
    await run(inspect);
    return messages;
  }

  it('is heard by its own receiver, all of it', async () => {
    const recorder = createRecorder();
    await run(recorder.inspect);
    const kinds = (messages: readonly { type?: unknown }[]) => messages.map(({ type }) => type);
    expect(kinds(await received())).toEqual(kinds(recorder.backlog));
  });

  it('has every field that the package sends itself, of the same kind', async () => {
    const theirs: Message[] = [];
    const inspector = createInspector({
      send: (message) => void theirs.push({ ...message } as unknown as Message),
    });
    await run((event) => inspector.inspect.next?.(event));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const ours = await received();
    for (const type of ['@xstate.actor', '@xstate.event', '@xstate.snapshot']) {
      const [their] = theirs.filter((message) => message.type === type);
      const [our] = ours.filter((message) => message.type === type);
      const kinds = (message: Message = {}) =>
        Object.fromEntries(
          Object.entries(message)
            .filter(([, value]) => value !== undefined)
            .map(([key, value]) => [key, value === null ? null : typeof value]),
        );
      expect(Object.keys(kinds(their)).length).toBeGreaterThan(5);
      expect(kinds(our)).toMatchObject(kinds(their));
      expect(our?._version).toBe(their?._version);
    }
  });
});

describe('what is said in the words of @xstate/inspect', () => {
  interface StateNode4 {
    getStateNodes(state: unknown): readonly { readonly id: string }[];
  }
  const require = createRequire(
    new URL('../../../src/inspect/xstate-inspect/package.json', import.meta.url),
  );
  // By a name that is no literal: the package is installed for that folder alone.
  const utils = '@xstate/inspect/lib/utils.js';
  const { isReceiverEvent, parseReceiverEvent } = require(utils) as {
    isReceiverEvent(message: unknown): boolean;
    parseReceiverEvent(message: XState4Message): {
      type: string;
      machine: StateNode4;
      state: { value: unknown; event: { type: string } };
    };
  };

  it('is read by its own parser, and XState 4 finds every state that is active', async () => {
    const recorder = createRecorder();
    await run(recorder.inspect);
    const messages = recorder.backlog.flatMap(createXState4Translator());
    const machines = new Map<string, StateNode4>();
    let states = 0;
    for (const message of messages) {
      expect(isReceiverEvent(message)).toBe(true);
      const parsed = parseReceiverEvent(message);
      if (message.type === 'service.register') machines.set(message.sessionId, parsed.machine);
      if (message.type !== 'service.register' && message.type !== 'service.state') continue;
      const nodes = machines.get(message.sessionId)?.getStateNodes(parsed.state.value);
      expect(nodes?.length).toBeGreaterThan(0);
      expect(typeof parsed.state.event.type).toBe('string');
      states += 1;
    }
    expect(states).toBeGreaterThan(20);
  });
});
