import { isSecondFactorError, type SecondFactorErrorCode } from '../../machines/errors.ts';
import type { SecondFactor } from '../../machines/factors.ts';
import { factorKey } from '../../machines/factors.ts';
import { createSecondFactor, type SecondFactorFlow } from '../create-second-factor.ts';
import { createSandbox, type Sandbox, type SandboxFault } from '../sandbox/index.ts';
import { seededRandom } from '../sandbox/random.ts';
import type { AttemptSecondFactorParams, PrepareSecondFactorParams } from '../services.ts';
import { stateName } from './step.ts';
import { SimulatedTime } from './time.ts';
import { type Recorder, recordTrace, type Trace } from './trace.ts';

/**
 * What the commands drive: the facade, or anything that can do the same, such as a page that
 * `prepareSecondFactor` clicks through. The promises settle as the facade's do.
 */
export interface SecondFactorDriver {
  prepareSecondFactor(params: PrepareSecondFactorParams): Promise<unknown>;
  attemptSecondFactor(params: AttemptSecondFactorParams): Promise<unknown>;
  /** Gives the flow up. */
  cancel(): void;
  /** Leaves the flow and comes back to it, as a reload of the page does. */
  reload?(): void;
  /** The state as text, such as `attempting.sending`. */
  state(): string;
}

/** What a run of commands needs to know and to do beside the driver. */
export interface SecondFactorWorld {
  readonly driver: SecondFactorDriver;
  /** The code that the backend would accept for a factor now; `null` where there is none. */
  codeFor(factor: SecondFactor): string | null;
  /** Lets time pass, and whatever is due then happen. */
  advance(ms: number): Promise<void>;
  /** The time, in ms since the epoch. */
  now(): number;
  /** How many requests were made, of the two methods. */
  requests(): { readonly prepare: number; readonly attempt: number };
  /** Whether the backend has verified the second factor. */
  isVerified(): boolean;
  /** Makes the next request go wrong; left out where faults can't be injected. */
  fault?(fault: SandboxFault): void;
  /** Makes everything well again, for the end of a run. */
  heal?(): void;
  /** What was recorded so far; left out where nothing is. */
  traces?(): readonly Trace[];
}

/** What {@link sandboxWorld} may be given. */
export interface SandboxWorldOptions {
  /** Of the codes and secrets. `@defaultValue` 1 */
  readonly seed?: number | undefined;
  /** Wraps the driver, to see that a run finds what is wrong with it. */
  readonly wrap?: ((driver: SecondFactorDriver) => SecondFactorDriver) | undefined;
  /**
   * Makes the driver of a flow, anew after each reload, such as an `actorDriver` of `flow.actor`; the
   * reload is the world's own. `@defaultValue` the promises of the flow
   *
   * @param tools - `now` is the time of the world, in ms since the epoch
   */
  readonly drive?:
    | ((flow: SecondFactorFlow, tools: { readonly now: () => number }) => SecondFactorDriver)
    | undefined;
}

/** A world over one flow, the sandbox and simulated time. */
export interface SandboxWorld extends SecondFactorWorld {
  readonly sandbox: Sandbox;
  readonly time: SimulatedTime;
  readonly factors: readonly SecondFactor[];
  /** The flow that is running. */
  flow(): SecondFactorFlow;
  traces(): readonly Trace[];
  /** Stops the flow. */
  stop(): void;
}

/**
 * Makes a world of the default user of the sandbox, who has two phones, a mail address, an
 * authenticator and backup codes, with a running flow, everything recorded.
 */
export function sandboxWorld({
  seed = 1,
  wrap,
  drive = facadeDriver,
}: SandboxWorldOptions = {}): SandboxWorld {
  const time = new SimulatedTime();
  const sandbox = createSandbox({ clock: time, now: time.now, random: seededRandom(seed) });
  const { id, supportedSecondFactors: factors } = sandbox.signIn();
  const recorders: Recorder[] = [];
  let flow = start(undefined);
  let driven = drive(flow, time);

  function start(resume: unknown): SecondFactorFlow {
    const recorder = recordTrace({
      services: sandbox.services(id),
      now: time.now,
      countTimers: () => time.timers,
    });
    recorders.push(recorder);
    return createSecondFactor({
      signIn: sandbox.peek(id),
      services: recorder.services,
      inspect: recorder.inspect,
      clock: time,
      now: time.now,
      resume,
    });
  }

  const driver: SecondFactorDriver = {
    prepareSecondFactor: (params) => driven.prepareSecondFactor(params),
    attemptSecondFactor: (params) => driven.attemptSecondFactor(params),
    cancel: () => driven.cancel(),
    reload: () => {
      const saved: unknown = JSON.parse(JSON.stringify(flow.bookmark()));
      recorders.at(-1)?.observe('the bookmark', saved);
      recorders.at(-1)?.observe('the persisted snapshot', flow.actor.getPersistedSnapshot());
      flow.stop();
      flow = start(saved);
      driven = drive(flow, time);
    },
    state: () => driven.state(),
  };
  return {
    driver: wrap ? wrap(driver) : driver,
    codeFor: (factor) => codeFor(sandbox, id, factor),
    advance: (ms) => time.advance(ms),
    now: time.now,
    requests: () => ({
      prepare: sandbox.requests.count('prepare'),
      attempt: sandbox.requests.count('attempt'),
    }),
    isVerified: () => sandbox.peek(id).secondFactorVerification?.status === 'verified',
    fault: (fault) => sandbox.faults.next('any', fault),
    heal: () => sandbox.faults.clear(),
    traces: () => recorders.map((recorder) => recorder.trace()),
    sandbox,
    time,
    factors,
    flow: () => flow,
    stop: () => flow.stop(),
  };
}

function facadeDriver(flow: SecondFactorFlow): SecondFactorDriver {
  return {
    prepareSecondFactor: (params) => flow.prepareSecondFactor(params),
    attemptSecondFactor: (params) => flow.attemptSecondFactor(params),
    cancel: () => flow.actor.send({ type: 'CANCEL' }),
    state: () => stateName(flow.actor.getSnapshot()),
  };
}

function codeFor(sandbox: Sandbox, signInId: string, factor: SecondFactor): string | null {
  if (factor.strategy === 'totp') return sandbox.authenticator.code();
  if (factor.strategy === 'backup_code') return sandbox.backupCodes[0] ?? null;
  const key = factorKey(factor);
  const sent = sandbox.inbox.messages.findLast((message) => message.signInId === signInId);
  return sent && factorKey(sent.factor) === key ? (sent.code ?? null) : null;
}

/** What became of a call: `ok`, an error code, `pending`, or `thrown` for what is no error of ours. */
export type CallResult = 'ok' | 'pending' | 'thrown' | SecondFactorErrorCode;

/** A call that is watched and not waited for. */
export interface WatchedCall {
  result: CallResult;
  /** What it settled with. */
  value?: unknown;
}

/** Watches a call, so that it may stay open while other things happen. */
export function watch(call: Promise<unknown>): WatchedCall {
  const watched: WatchedCall = { result: 'pending' };
  call.then(
    (value) => Object.assign(watched, { result: 'ok', value }),
    (error: unknown) =>
      Object.assign(watched, {
        result: isSecondFactorError(error) ? error.code : 'thrown',
        value: error,
      }),
  );
  return watched;
}
