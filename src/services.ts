import { fromCallback, fromPromise, spawnChild } from 'xstate';
import {
  copyError,
  isSecondFactorError,
  notProvided,
  SecondFactorError,
} from '../machines/errors.ts';
import { factorParams, type SecondFactor } from '../machines/factors.ts';
import { OneTimeCode } from '../machines/one-time-code.ts';
import { secondFactorMachine } from '../machines/second-factor.machine.ts';
import type {
  AttemptInput,
  Failure,
  Reply,
  RequestInput,
  SecondFactorEvent,
} from '../machines/second-factor.types.ts';
import { requestInput } from '../machines/second-factor.updates.ts';
import { parseSignIn, type SignInLike } from '../machines/sign-in.ts';
import { findStrategy } from '../machines/strategies.ts';
import { isWaitable } from '../machines/time.ts';
import { defaultToError, type ToError } from './to-error.ts';

/** The parameters of `SignIn.prepareSecondFactor()`. */
export interface PrepareSecondFactorParams {
  readonly strategy: string;
  readonly phoneNumberId?: string;
  readonly emailAddressId?: string;
  /** The id field of a strategy that the host registered with `idField`. */
  readonly [idField: string]: string | undefined;
}

/** The parameters of `SignIn.attemptSecondFactor()`. A service gets the strategy and the code alone. */
export interface AttemptSecondFactorParams {
  readonly strategy: string;
  readonly phoneNumberId?: string;
  readonly emailAddressId?: string;
  /** The code as typed; the strategy normalises it. Absent if the service makes a credential. */
  readonly code?: string;
  /** Whether the user wants this device to be trusted from now on. */
  readonly trustDevice?: boolean | undefined;
  /** The id field of a strategy that the host registered with `idField`. */
  readonly [idField: string]: string | boolean | undefined;
}

/** What comes with each request, for backends that need more than the SignIn API does. */
export interface ServiceRequest {
  /** Aborted when the flow has no more use for the reply. */
  readonly signal: AbortSignal;
  /** The factor that the request is for. */
  readonly factor: SecondFactor;
  /** The `secondFactorVerification.challenge` in the answer to the last prepare of this factor. */
  readonly challenge?: string;
  /** An idempotency key: an event that is delivered twice has the same one. */
  readonly requestId: string;
  /** For an attempt: whether the user wants this device to be trusted from now on. */
  readonly trustDevice?: boolean;
}

/**
 * The port: what a flow asks of a backend. Each service resolves with the SignIn as it is then, a resource or
 * plain data. It may reject with any value.
 */
export interface SecondFactorServices {
  /** Has a code or a challenge sent. Never called for `totp` and `backup_code`. */
  prepareSecondFactor(
    params: PrepareSecondFactorParams,
    request: ServiceRequest,
  ): Promise<SignInLike>;
  /** Hands over the code, or makes the credential and hands that over. */
  attemptSecondFactor(
    params: AttemptSecondFactorParams,
    request: ServiceRequest,
  ): Promise<SignInLike>;
  /**
   * Asks what is true, after a lost reply. `null` means that the service can't tell. Without this service the
   * outcome of such an attempt stays unknown.
   */
  reloadSignIn?(request: ServiceRequest): Promise<SignInLike | null>;
  /**
   * Tells of news for as long as the flow lives: by polling, a socket, or another tab's storage. Strategies
   * whose proof is given `elsewhere` need it.
   *
   * @returns a function that stops it, if it needs one; `request.signal` is aborted too
   */
  watchSignIn?(changed: (signIn: SignInLike) => void, request: ServiceRequest): void | (() => void);
}

/** Options of services. */
export interface ServiceOptions {
  /** The time, in ms since the epoch. `@defaultValue` Date.now */
  readonly now?: (() => number) | undefined;
  /** Reads a rejection. Adapters bring their own. `@defaultValue` reads the SignIn API's errors */
  readonly toError?: ToError | undefined;
  /**
   * Gets what a service rejected with or threw, for your own log: the flow keeps only names, codes and times of
   * it. The rejection may hold the request, and the request holds the code.
   */
  readonly onRejection?:
    | ((rejection: unknown, about: { readonly service: keyof SecondFactorServices }) => void)
    | undefined;
  /** Makes an id for a request whose event has none. `@defaultValue` a random UUID */
  readonly newId?: (() => string) | undefined;
}

