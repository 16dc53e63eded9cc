// The page that is inspected. Tests call it through `window.host`.
import { createBrowserInspector } from '@statelyai/inspect';
import { type Actor, createActor, type InspectionEvent } from 'xstate';
import { createSecondFactor, type SecondFactorFlow } from '../../../src/index.ts';
import { inspectWithStately, inspectWithXState, openViewer } from '../../../src/inspect/index.ts';
import { createSandbox } from '../../../src/sandbox/index.ts';
import { toyMachine } from '../../unit/inspect/toy-machine.ts';

/** How the flow is inspected. */
export type Way = 'viewer' | 'stately' | 'xstate' | 'none';

type Inspect = (event: InspectionEvent) => void;

const frame = document.createElement('iframe');
frame.id = 'viewer';
document.body.append(frame);

const viewer = (mode = '') => `/viewer/index.html${mode}`;

function inspectorOf(way: Way): { inspect: Inspect | undefined; stop: () => void } {
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

const sandbox = createSandbox();
let flow: SecondFactorFlow | undefined;
let toy: Actor<typeof toyMachine> | undefined;
let stop: () => void = () => {};

/** What tests do with the page. */
const host = {
  frame,
  sandbox,
  start(way: Way): void {
    const inspector = inspectorOf(way);
    stop = inspector.stop;
    const signIn = sandbox.signIn();
    flow = createSecondFactor({
      signIn,
      services: sandbox.services(signIn.id),
      inspect: inspector.inspect,
    });
  },
  startToy(way: Way): void {
    const inspector = inspectorOf(way);
    stop = inspector.stop;
    toy = createActor(toyMachine, {
      ...(inspector.inspect && { inspect: inspector.inspect }),
    }).start();
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
    const snapshot = (flow?.actor ?? toy)?.getSnapshot();
    return (snapshot?._nodes ?? []).map(({ id }) => id).sort();
  },
  state(): string {
    return JSON.stringify((flow?.actor ?? toy)?.getSnapshot().value);
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
