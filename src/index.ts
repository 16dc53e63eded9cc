export { type Bookmark, type BookmarkableSnapshot, bookmark } from '../machines/bookmark.ts';
export {
  type ErrorCause,
  type HaltReason,
  isSecondFactorError,
  SecondFactorError,
  type SecondFactorErrorCode,
  type SecondFactorErrorInit,
} from '../machines/errors.ts';
export type { SecondFactor } from '../machines/factors.ts';
export { type OneTimeCode, oneTimeCode } from '../machines/one-time-code.ts';
export { secondFactorMachine } from '../machines/second-factor.machine.ts';
export type {
  AttemptInput,
  Delivery,
  Failure,
  Reply,
  RequestInFlight,
  RequestInput,
  ResolvedOptions,
  SecondFactorContext,
  SecondFactorEvent,
  SecondFactorInput,
  SecondFactorOptions,
  SecondFactorOutput,
} from '../machines/second-factor.types.ts';
export type { ParsedSignIn, SignIn, SignInLike, Verification } from '../machines/sign-in.ts';
export { emailLink, passkey, type Strategies, type Strategy } from '../machines/strategies.ts';
export {
  type Challenged,
  type ChallengeOptions,
  challengeServices,
  type SentChallenge,
} from './challenge-services.ts';
export { connect } from './connect.ts';
export type {
  ButtonProps,
  CodeInputProps,
  ConnectOptions,
  ElementIds,
  ErrorView,
  FactorView,
  FormProps,
  LabelProps,
  Normalized,
  PropNormalizer,
  SecondFactorSnapshot,
  SecondFactorState,
  SecondFactorView,
  StatusProps,
  ViewEvent,
} from './connect.types.ts';
export {
  type CreateSecondFactorOptions,
  createSecondFactor,
  type SecondFactorFlow,
} from './create-second-factor.ts';
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
export {
  type AttemptSecondFactorParams,
  type PrepareSecondFactorParams,
  provideServices,
  type SecondFactorServices,
  type ServiceOptions,
  type ServiceRequest,
} from './services.ts';
export { defaultToError, readRetryAfter, type ToError } from './to-error.ts';
export { type OtpCredentials, type OtpRequest, submitTextMessages } from './web-otp.ts';
