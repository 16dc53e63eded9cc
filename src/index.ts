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
  type ButtonProps,
  type CodeInputProps,
  type ConnectOptions,
  connect,
  type ElementIds,
  type ErrorView,
  type FactorView,
  type FormProps,
  type LabelProps,
  type Normalized,
  type PropNormalizer,
  type SecondFactorSnapshot,
  type SecondFactorState,
  type SecondFactorView,
  type StatusProps,
  type ViewEvent,
} from './connect.ts';
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
export { type ElementLookup, followSteps, type StepView } from './follow-steps.ts';
export {
  englishMessages,
  formatCount,
  formatDuration,
  type Message,
  type MessageFacts,
  type Messages,
  type ViewMessageKey,
} from './messages.ts';
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
export { type OtpCredentials, type OtpRequest, submitTextMessages } from './web-otp.ts';
