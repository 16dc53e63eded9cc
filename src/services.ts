import { fromPromise } from 'xstate';
import {
  copyError,
  isSecondFactorError,
  notProvided,
  SecondFactorError,
} from '../machines/errors.ts';
import { factorParams } from '../machines/factors.ts';
import { OneTimeCode } from '../machines/one-time-code.ts';
import { secondFactorMachine } from '../machines/second-factor.machine.ts';
import type {
  AttemptInput,
  Failure,
  PrepareInput,
  ReloadInput,
  Reply,
} from '../machines/second-factor.types.ts';
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

/** The parameters of `SignIn.attemptSecondFactor()`. */
export interface AttemptSecondFactorParams {
  readonly strategy: string;
  /** The code as typed; the strategy normalises it. */
  readonly code: string;
}

/** What comes with each request. */
export interface ServiceRequest {
  /** Aborted when the flow has no more use for the reply. */
  readonly signal: AbortSignal;
}

/**
 * The port: what a flow asks of a backend. Each resolves with the SignIn as it is then, a resource
 * or plain data, and rejects with anything.
 */
export interface SecondFactorServices {
  /** Asks for a code or a challenge to be sent. Never called for `totp` and `backup_code`. */
  prepareSecondFactor(
    params: PrepareSecondFactorParams,
    request: ServiceRequest,
  ): Promise<SignInLike>;
  /** Hands over the proof. */
  attemptSecondFactor(
    params: AttemptSecondFactorParams,
    request: ServiceRequest,
  ): Promise<SignInLike>;
  /** Asks what is true, after a lost reply. Without it the outcome of such an attempt is unknown. */
  reloadSignIn?(request: ServiceRequest): Promise<SignInLike>;
}

/** How services are tied to a machine. */
export interface ServiceOptions {
  /** The time, in ms since the epoch. `@defaultValue` Date.now */
  readonly now?: (() => number) | undefined;
  /** Reads a rejection; adapters bring their own. `@defaultValue` reads the SignIn API's errors */
  readonly toError?: ToError | undefined;
  /**
   * Is handed what a service rejected with or threw, for your own log: the flow keeps nothing of it but
   * names, codes and times. It may hold the request, and the request holds the code.
   */
  readonly onRejection?:
    | ((rejection: unknown, about: { readonly service: keyof SecondFactorServices }) => void)
    | undefined;
}

/** Services with their options: what an actor needs to make a request. */
export interface BoundServices extends ServiceOptions {
  readonly services: Partial<SecondFactorServices>;
}

/**
 * Ties services to the machine, for embedding it as a child: `invoke: { src: provideServices(…) }`.
 * It rebuilds the state tree (about 1 ms), so do it once, not per flow.
 */
export function provideServices(
  services: SecondFactorServices,
  options?: ServiceOptions,
): typeof secondFactorMachine {
  const bound = { ...options, services };
  return machineWith(() => bound);
}

/**
 * The machine with actors that look their services up when they start.
 *
 * @param find - the services of the actor system that a request belongs to
 */
export function machineWith(find: (system: object) => BoundServices): typeof secondFactorMachine {
  const service = <Input extends ReloadInput>(
    name: keyof SecondFactorServices,
    paramsOf?: (input: Input) => Record<string, string>,
  ) =>
    fromPromise<Reply, Input>(({ input, self, signal, system }) =>
      join(self, signal, (own) =>
        request(find(system), name, { signal: own }, input, paramsOf?.(input)),
      ),
    );
  return secondFactorMachine.provide({
    actors: {
      prepareSecondFactor: service<PrepareInput>('prepareSecondFactor', ({ factor, strategies }) =>
        factorParams(factor, strategies),
      ),
      attemptSecondFactor: service('attemptSecondFactor', attemptParams),
      reloadSignIn: service('reloadSignIn'),
    },
    actions: { abandonRequest: ({ self }) => abandonRequests(self) },
  });
}

/** A request that is under way. */
interface RequestUnderWay {
  readonly reply: Promise<Reply>;
  readonly controller: AbortController;
  /** How often its actor was started. */
  starts: number;
}

const underWay = /* @__PURE__ */ new WeakMap<object, RequestUnderWay>();

/**
 * Makes the request of an actor, or joins the one that it has made: React's StrictMode stops an actor
 * and starts it again at once, and the code must not be sent twice.
 */
function join(
  actor: object,
  stopped: AbortSignal,
  begin: (signal: AbortSignal) => Promise<Reply>,
): Promise<Reply> {
  let joined = underWay.get(actor);
  if (!joined || joined.controller.signal.aborted) {
    const controller = new AbortController();
    joined = { reply: begin(controller.signal), controller, starts: 0 };
    underWay.set(actor, joined);
  }
  joined.starts += 1;
  const { controller, reply, starts } = joined;
  // Whoever starts the actor again does so before the next microtask.
  const giveUp = () => queueMicrotask(() => joined.starts === starts && controller.abort());
  stopped.addEventListener('abort', giveUp, { once: true });
  return reply;
}

/** Aborts what a flow has asked for: nobody waits for the answer any more. */
export function abandonRequests(flow: { getSnapshot(): { readonly children: object } }): void {
  for (const actor of Object.values(flow.getSnapshot().children)) {
    underWay.get(actor)?.controller.abort();
  }
}

function attemptParams({ factor, strategies, code }: AttemptInput): Record<string, string> {
  const strategy = findStrategy(strategies, factor.strategy);
  const text = strategy && OneTimeCode.normalize(code, strategy);
  return { strategy: factor.strategy, code: text ?? '' };
}

/** Makes one request, stamps what comes back, and lets no text of a backend through. */
async function request(
  { services, now = Date.now, toError = defaultToError, onRejection }: BoundServices,
  name: keyof SecondFactorServices,
  options: ServiceRequest,
  { strategies }: ReloadInput,
  params?: Readonly<Record<string, string>>,
): Promise<Reply> {
  try {
    // SAFETY: whether it is a method is looked at. Called on the services, for their `this`.
    const service = services as Partial<Record<typeof name, (...args: unknown[]) => unknown>>;
    if (typeof service[name] !== 'function') throw notProvided(name);
    const reply = await service[name](...(params ? [params] : []), options);
    const signIn = parseSignIn(reply, strategies);
    if (!signIn) throw new SecondFactorError('malformed_reply');
    return { signIn, at: now() };
  } catch (rejection) {
    const at = now();
    try {
      onRejection?.(rejection, { service: name });
    } catch {
      // a log that fails must not take the flow with it
    }
    throw { error: readRejection(rejection, at, toError), at } satisfies Failure;
  }
}

/** What an adapter's `toError` gives back is not trusted either. */
function readRejection(rejection: unknown, at: number, toError: ToError): SecondFactorError {
  try {
    const error = isSecondFactorError(rejection) ? rejection : toError(rejection, at);
    if (isSecondFactorError(error)) {
      const { retryAt = Number.NaN } = error;
      return copyError(error, isWaitable(retryAt, at) ? {} : { retryAt: undefined });
    }
  } catch {
    // an adapter that fails must not take the flow with it
  }
  return new SecondFactorError('server_error', { cause: rejection });
}