/** Services with their options: what an actor needs to make a request. */
export interface BoundServices extends ServiceOptions {
  readonly services: Partial<SecondFactorServices>;
}

/**
 * Ties services to the machine, to embed it as a child: `invoke: { src: provideServices(…) }`. It rebuilds the
 * state tree (about 1 ms), so do it once, and not for each flow.
 */
export function provideServices(
  services: SecondFactorServices,
  options?: ServiceOptions,
): typeof secondFactorMachine {
  const bound = { ...options, services };
  return machineWith(() => bound, services.watchSignIn !== undefined);
}

/**
 * The machine with actors that look their services up when they start.
 *
 * @param find - the services of the actor system that a request belongs to
 * @param watches - whether they have a `watchSignIn`: an actor that only waits costs each flow some µs
 */
export function machineWith(
  find: (system: object) => BoundServices,
  watches: boolean,
): typeof secondFactorMachine {
  const service = <Input extends RequestInput>(
    name: RequestName,
    paramsOf?: (input: Input) => Record<string, string>,
  ) =>
    fromPromise<Reply, Input>(({ input, self, signal, system }) =>
      join(self, signal, (own) => request(find(system), name, own, input, paramsOf?.(input))),
    );
  return secondFactorMachine.provide({
    actors: {
      prepareSecondFactor: service('prepareSecondFactor', ({ factor, strategies }) =>
        factorParams(factor, strategies),
      ),
      attemptSecondFactor: service('attemptSecondFactor', attemptParams),
      reloadSignIn: service('reloadSignIn'),
      watchSignIn: fromCallback<SecondFactorEvent, RequestInput>(({ input, system, sendBack }) =>
        watch(find(system), input, sendBack),
      ),
    },
    actions: {
      abandonRequest: ({ self }) => abandonRequests(self),
      watchSignIn: watches
        ? spawnChild('watchSignIn', {
            id: 'watchSignIn',
            input: ({ context, event }) => requestInput({ context, event }),
          })
        : () => {},
    },
  });
}

/** Watches for news until the flow ends. If that fails, the log hears of it, and the flow goes on. */
function watch(
  bound: BoundServices,
  input: RequestInput,
  sendBack: (event: SecondFactorEvent) => void,
): () => void {
  const { services, now = Date.now } = bound;
  const controller = new AbortController();
  const changed = (news: SignInLike) => {
    const signIn = parseSignIn(news, input.strategies);
    if (signIn) sendBack({ type: 'SIGN_IN.CHANGED', signIn, at: now() });
  };
  let stop: (() => void) | undefined;
  try {
    stop = services.watchSignIn?.(changed, requestOf(bound, controller.signal, input)) || undefined;
  } catch (rejection) {
    tell(bound, rejection, 'watchSignIn');
  }
  return () => {
    controller.abort();
    stop?.();
  };
}

/** The one request of an actor. */
interface OneRequest {
  readonly reply: Promise<Reply>;
  /** How often its actor was started. */
  starts: number;
  /** Aborts it, unless it was answered. */
  abandon(): void;
}

const requests = /* @__PURE__ */ new WeakMap<object, OneRequest>();

/**
 * Makes the request of an actor, or joins the one that it has made. React's StrictMode stops an actor and starts
 * it again at once, and `<Activity>` does so later. Neither may send a code twice.
 */
function join(
  actor: object,
  stopped: AbortSignal,
  begin: (signal: AbortSignal) => Promise<Reply>,
): Promise<Reply> {
  const request = requests.get(actor) ?? makeRequest(begin);
  requests.set(actor, request);
  request.starts += 1;
  const { starts } = request;
  // StrictMode starts the actor again before the next microtask.
  const giveUp = async () => {
    await null;
    if (request.starts === starts) request.abandon();
  };
  stopped.addEventListener('abort', giveUp, { once: true });
  return request.reply;
}

