import { fromPromise } from 'xstate';
import { secondFactorMachine } from '../machines/second-factor.machine.ts';
import type {
  AttemptInput,
  Failure,
  PrepareInput,
  ReloadInput,
  Reply,
} from '../machines/second-factor.types.ts';
import { isSecondFactorError, notProvided, SecondFactorError } from './errors.ts';
import { parseSignIn, type SignInLike } from './sign-in.ts';
import { factorIdField, normalizeCode, type Strategies, strategyOf } from './strategies.ts';
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
}

/** Services with their options: what an actor needs to make a request. */
export interface BoundServices {
  readonly services: Partial<SecondFactorServices>;
  readonly now: () => number;
  readonly toError: ToError;
}

/** Fills in the defaults of {@link ServiceOptions}. */
export function bindServices(
  services: Partial<SecondFactorServices>,
  { now = Date.now, toError = defaultToError }: ServiceOptions = {},
): BoundServices {
  return { services, now, toError };
}

/**
 * Ties services to the machine, for embedding it as a child: `invoke: { src: provideServices(…) }`.
 * It rebuilds the state tree (about 1 ms), so do it once, not per flow.
 */
export function provideServices(
  services: SecondFactorServices,
  options?: ServiceOptions,
): typeof secondFactorMachine {
  const bound = bindServices(services, options);
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
    fromPromise<Reply, Input>(({ input, signal, system }) =>
      request(find(system), name, { signal }, input.strategies, paramsOf?.(input)),
    );
  return secondFactorMachine.provide({
    actors: {
      prepareSecondFactor: service('prepareSecondFactor', prepareParams),
      attemptSecondFactor: service('attemptSecondFactor', attemptParams),
      reloadSignIn: service('reloadSignIn'),
    },
  });
}

/**
 * The codes that a flow has sent, by its strategies, which no other flow shares. Nothing shows them:
 * they are taken out of what the backend says from then on, for it may repeat a code when it is asked
 * what became of it.
 */
const sentCodes = new WeakMap<Strategies, Set<string>>();
/** Shorter texts are no codes, and would be taken out of every other word. */
const SHORTEST_CODE = 4;

function codesOf(flow: Strategies, sent: string | undefined): Set<string> {
  const codes = sentCodes.get(flow) ?? new Set<string>();
  if (sent && sent.length >= SHORTEST_CODE) codes.add(sent);
  sentCodes.set(flow, codes);
  return codes;
}

/** Only what the backend knows: it refuses unknown parameters, and a whole factor has some. */
function prepareParams({ factor, strategies }: PrepareInput): Record<string, string> {
  const { strategy } = factor;
  const field = factorIdField(strategies, strategy);
  const id = field && factor[field];
  return typeof id === 'string' ? { strategy, [String(field)]: id } : { strategy };
}

function attemptParams({ factor, strategies, code }: AttemptInput): Record<string, string> {
  const strategy = strategyOf(strategies, factor.strategy);
  const text = strategy && normalizeCode(strategy, code.reveal());
  return { strategy: factor.strategy, code: text ?? '' };
}

/** Makes one request; stamps what comes back, and lets no code through. */
async function request(
  { services, now, toError }: BoundServices,
  name: keyof SecondFactorServices,
  options: ServiceRequest,
  strategies: Strategies,
  params?: Readonly<Record<string, string>>,
): Promise<Reply> {
  const codes = codesOf(strategies, params?.code);
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
    const error = readRejection(rejection, at, toError);
    throw { error: new SecondFactorError(error.code, error, codes), at } satisfies Failure;
  }
}

/** What an adapter's `toError` gives back is not trusted either. */
function readRejection(rejection: unknown, at: number, toError: ToError): SecondFactorError {
  if (isSecondFactorError(rejection)) return rejection;
  try {
    const error = toError(rejection, at);
    if (isSecondFactorError(error)) return error;
  } catch {
    // an adapter that fails must not take the flow with it
  }
  return new SecondFactorError('server_error', { cause: rejection });
}
