// The page that is inspected. Tests call it through `window.host`.
import { createBrowserInspector } from '@statelyai/inspect';
import {
  type Actor,
  type AnyStateMachine,
  createActor,
  type InspectionEvent,
  SimulatedClock,
} from 'xstate';
import {
  createSecondFactor,
  type SecondFactorEvent,
  type SecondFactorFlow,
} from '../../../src/index.ts';
import { inspectWithStately, inspectWithXState, openViewer } from '../../../src/inspect/index.ts';
import { createSandbox } from '../../../src/sandbox/index.ts';
import { toyMachine } from '../../unit/inspect/toy-machine.ts';
import { editorMachine, orderMachine } from './other-machines.ts';

/** How the flow is inspected. */
export type Way = 'viewer' | 'stately' | 'xstate' | 'none';

type Inspect = (event: InspectionEvent) => void;

const frame = document.createElement('iframe');
frame.id = 'viewer';
document.body.append(frame);

const viewer = (mode = '') => `/viewer/index.html${mode}`;

interface Inspector {
  readonly inspect: Inspect | undefined;
  readonly stop: () => void;
  readonly open?: () => void;
}

/** In the frame, or in a window: one of its own, or the one that was given. */
function inspectorOf(way: Way, targetWindow?: Window | null): Inspector {
  if (targetWindow !== undefined) {
    if (way === 'viewer') return openViewer({ targetWindow, url: viewer() });
    if (way === 'xstate') return inspectWithXState({ targetWindow, url: viewer('?inspect') });
    return inspectWithStately(createBrowserInspector, {
      url: new URL(viewer(), location.href).href,
    });
  }
  switch (way) {
    case 'viewer':
      return openViewer({ iframe: frame, url: viewer() });
    case 'stately':
      return inspectWithStately(createBrowserInspector, {
        iframe: frame,
        url: new URL(viewer(), location.href).href,
      });
    case 'xstate':
      return inspectWithXState({ iframe: frame, url: viewer('?inspect') });
    case 'none':
      return { inspect: undefined, stop: () => {} };
  }
}

/** What late answers wait for. */
const clock = new SimulatedClock();
const sandbox = createSandbox({ clock, now: Date.now });
let attacks = 0;
addEventListener('message', ({ data }) => {
  if (data === 'the end of an attack') attacks += 1;
});
let flow: SecondFactorFlow | undefined;
let other: Actor<AnyStateMachine> | undefined;
const others = { toy: toyMachine, editor: editorMachine, order: orderMachine };
let stop: () => void = () => {};
let openAgain: (() => void) | undefined;
let given: Window | null = null;

/** What tests do with the page. */
const host = {
  frame,
  sandbox,
  clock,
  /** How many windows have sent all that they had to send. */
  attacks: () => attacks,
  start(way: Way, targetWindow?: Window | null): void {
    const inspector = inspectorOf(way, targetWindow);
    stop = inspector.stop;
    openAgain = inspector.open;
    const signIn = sandbox.signIn();
    flow = createSecondFactor({
      signIn,
      services: sandbox.services(signIn.id),
      inspect: inspector.inspect,
    });
  },
  /** With a viewer's page that is not there, and one that can't be. */
  startWithNoPage(way: Way, url: string): void {
    const options = { iframe: frame, url };
    const { inspect } =
      way === 'viewer'
        ? openViewer(options)
        : way === 'xstate'
          ? inspectWithXState(options)
          : inspectWithStately(createBrowserInspector, options);
    const signIn = sandbox.signIn();
    flow = createSecondFactor({ signIn, services: sandbox.services(signIn.id), inspect });
  },
  /** The same, in a window that the inspector opens. */
  startInWindow(way: Way): void {
    host.start(way, null);
  },
  /** Opens a window with the viewer in it, before anything is inspected. */
  openGiven(way: Way): void {
    given = window.open(viewer(way === 'xstate' ? '?inspect' : ''), 'given');
  },
  startInGiven(way: Way): void {
    host.start(way, given);
  },
  openAgain(): void {
    openAgain?.();
  },
  /** A machine of somebody else. */
  startOther(way: Way, name: keyof typeof others): void {
    const inspector = inspectorOf(way);
    stop = inspector.stop;
    const { inspect } = inspector;
    other = createActor(others[name] as AnyStateMachine, { ...(inspect && { inspect }) }).start();
  },
  send(type: string): void {
    other?.send({ type });
  },
  sendToFlow(event: SecondFactorEvent): void {
    flow?.actor.send(event);
  },
  stopInspecting(): void {
    stop();
  },
  async prepare(strategy: string): Promise<string> {
    return (await settled(flow?.prepareSecondFactor({ strategy }))) ?? 'ok';
  },
  async attempt(strategy: string, code: string): Promise<string> {
    return (await settled(flow?.attemptSecondFactor({ strategy, code }))) ?? 'ok';
  },
  /** The ids of the states that the actor itself says are active. */
  active(): string[] {
    const snapshot = (flow?.actor ?? other)?.getSnapshot();
    return (snapshot?._nodes ?? []).map(({ id }) => id).sort();
  },
  state(): string {
    return JSON.stringify((flow?.actor ?? other)?.getSnapshot().value);
  },
  code: () => sandbox.inbox.code(),
  totp: () => sandbox.authenticator.code(),
};

/** The code of the error, or nothing. */
async function settled(promise: Promise<unknown> | undefined): Promise<string | null> {
  try {
    await promise;
    return null;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

declare global {
  interface Window {
    host: typeof host;
  }
}
window.host = host;
