import type { InspectionEvent } from 'xstate';
import type { SecondFactorServices } from '../services.ts';
import type { ActorName } from './alphabet.ts';
import { findSecrets } from './secrets.ts';
import { type MachineEvent, type SecondFactorSnapshot, stateName } from './step.ts';

/** The machine took an event in, or refused it. */
export interface TransitionStep {
  readonly type: 'transition';
  /** In ms since the epoch. */
  readonly at: number;
  readonly event: MachineEvent;
  /** `null` at the start. */
  readonly before: SecondFactorSnapshot | null;
  readonly after: SecondFactorSnapshot;
  /** Timers that were running then; `undefined` where nobody counted. */
  readonly timers?: number | undefined;
}

/** A service was called. */
export interface RequestStep {
  readonly type: 'request';
  readonly at: number;
  /** 1 for the first request, and so on. */
  readonly id: number;
  readonly service: ActorName;
  /** The parameters; a code is `[redacted]`. */
  readonly params: Readonly<Record<string, unknown>>;
}

/** What became of a request: it was answered, or nobody waits for its answer any more. */
export interface EndStep {
  readonly type: 'resolved' | 'rejected' | 'aborted';
  readonly at: number;
  readonly id: number;
}

/** One thing that happened. */
export type TraceStep = TransitionStep | RequestStep | EndStep;

/** What happened in one flow, oldest first. */
export interface Trace {
  readonly steps: readonly TraceStep[];
  /** Where a code that was attempted could be seen; empty where the secret was kept. */
  readonly leaks: readonly string[];
}

/** What {@link recordTrace} is given. */
export interface RecordOptions {
  /** The services to listen in on. */
  readonly services: SecondFactorServices;
  /** The time, in ms since the epoch. `@defaultValue` Date.now */
  readonly now?: (() => number) | undefined;
  /** Counts the timers that are running. */
  readonly countTimers?: (() => number) | undefined;
}

/** Records one flow. Hand `services` and `inspect` to `createSecondFactor`. */
export interface Recorder {
  /** The given services, listened in on. */
  readonly services: SecondFactorServices;
  /** Listens to the actor. */
  readonly inspect: (event: InspectionEvent) => void;
  /** Adds something in which a code must not be seen: a page's text, a log, a bookmark. */
  observe(what: string, value: unknown): void;
  /** What happened so far. */
  trace(): Trace;
}

/**
 * Records a flow: every event with the snapshots before and after it, every request and its end, and
 * everything in which a code could be seen.
 */
export function recordTrace({ services, now = Date.now, countTimers }: RecordOptions): Recorder {
  const steps: TraceStep[] = [];
  const observed: [what: string, value: unknown][] = [];
  const secrets = new Set<string>();
  let requests = 0;
  let last: SecondFactorSnapshot | null = null;

  const listen = async <Result>(
    service: ActorName,
    params: object,
    signal: AbortSignal,
    send: () => Promise<Result>,
  ): Promise<Result> => {
    requests += 1;
    const id = requests;
    const { code, ...shown } = params as { code?: unknown };
    if (typeof code === 'string' && code !== '') secrets.add(code);
    const told = code === undefined ? shown : { ...shown, code: '[redacted]' };
    steps.push({ type: 'request', at: now(), id, service, params: told });
    const end = (type: EndStep['type']) => steps.push({ type, at: now(), id });
    const abort = () => end('aborted');
    signal.addEventListener('abort', abort, { once: true });
    try {
      const result = await send();
      end('resolved');
      return result;
    } catch (error) {
      end('rejected');
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  };

  return {
    services: {
      prepareSecondFactor: (params, request) =>
        listen('prepareSecondFactor', params, request.signal, () =>
          services.prepareSecondFactor(params, request),
        ),
      attemptSecondFactor: (params, request) =>
        listen('attemptSecondFactor', params, request.signal, () =>
          services.attemptSecondFactor(params, request),
        ),
      ...(services.reloadSignIn && {
        reloadSignIn: (request) =>
          listen(
            'reloadSignIn',
            {},
            request.signal,
            async () => services.reloadSignIn?.(request) ?? {},
          ),
      }),
    },
    inspect: (inspected) => {
      observed.push([`the inspection event ${inspected.type}`, inspected]);
      if (inspected.type !== '@xstate.snapshot') return;
      if (inspected.actorRef.sessionId !== inspected.rootId) return;
      // SAFETY: the root of the system is the actor of this flow.
      const after = inspected.snapshot as SecondFactorSnapshot;
      const event = inspected.event as MachineEvent;
      const timers = countTimers?.();
      steps.push({ type: 'transition', at: now(), event, before: last, after, timers });
      last = after;
    },
    observe: (what, value) => {
      observed.push([what, value]);
    },
    trace: () => ({
      steps: [...steps],
      leaks: findSecrets(observed, [...secrets]),
    }),
  };
}

/** The transitions of a trace. */
export function transitionsOf(trace: Trace): TransitionStep[] {
  return trace.steps.filter((step) => step.type === 'transition');
}

/** A trace as a story, one step a line: `PREPARE phone_code/1 → preparing`. */
export function tellTrace(trace: Trace): string {
  return trace.steps.map(tellStep).join('\n');
}

function tellStep(step: TraceStep): string {
  if (step.type === 'request')
    return `  #${step.id} ${step.service} ${JSON.stringify(step.params)}`;
  if (step.type !== 'transition') return `  #${step.id} ${step.type}`;
  const { event, before, after } = step;
  const told = tellEvent(event);
  return after === before ? `${told}: refused` : `${told} → ${stateName(after)}`;
}

/** An event in words. */
export function tellEvent(event: MachineEvent): string {
  const { type, factor, name, error } = event as {
    type: string;
    factor?: { strategy?: unknown; phoneNumberId?: unknown; emailAddressId?: unknown };
    name?: unknown;
    error?: { error?: { code?: unknown } };
  };
  const id = factor?.phoneNumberId ?? factor?.emailAddressId;
  const target = factor && (id ? `${factor.strategy}/${id}` : factor.strategy);
  return [type.replace(/^xstate\./, ''), target, name, error?.error?.code]
    .filter((part) => part !== undefined)
    .join(' ');
}
