import type { HaltReason, SecondFactorError } from './errors.ts';
import type { SecondFactor } from './factors.ts';
import type { OneTimeCode } from './one-time-code.ts';
import type { ParsedSignIn, SignIn, SignInLike } from './sign-in.ts';
import type { Strategies } from './strategies.ts';

/** What a host may set. Durations are in ms. */
export interface SecondFactorOptions {
  /** How long to wait before the same factor is prepared again. `@defaultValue` 30_000 */
  readonly resendCooldownMs?: number | undefined;
  /** How long a request may take; `null` for no limit. `@defaultValue` 30_000 */
  readonly requestTimeoutMs?: number | null | undefined;
  /** How long `reloadSignIn` may take; `null` for no limit. `@defaultValue` 10_000 */
  readonly reloadTimeoutMs?: number | null | undefined;
  /** Whether the backend keeps one live delivery for a sign-in, or many: one for each factor. `@defaultValue` 'one' */
  readonly liveDeliveries?: 'one' | 'many' | undefined;
  /** Strategies beyond the built-in ones, by name. */
  readonly strategies?: Strategies | undefined;
}

/** A prepare that the backend confirmed, or whose answer was lost. Times are ms since the epoch. */
export interface Delivery {
  readonly sentAt: number;
  /** What the backend said. The view shows it, also after that time. */
  readonly expiresAt?: number;
  /** `false` if the answer was lost: the code may have arrived all the same. */
  readonly confirmed: boolean;
  /** The text by which the backend knows the delivery. It goes back with the attempt. */
  readonly challenge?: string;
}

/** What the machine remembers: no code, and nothing that a predicate could derive. */
export interface SecondFactorContext {
  readonly signIn: SignIn;
  /** The chosen factor; `null` only if none can be used. */
  readonly factor: SecondFactor | null;
  /** Keys of factors that the backend refused to serve. */
  readonly unavailable: readonly string[];
  /** By factor key. */
  readonly deliveries: Readonly<Record<string, Delivery>>;
  /** What is in force: `resend:<factorKey>`, `expiry:<factorKey>`, `hold` → ms since the epoch. */
  readonly deadlines: Readonly<Record<string, number>>;
  /** Why the last step did not work; in `halted`, why the flow ended. */
  readonly error: SecondFactorError | null;
  /** How many attempts have no answer: the one in flight, and those whose reply was lost. */
  readonly unanswered: number;
  /** The latest time that the machine was told, in ms since the epoch. */
  readonly now: number;
  /** When the backend last told of the sign-in, in ms since the epoch. */
  readonly learntAt: number;
  readonly options: ResolvedOptions;
}

export type RequestInFlight = 'prepare' | 'attempt';

/** {@link SecondFactorOptions} with the defaults filled in. */
export interface ResolvedOptions {
  readonly resendCooldownMs: number;
  readonly requestTimeoutMs: number | null;
  readonly reloadTimeoutMs: number | null;
  readonly liveDeliveries: 'one' | 'many';
  readonly strategies: Strategies;
}

/**
 * Every event of the machine. `at` is in ms since the epoch. `requestId` becomes the id of the request; an event
 * that is delivered twice has the same one.
 */
export type SecondFactorEvent =
  | { type: 'SELECT'; factor: SecondFactor }
  | {
      type: 'PREPARE';
      factor?: SecondFactor | undefined;
      at?: number | undefined;
      requestId?: string | undefined;
    }
  | {
      type: 'ATTEMPT';
      /** Absent for a strategy whose proof is a `credential`. */
      code?: OneTimeCode | undefined;
      factor?: SecondFactor | undefined;
      /** Whether the user wants this device to be trusted from now on. */
      trustDevice?: boolean | undefined;
      requestId?: string | undefined;
    }
  | { type: 'CANCEL' }
  | { type: 'SIGN_IN.CHANGED'; signIn: SignInLike; at: number }
  | { type: 'DEADLINE.PASSED'; name: string };

/** An event of a host or of an actor. What it carries is untrusted. */
export interface IncomingEvent {
  readonly type: string;
  readonly factor?: unknown;
  readonly code?: unknown;
  readonly name?: unknown;
  readonly at?: unknown;
  readonly requestId?: unknown;
  readonly trustDevice?: unknown;
  /** What a host learnt. */
  readonly signIn?: unknown;
  /** What an actor resolved with. */
  readonly output?: unknown;
  /** What an actor rejected with. */
  readonly error?: unknown;
}

/** What a flow starts with. */
export interface SecondFactorInput {
  readonly signIn: SignInLike;
  /** The time of the start, in ms since the epoch. */
  readonly at: number;
  /** The factor to start with. `@defaultValue` see `defaultFactor` */
  readonly factor?: SecondFactor | undefined;
  /** A bookmark of an earlier flow of the same sign-in. Anything else is ignored. */
  readonly resume?: unknown;
  readonly options?: SecondFactorOptions | undefined;
}

/** How a flow ended. */
export type SecondFactorOutput =
  | { readonly outcome: 'complete'; readonly signIn: SignIn }
  | {
      readonly outcome: 'halted';
      readonly reason: HaltReason;
      readonly error: SecondFactorError;
      readonly signIn: SignIn;
      /** Whether an attempt without an answer may still verify the sign-in. */
      readonly attemptMayLand: boolean;
    };

/** What every request actor is given. */
export interface RequestInput {
  /** The factor that the request is for; the chosen one for a reload. */
  readonly factor: SecondFactor;
  /** The text by which the backend knows the delivery to the factor. */
  readonly challenge?: string | undefined;
  /** The id of the event that led to the request, if it has one. */
  readonly requestId?: string | undefined;
  readonly strategies: Strategies;
}

/** What the `attemptSecondFactor` actor is given. */
export interface AttemptInput extends RequestInput {
  /** `null` for a strategy whose proof is a `credential`. */
  readonly code: OneTimeCode | null;
  readonly trustDevice?: boolean | undefined;
}

/** What an actor resolves with. `at` is in ms since the epoch. */
export interface Reply {
  readonly signIn: ParsedSignIn;
  readonly at: number;
}

/** What an actor rejects with. The machine reads any other rejection as `server_error`. */
export interface Failure {
  readonly error: SecondFactorError;
  readonly at: number;
}
