export { secondFactorMachine } from '../machines/second-factor.machine.ts';
export type {
  AttemptInput,
  Delivery,
  Failure,
  PrepareInput,
  ReloadInput,
  Reply,
  RequestInFlight,
  ResolvedOptions,
  SecondFactorContext,
  SecondFactorEvent,
  SecondFactorInput,
  SecondFactorOptions,
  SecondFactorOutput,
} from '../machines/second-factor.types.ts';
export { type Bookmark, type BookmarkableSnapshot, bookmark } from './bookmark.ts';
export {
  type CreateSecondFactorOptions,
  createSecondFactor,
  type SecondFactorFlow,
} from './create-second-factor.ts';
export {
  type ErrorCause,
  type HaltReason,
  isSecondFactorError,
  SecondFactorError,
  type SecondFactorErrorCode,
  type SecondFactorErrorInit,
} from './errors.ts';
export { type OneTimeCode, oneTimeCode } from './one-time-code.ts';
export {
  type AttemptSecondFactorParams,
  type PrepareSecondFactorParams,
  provideServices,
  type SecondFactorServices,
  type ServiceOptions,
  type ServiceRequest,
} from './services.ts';
export type { ParsedSignIn, SecondFactor, SignIn, SignInLike, Verification } from './sign-in.ts';
export type { Strategies, Strategy } from './strategies.ts';
export { defaultToError, readRetryAfter, type ToError } from './to-error.ts';