function makeRequest(begin: (signal: AbortSignal) => Promise<Reply>): OneRequest {
  const controller = new AbortController();
  const reply = begin(controller.signal);
  const request = { reply, starts: 0, abandon: () => controller.abort() };
  const settle = () => {
    request.abandon = () => {};
  };
  reply.then(settle, settle);
  return request;
}

/** Aborts what a flow has asked for: nobody waits for the answer any more. */
export function abandonRequests(flow: { getSnapshot(): { readonly children: object } }): void {
  for (const actor of Object.values(flow.getSnapshot().children)) requests.get(actor)?.abandon();
}

function attemptParams({ factor, strategies, code }: AttemptInput): Record<string, string> {
  const strategy = findStrategy(strategies, factor.strategy);
  const text = strategy && code && OneTimeCode.normalize(code, strategy);
  return { strategy: factor.strategy, ...(text && { code: text }) };
}

/** A reload that can't tell is as good as none. */
const CANNOT_TELL = /* @__PURE__ */ notProvided('reloadSignIn');

type RequestName = Exclude<keyof SecondFactorServices, 'watchSignIn'>;

/** Makes one request, stamps its answer, and lets no text of a backend through. */
async function request(
  bound: BoundServices,
  name: RequestName,
  signal: AbortSignal,
  input: RequestInput,
  params?: Readonly<Record<string, string>>,
): Promise<Reply> {
  const { services, now = Date.now, toError = defaultToError } = bound;
  try {
    // SAFETY: the next line looks whether it is a method. It is called on the services, for their `this`.
    const service = services as Partial<Record<typeof name, (...args: unknown[]) => unknown>>;
    if (typeof service[name] !== 'function') throw notProvided(name);
    const reply = await service[name](...(params ? [params] : []), requestOf(bound, signal, input));
    if (reply === null && name === 'reloadSignIn') throw CANNOT_TELL;
    const signIn = parseSignIn(reply, input.strategies);
    if (!signIn) throw new SecondFactorError('malformed_reply');
    return { signIn, at: now() };
  } catch (rejection) {
    const at = now();
    if (rejection !== CANNOT_TELL) tell(bound, rejection, name);
    throw { error: readRejection(rejection, at, toError), at } satisfies Failure;
  }
}

function requestOf(
  { newId = randomId }: BoundServices,
  signal: AbortSignal,
  input: RequestInput & { readonly trustDevice?: boolean | undefined },
): ServiceRequest {
  const { factor, challenge, requestId = newId(), trustDevice } = input;
  return {
    signal,
    factor,
    requestId,
    ...(challenge !== undefined && { challenge }),
    ...(trustDevice && { trustDevice }),
  };
}

/** What is used of `crypto`, if a runtime has it. */
interface RandomSource {
  randomUUID?(): string;
  getRandomValues?(numbers: Uint32Array): Uint32Array;
}

/** A UUID. Pages without TLS have no `randomUUID`, and React Native no `crypto`: any random text will do. */
function randomId(): string {
  const { crypto } = globalThis as { readonly crypto?: RandomSource };
  return (
    crypto?.randomUUID?.() ??
    Array.from(
      crypto?.getRandomValues?.(new Uint32Array(4)) ?? [1, 2, 3, 4].map(Math.random),
      String,
    ).join('-')
  );
}

/** Hands a rejection to the host's log. A log that fails must not end the flow. */
function tell(
  { onRejection }: BoundServices,
  rejection: unknown,
  service: keyof SecondFactorServices,
): void {
  try {
    onRejection?.(rejection, { service });
  } catch {
    // the log failed
  }
}

/** Reads a rejection. The result of an adapter's `toError` is not trusted either. */
function readRejection(rejection: unknown, at: number, toError: ToError): SecondFactorError {
  try {
    const error = isSecondFactorError(rejection) ? rejection : toError(rejection, at);
    if (isSecondFactorError(error)) {
      const { retryAt = Number.NaN } = error;
      return copyError(error, isWaitable(retryAt, at) ? {} : { retryAt: undefined });
    }
  } catch {
    // an adapter that fails must not end the flow
  }
  return new SecondFactorError('server_error', { cause: rejection });
}
