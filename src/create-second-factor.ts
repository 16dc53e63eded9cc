import {
  type Actor,
  type ActorOptions,
  createActor,
  type InspectionEvent,
  type Observer,
  type SnapshotFrom,
} from 'xstate';
import {
  attemptRefusal,
  deadlineOf,
  keyOf,
  needsPreparation,
  prepareRefusal,
  usableFactors,
} from '../machines/second-factor.facts.ts';
import type { secondFactorMachine } from '../machines/second-factor.machine.ts';
import type { SecondFactorEvent, SecondFactorOptions } from '../machines/second-factor.types.ts';
import { type Bookmark, bookmark } from './bookmark.ts';
import { SecondFactorError, type SecondFactorErrorCode } from './errors.ts';
import { oneTimeCode } from './one-time-code.ts';
import {
  type AttemptSecondFactorParams,
  type BoundServices,
  bindServices,
  machineWith,
  type PrepareSecondFactorParams,
  type SecondFactorServices,
} from './services.ts';
import type { SecondFactor, SignIn, SignInLike } from './sign-in.ts';
import { defaultFactor, factorIdField } from './strategies.ts';
import type { ToError } from './to-error.ts';

type Snapshot = SnapshotFrom<typeof secondFactorMachine>;

/** What {@link createSecondFactor} is given. */
export interface CreateSecondFactorOptions {
  /** The sign-in: plain data, or a resource with the two methods. */
  readonly signIn: SignInLike;
  /** The network. `@defaultValue` the two methods of `signIn`, and its `reload` if it has one */
  readonly services?: SecondFactorServices | undefined;
  /** The factor to start with. */
  readonly factor?: SecondFactor | undefined;
  /** A {@link Bookmark} of an earlier flow of the same sign-in; anything else is ignored. */
  readonly resume?: unknown;
  readonly options?: SecondFactorOptions | undefined;
  /** Observes the actor system, as XState's own option does. */
  readonly inspect?: Observer<InspectionEvent> | ((event: InspectionEvent) => void) | undefined;
  /** XState's clock; a `SimulatedClock` in tests. */
  readonly clock?: ActorOptions<typeof secondFactorMachine>['clock'];
  /** The time, in ms since the epoch. `@defaultValue` Date.now */
  readonly now?: (() => number) | undefined;
  /** Reads a rejection of the services; adapters bring their own. */
  readonly toError?: ToError | undefined;
}

/** A running flow behind the two methods of the SignIn class. */
export interface SecondFactorFlow {
  /**
   * Has a code sent. Resolves at once for a strategy that needs none; joins a request for the same
   * factor that is under way.
   *
   * @throws {@link SecondFactorError} `no_factor`, `resend_cooldown` (with `retryAt`),
   * `attempt_in_flight`, `cancelled`, `not_accepted`, or what the backend made of it
   */
  prepareSecondFactor(params: PrepareSecondFactorParams): Promise<SignIn>;
  /**
   * Hands over a code. Resolves once the second factor is verified.
   *
   * @throws {@link SecondFactorError} `no_factor`, `not_prepared`, `code_malformed`, `rate_limited`
   * (with `retryAt`), `attempt_in_flight`, `cancelled`, `not_accepted`, or what the backend made of it
   */
  attemptSecondFactor(params: AttemptSecondFactorParams): Promise<SignIn>;
  /** The running XState actor. */
  readonly actor: Actor<typeof secondFactorMachine>;
  /** What survives a reload, for `sessionStorage`. */
  bookmark(): Bookmark;
  /** Stops the actor and aborts what is in flight; whoever waits gets `cancelled`. */
  stop(): void;
}

// One machine serves every flow: `.provide` is too costly to do for each.
const servicesOf = new WeakMap<object, BoundServices>();
let sharedMachine: typeof secondFactorMachine | undefined;

/**
 * Starts a flow over a sign-in. The machine keeps the order of the calls; every refusal is a typed
 * {@link SecondFactorError}, and a refused call makes no request.
 *
 * @throws TypeError when there are neither services nor a `signIn` with the two methods
 */
export function createSecondFactor(options: CreateSecondFactorOptions): SecondFactorFlow {
  const { signIn, factor, resume, inspect, clock, toError } = options;
  const now = options.now ?? Date.now;
  const services = options.services ?? methodsOf(signIn);
  // SAFETY: a flow puts its services there before its actor starts.
  sharedMachine ??= machineWith((system) => servicesOf.get(system) as BoundServices);
  const actor = createActor(sharedMachine, {
    input: { signIn, at: now(), factor, resume, options: options.options },
    ...(inspect && { inspect }),
    ...(clock && { clock }),
  });
  servicesOf.set(actor.system, bindServices(services, { now, toError }));
  actor.start();
  return new Flow(actor, now);
}

class Flow implements SecondFactorFlow {
  readonly actor: Actor<typeof secondFactorMachine>;
  readonly #now: () => number;

  constructor(actor: Actor<typeof secondFactorMachine>, now: () => number) {
    this.actor = actor;
    this.#now = now;
  }

