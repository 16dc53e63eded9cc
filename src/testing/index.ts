export {
  type ActorName,
  type AlphabetOptions,
  abstractState,
  canOccur,
  type Letter,
  secondFactorAlphabet,
} from './alphabet.ts';
export {
  events,
  type FaultOptions,
  factors,
  faultPlans,
  faults,
  junk,
  rejections,
  replies,
  signIns,
  tellFault,
  verifications,
} from './arbitraries.ts';
export {
  type CommandOptions,
  runSecondFactor,
  type SecondFactorCommand,
  type SecondFactorModel,
  secondFactorCommands,
  secondFactorModel,
} from './commands.ts';
export { type ActorDriverOptions, actorDriver, type SecondFactorControls } from './drivers.ts';
export {
  checkSnapshot,
  checkTrace,
  checkTransition,
  completeIffVerified,
  cooldownsAreFair,
  INVARIANTS,
  type Invariant,
  junkKillsNothing,
  noDeadEnds,
  nothingAfterTheEnd,
  oneAttemptAtATime,
  onePrepareEach,
  possibleSteps,
  preparedBeforeAttempted,
  refusedChangesNothing,
  resumeAllowsTheSame,
  sameEventSameSnapshot,
  secretStaysSecret,
  supersededRepliesChangeNothing,
  type Violation,
  viewAgrees,
} from './invariants.ts';
export {
  type PathOptions,
  type PathStep,
  type SecondFactorPath,
  secondFactorPaths,
} from './paths.ts';
export { type ScheduledServices, scheduledServices } from './scheduling.ts';
export { findSecrets } from './secrets.ts';
export {
  checkServices,
  describeServices,
  type MakeServices,
  type Runner,
  SERVICE_CHECKS,
  type ServiceCheckResult,
  type ServicesUnderTest,
} from './services-conformance.ts';
export {
  firstSnapshot,
  type MachineEvent,
  nextSnapshot,
  type PureSteps,
  pureSteps,
  type SecondFactorSnapshot,
  stateName,
} from './step.ts';
export { SimulatedTime, settlePromises } from './time.ts';
export {
  type EndStep,
  type Recorder,
  type RecordOptions,
  type RequestStep,
  recordTrace,
  type Trace,
  type TraceStep,
  type TransitionStep,
  tellEvent,
  tellTrace,
} from './trace.ts';
export {
  type SandboxWorld,
  type SandboxWorldOptions,
  type SecondFactorDriver,
  type SecondFactorWorld,
  sandboxWorld,
} from './world.ts';
