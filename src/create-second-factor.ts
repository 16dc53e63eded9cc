import {
  type Actor,
  type ActorOptions,
  createActor,
  type InspectionEvent,
  type Observer,
  type SnapshotFrom,
} from 'xstate';
import { type Bookmark, bookmark } from '../machines/bookmark.ts';
import { SecondFactorError, type SecondFactorErrorCode } from '../machines/errors.ts';
import { parseFactor, type SecondFactor } from '../machines/factors.ts';
import { oneTimeCode } from '../machines/one-time-code.ts';
import {
  attemptRefusal,
  cooldownOf,
  deadlineOf,
  dueDeadlines,
  findFactor,
  isOtherFactor,
  needsPreparation,
  prepareRefusal,
} from '../machines/second-factor.facts.ts';
import type { secondFactorMachine } from '../machines/second-factor.machine.ts';
import type {
  SecondFactorContext,
  SecondFactorEvent,
  SecondFactorOptions,
} from '../machines/second-factor.types.ts';
import type { SignIn, SignInLike } from '../machines/sign-in.ts';
import { emailLink } from '../machines/strategies.ts';
import {
  type AttemptSecondFactorParams,
  abandonRequests,
  type BoundServices,
  machineWith,
  type PrepareSecondFactorParams,
  type SecondFactorServices,
  type ServiceOptions,
} from './services.ts';

type Snapshot = SnapshotFrom<typeof secondFactorMachine>;

/** What {@link createSecondFactor} is given. */
export interface CreateSecondFactorOptions extends ServiceOptions {
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
}

/** A running flow behind the two methods of the SignIn class. */
export interface SecondFactorFlow {
  /**
   * Has a code sent. Resolves at once if the strategy needs no preparation. Joins a request for the same
   * factor that is under way.
   *
   * @throws {@link SecondFactorError} `no_factor`, `resend_cooldown` (with `retryAt`),
   * `attempt_in_flight`, `cancelled`, `not_accepted`, or the error of the backend
   */
  prepareSecondFactor(params: PrepareSecondFactorParams): Promise<SignIn>;
  /**
   * Hands over a code, or has the service make a credential. Resolves once the second factor is verified.
   *
   * @throws {@link SecondFactorError} `no_factor`, `not_prepared`, `code_malformed`, `rate_limited`
   * (with `retryAt`), `attempt_in_flight`, `cancelled`, `not_accepted`, or the error of the backend
   */
  attemptSecondFactor(params: AttemptSecondFactorParams): Promise<SignIn>;
  /** The running XState actor. */
  readonly actor: Actor<typeof secondFactorMachine>;
  /** What survives a reload, for `sessionStorage`. */
  bookmark(): Bookmark;
  /** Stops the actor and aborts its request. The promises that wait reject with `cancelled`. */
  stop(): void;
}

// One machine serves every flow, and another one those that watch: `.provide` costs too much for each.
const servicesOf = new WeakMap<object, BoundServices>();
const sharedMachines = new Map<boolean, typeof secondFactorMachine>();

function sharedMachine(watches: boolean): typeof secondFactorMachine {
  let machine = sharedMachines.get(watches);
  if (!machine) {
    // SAFETY: a flow puts its services there before its actor starts.
    machine = machineWith((system) => servicesOf.get(system) as BoundServices, watches);
    sharedMachines.set(watches, machine);
  }
  return machine;
}

/**
 * Starts a flow over a sign-in. The machine keeps the order of the calls. A refused call rejects with a typed
 * {@link SecondFactorError}, and makes no request.
 *
 * @throws TypeError when there are neither services nor a `signIn` with the two methods
 */
