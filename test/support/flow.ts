import { SimulatedClock } from 'xstate';
import { stateName } from '../../machines/second-factor.facts.ts';
import {
  type CreateSecondFactorOptions,
  createSecondFactor,
  type SecondFactorContext,
  type SecondFactorEvent,
  type SecondFactorFlow,
  type SecondFactorOutput,
  type SecondFactorServices,
  type ServiceRequest,
} from '../../src/index.ts';
import { signIn, T0 } from './sign-ins.ts';

/** A request that waits for the test to answer it. */
export interface PendingRequest {
  readonly name: keyof SecondFactorServices;
  /** The parameters; `undefined` for a reload. */
  readonly params: unknown;
  /** What came with the parameters. */
  readonly request: ServiceRequest;
  readonly signal: AbortSignal;
  /** Answers, and lets the machine take it in. */
  resolve(signIn: unknown): Promise<void>;
  reject(reason: unknown): Promise<void>;
}

/** A flow whose requests the test answers, and whose clock the test moves. */
export interface TestFlow extends SecondFactorFlow {
  readonly requests: PendingRequest[];
  readonly clock: SimulatedClock;
  now(): number;
  state(): string;
  context(): SecondFactorContext;
  output(): SecondFactorOutput | undefined;
  can(event: SecondFactorEvent): boolean;
  send(event: SecondFactorEvent): void;
  /** The last request. */
  last(): PendingRequest;
}

/** Lets promises that are settled run to their end. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

export function startFlow(
  options: Partial<CreateSecondFactorOptions> & { without?: keyof SecondFactorServices } = {},
): TestFlow {
  const { without, ...rest } = options;
  const requests: PendingRequest[] = [];
  const clock = new SimulatedClock();
  const now = () => T0 + clock.now();
  const ask = (name: PendingRequest['name'], params: unknown, request: ServiceRequest) =>
    new Promise<object>((resolve, reject) => {
      requests.push({
        name,
        params,
        request,
        signal: request.signal,
        resolve: async (value) => {
          resolve(value as object);
          await settle();
        },
        reject: async (reason) => {
          reject(reason);
          await settle();
        },
      });
    });
  const services: Partial<SecondFactorServices> = {
    prepareSecondFactor: (params, request) => ask('prepareSecondFactor', params, request),
    attemptSecondFactor: (params, request) => ask('attemptSecondFactor', params, request),
    reloadSignIn: (request) => ask('reloadSignIn', undefined, request),
  };
  if (without) delete services[without];
  const flow = createSecondFactor({
    signIn: signIn(),
    services: services as SecondFactorServices,
    clock,
    now,
    ...rest,
  });
  return {
    actor: flow.actor,
    prepareSecondFactor: flow.prepareSecondFactor,
    attemptSecondFactor: flow.attemptSecondFactor,
    bookmark: () => flow.bookmark(),
    stop: () => flow.stop(),
    requests,
    clock,
    now,
    state: () => stateName(flow.actor.getSnapshot()),
    context: () => flow.actor.getSnapshot().context,
    output: () => flow.actor.getSnapshot().output,
    can: (event) => flow.actor.getSnapshot().can(event),
    send: (event) => flow.actor.send(event),
    last: () => {
      const request = requests.at(-1);
      if (!request) throw new Error('No request was made.');
      return request;
    },
  };
}
