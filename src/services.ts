import { fromPromise } from 'xstate';
import { secondFactorMachine } from '../machines/second-factor.machine.ts';
import type {
  AttemptInput,
  Failure,
  PrepareInput,
  ReloadInput,
  Reply,
} from '../machines/second-factor.types.ts';
import { isSecondFactorError, redact, SecondFactorError, withoutSecret } from './errors.ts';
import { type ParsedSignIn, parseSignIn, type SignInLike } from './sign-in.ts';
import { factorIdField, normalizeCode, strategyOf } from './strategies.ts';
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
  return secondFactorMachine.provide({
    actors: {
      prepareSecondFactor: fromPromise<Reply, PrepareInput>(async ({ input, signal, system }) => {
        const bound = find(system);
        const params = prepareParams(input);
        return request(bound, input, null, () =>
          having('prepareSecondFactor', bound).prepareSecondFactor(params, { signal }),
        );
      }),
      attemptSecondFactor: fromPromise<Reply, AttemptInput>(async ({ input, signal, system }) => {
        const bound = find(system);
        const params = attemptParams(input);
        return request(bound, input, params.code || null, () =>
          having('attemptSecondFactor', bound).attemptSecondFactor(params, { signal }),
        );
      }),
      reloadSignIn: fromPromise<Reply, ReloadInput>(async ({ input, signal, system }) => {
        const bound = find(system);
        return request(bound, input, null, () =>
          having('reloadSignIn', bound).reloadSignIn({ signal }),
        );
      }),
    },
  });
}

/** The services, once it is sure that they have this one; it is called on them, for its `this`. */
function having<Name extends keyof SecondFactorServices>(
  name: Name,
  { services }: BoundServices,
): Required<Pick<SecondFactorServices, Name>> {
  if (typeof services[name] !== 'function') {
    throw new SecondFactorError('service_not_provided', { message: `${name} is not provided.` });
  }
  return services as Required<Pick<SecondFactorServices, Name>>; // SAFETY: looked at just above
}

/** Only what the backend knows: it refuses unknown parameters, and a whole factor has some. */
function prepareParams({ factor, strategies }: PrepareInput): PrepareSecondFactorParams {
  const { strategy } = factor;
  const field = factorIdField(strategies, strategy);
  const id = field === undefined ? undefined : factor[field];
  return field !== undefined && typeof id === 'string' ? { strategy, [field]: id } : { strategy };
}

function attemptParams({ factor, strategies, code }: AttemptInput): AttemptSecondFactorParams {
  const strategy = strategyOf(strategies, factor.strategy);
  const text = strategy ? normalizeCode(strategy, code.reveal()) : null;
  return { strategy: factor.strategy, code: text ?? '' };
}

/** Makes one request; stamps what comes back, and lets nothing of the secret through. */
async function request(
  { now, toError }: BoundServices,
  { strategies }: ReloadInput,
  secret: string | null,
  send: () => Promise<SignInLike>,
): Promise<Reply> {
  try {
    const signIn = parseSignIn(await send(), strategies);
    if (!signIn) throw new SecondFactorError('malformed_reply');
    return { signIn: withoutEcho(signIn, secret), at: now() };
  } catch (rejection) {
    const at = now();
    const error = withoutSecret(readRejection(rejection, at, toError), secret);
    throw { error, at } satisfies Failure;
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

/** A backend may repeat the code in the text of a verification's error. */
function withoutEcho(signIn: ParsedSignIn, secret: string | null): ParsedSignIn {
  const verification = signIn.secondFactorVerification;
  if (!verification) return signIn;
  const error = redact(verification.error, secret);
  return { ...signIn, secondFactorVerification: { ...verification, error } };
}