export function createSecondFactor(options: CreateSecondFactorOptions): SecondFactorFlow {
  const { signIn, factor, resume, inspect, clock, newId, now = Date.now } = options;
  const services = options.services ?? methodsOf(signIn);
  const watches = typeof services.watchSignIn === 'function';
  const strategies = { ...(watches && { email_link: emailLink }), ...options.options?.strategies };
  const actor = createActor(sharedMachine(watches), {
    input: { signIn, at: now(), factor, resume, options: { ...options.options, strategies } },
    ...(inspect && { inspect }),
    ...(clock && { clock }),
  });
  servicesOf.set(actor.system, { ...options, services });
  actor.start();

  /**
   * Sends an event that the machine accepts, and says whether the snapshot shows it. XState shows it a moment
   * later to a subscriber that is being told of the snapshot before.
   */
  const send = (event: SecondFactorEvent): boolean => {
    const before = actor.getSnapshot();
    if (!before.can(event)) throw refusal(before, 'not_accepted');
    actor.send(event);
    return actor.getSnapshot() !== before;
  };

  /** Tells the machine which deadlines are due: timers sleep when a laptop does, and deadlines don't. */
  const catchUp = (): boolean => {
    const due = dueDeadlines(actor.getSnapshot().context, now());
    return !due.map((name) => send({ type: 'DEADLINE.PASSED', name })).includes(false);
  };

  /** What both methods do first: refuse what the state does not allow, and find the factor. */
  const begin = (params: unknown, isAttempt: boolean) => {
    const snapshot = actor.getSnapshot();
    if (snapshot.status !== 'active') throw refusal(snapshot, 'not_accepted');
    if (snapshot.matches('attempting')) throw refusal(snapshot, 'attempt_in_flight');
    const { named, ...asked } = readParams(snapshot.context, params);
    const found = named && findFactor(snapshot.context, named, isAttempt);
    if (!found) throw refusal(snapshot, 'no_factor');
    return { ...asked, snapshot, factor: found };
  };

  /** Settles once the machine has left the request that is under way. */
  const settled = (): Promise<SignIn> => {
    const begun = actor.getSnapshot();
    const request = begun.children.prepareSecondFactor;
    return new Promise((resolve, reject) => {
      const look = (snapshot: Snapshot) => {
        const { context, output } = snapshot;
        if (snapshot.matches('attempting')) return; // a prepare may be reconciled there too
        if (request && snapshot.children.prepareSecondFactor === request) return;
        subscription.unsubscribe();
        const isPrepared = request !== undefined && snapshot.matches('prepared');
        const isSame = context.factor === begun.context.factor && !context.error;
        if (output?.outcome === 'complete') resolve(output.signIn);
        else if (isPrepared && isSame) resolve(context.signIn);
        else reject(context.error ?? new SecondFactorError('cancelled'));
      };
      const gone = () => reject(new SecondFactorError('cancelled'));
      const subscription = actor.subscribe({ next: look, complete: gone, error: gone });
      look(actor.getSnapshot());
    });
  };

  return {
    actor,
    bookmark: () => bookmark(actor.getSnapshot()),
    stop() {
      abandonRequests(actor);
      actor.stop();
    },

    async prepareSecondFactor(params) {
      if (!catchUp()) await null;
      const { snapshot, factor } = begin(params, false);
      if (isPreparing(snapshot, factor)) return settled();
      const refused = prepareRefusal(snapshot.context, factor);
      if (refused) throw refusal(snapshot, refused, factor);
      const isSent = needsPreparation(snapshot.context, factor);
      const isSeen = send(
        isSent
          ? { type: 'PREPARE', factor, at: now(), requestId: newId?.() }
          : { type: 'SELECT', factor },
      );
      if (!isSeen) await null;
      return isSent ? settled() : actor.getSnapshot().context.signIn;
    },

    async attemptSecondFactor(params) {
      if (!catchUp()) await null;
      const { snapshot, factor, code, trustDevice } = begin(params, true);
      const refused = attemptRefusal(snapshot.context, factor, code);
      if (refused) throw refusal(snapshot, refused);
      // A prepare of another factor gives way to this attempt.
      if (snapshot.matches('preparing') && !send({ type: 'SELECT', factor })) await null;
      const event = { type: 'ATTEMPT' as const, factor, trustDevice, requestId: newId?.() };
      if (!send(code ? { ...event, code } : event)) await null;
      return settled();
    },
  };
}

function isPreparing(snapshot: Snapshot, factor: SecondFactor): boolean {
  return snapshot.matches('preparing') && !isOtherFactor(snapshot.context, factor);
}

/** Reads the parameters of a call, each field once. Junk names no factor. */
function readParams({ options }: SecondFactorContext, params: unknown) {
  try {
    const { code, trustDevice } = Object(params);
    return {
      named: parseFactor(params, options.strategies),
      code: code === undefined ? undefined : oneTimeCode(code),
      trustDevice: trustDevice === true,
    };
  } catch {
    return { named: null, code: undefined, trustDevice: false }; // a getter or a proxy threw
  }
}

function refusal(
  { context }: Snapshot,
  code: SecondFactorErrorCode,
  factor?: SecondFactor,
): SecondFactorError {
  const until = code === 'rate_limited' ? deadlineOf(context, 'hold') : undefined;
  const retryAt = until ?? (factor && cooldownOf(context, factor));
  return new SecondFactorError(code, { retryAt });
}

/** What a SignIn resource can do. */
interface SignInMethods {
  prepareSecondFactor(params: object): Promise<SignInLike>;
  attemptSecondFactor(params: object): Promise<SignInLike>;
  reload(): Promise<SignInLike>;
}

/** The methods of the SignIn itself. They are called on it, so that they keep their `this`. */
function methodsOf(signIn: SignInLike): SecondFactorServices {
  const own: SignInMethods = Object(signIn);
  const isMethod = (name: keyof SignInMethods) => typeof own[name] === 'function';
  if (!isMethod('prepareSecondFactor') || !isMethod('attemptSecondFactor')) {
    throw new TypeError(
      'createSecondFactor needs services, or a signIn with prepareSecondFactor() and attemptSecondFactor().',
    );
  }
  return {
    prepareSecondFactor: (params) => own.prepareSecondFactor(params),
    attemptSecondFactor: (params) => own.attemptSecondFactor(params),
    ...(isMethod('reload') && { reloadSignIn: () => own.reload() }),
  };
}