  prepareSecondFactor = async (params: PrepareSecondFactorParams): Promise<SignIn> => {
    const snapshot = this.#catchUp();
    const factor = findFactor(snapshot, params);
    if (!factor) throw refusal(snapshot, 'no_factor');
    if (snapshot.matches('attempting')) throw refusal(snapshot, 'attempt_in_flight');
    if (isPreparing(snapshot, factor)) return this.#settled(snapshot);
    const code = prepareRefusal(snapshot.context, { factor });
    if (code) throw refusal(snapshot, code, factor);
    const event: SecondFactorEvent = needsPreparation(snapshot.context, { factor })
      ? { type: 'PREPARE', factor, at: this.#now() }
      : { type: 'SELECT', factor };
    const next = this.#send(event);
    return isPreparing(next, factor) ? this.#settled(next) : next.context.signIn;
  };

  attemptSecondFactor = async (params: AttemptSecondFactorParams): Promise<SignIn> => {
    const snapshot = this.#catchUp();
    if (snapshot.matches('attempting')) throw refusal(snapshot, 'attempt_in_flight');
    const factor = findFactor(snapshot, params);
    if (!factor) throw refusal(snapshot, 'no_factor');
    const code = typeof params?.code === 'string' ? oneTimeCode(params.code) : undefined;
    const refused = attemptRefusal(snapshot.context, { factor, code });
    if (refused) throw refusal(snapshot, refused);
    // A prepare of another factor that is under way gives way to this one.
    if (snapshot.matches('preparing')) this.#send({ type: 'SELECT', factor });
    return this.#settled(this.#send({ type: 'ATTEMPT', factor, code }));
  };

  bookmark(): Bookmark {
    return bookmark(this.actor.getSnapshot());
  }

  stop(): void {
    this.actor.stop();
  }

  /** Timers sleep when a laptop does, and deadlines don't: tells the machine what is due. */
  #catchUp(): Snapshot {
    for (const [name, until] of Object.entries(this.actor.getSnapshot().context.deadlines)) {
      if (until <= this.#now()) this.actor.send({ type: 'DEADLINE.PASSED', name });
    }
    const snapshot = this.actor.getSnapshot();
    if (snapshot.status !== 'active') throw refusal(snapshot, 'not_accepted');
    return snapshot;
  }

  #send(event: SecondFactorEvent): Snapshot {
    const before = this.actor.getSnapshot();
    if (!before.can(event)) throw refusal(before, 'not_accepted');
    this.actor.send(event);
    return this.actor.getSnapshot();
  }

  /** Settles once the machine has left the request that is under way in `begun`. */
  #settled(begun: Snapshot): Promise<SignIn> {
    const request = begun.children.prepareSecondFactor;
    return new Promise((resolve, reject) => {
      const look = (snapshot: Snapshot) => {
        const { context, output } = snapshot;
        if (snapshot.matches('attempting')) return; // also a prepare that is being reconciled
        if (request && snapshot.children.prepareSecondFactor === request) return;
        subscription.unsubscribe();
        const isPrepared = request !== undefined && snapshot.matches('prepared');
        const isSame = context.factor === begun.context.factor && !context.error;
        if (output?.outcome === 'complete') resolve(output.signIn);
        else if (isPrepared && isSame) resolve(context.signIn);
        else reject(context.error ?? new SecondFactorError('cancelled'));
      };
      const gone = () => reject(new SecondFactorError('cancelled'));
      const subscription = this.actor.subscribe({ next: look, complete: gone, error: gone });
      look(this.actor.getSnapshot());
    });
  }
}

function isPreparing(snapshot: Snapshot, factor: SecondFactor): boolean {
  const { context } = snapshot;
  if (!snapshot.matches('preparing') || !context.factor) return false;
  return keyOf(context, context.factor) === keyOf(context, factor);
}

/** With an id that one; else the chosen one of this strategy; else the default one of it. */
function findFactor(
  { context }: Snapshot,
  params: PrepareSecondFactorParams | AttemptSecondFactorParams,
): SecondFactor | null {
  const { strategies } = context.options;
  const { strategy, ...fields } = (params ?? {}) as Partial<Record<string, unknown>>;
  const field = typeof strategy === 'string' ? factorIdField(strategies, strategy) : undefined;
  const id = field && fields[field];
  const fitting = usableFactors(context).filter(
    (factor) => factor.strategy === strategy && (!field || !id || factor[field] === id),
  );
  const key = context.factor && keyOf(context, context.factor);
  const isChosen = (factor: SecondFactor) => keyOf(context, factor) === key;
  return fitting.find(isChosen) ?? defaultFactor(fitting);
}

function refusal(
  { context }: Snapshot,
  code: SecondFactorErrorCode,
  factor?: SecondFactor,
): SecondFactorError {
  const name = code === 'rate_limited' ? 'hold' : factor && `resend:${keyOf(context, factor)}`;
  return new SecondFactorError(code, { retryAt: name ? deadlineOf(context, name) : undefined });
}

/** The methods of the SignIn itself, called on it, so that they keep their `this`. */
function methodsOf(signIn: SignInLike): SecondFactorServices {
  const own = signIn as Partial<Record<keyof SecondFactorServices | 'reload', unknown>> | null;
  const { prepareSecondFactor, attemptSecondFactor, reload } = own ?? {};
  if (!isMethod(prepareSecondFactor) || !isMethod(attemptSecondFactor)) {
    throw new TypeError(
      'createSecondFactor needs services, or a signIn that has prepareSecondFactor() and attemptSecondFactor().',
    );
  }
  return {
    prepareSecondFactor: (params) => prepareSecondFactor.call(signIn, params),
    attemptSecondFactor: (params) => attemptSecondFactor.call(signIn, params),
    ...(isMethod(reload) && { reloadSignIn: () => reload.call(signIn) }),
  };
}

function isMethod(value: unknown): value is (...args: unknown[]) => Promise<SignInLike> {
  return typeof value === 'function';
}
