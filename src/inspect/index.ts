/**
 * Looking at a running flow, in development: inspectors, an offline viewer and a text form. Nothing
 * that they show is a code, a token or somebody's address.
 *
 * @packageDocumentation
 */
export type { Chart, ChartNode, ChartTransition, TransitionKind } from './chart.ts';
export type { EventHints, Suggestion } from './hints.ts';
export type {
  ActorMessage,
  EventMessage,
  InspectorMessage,
  Offer,
  ShownEvent,
  ShownSnapshot,
  SnapshotMessage,
} from './messages.ts';
export {
  type OpenViewerOptions,
  openViewer,
  recordSession,
  type SessionRecorder,
  type ViewerInspection,
} from './open-viewer.ts';
export type { InspectorOptions } from './recorder.ts';
export {
  createRedactor,
  type Json,
  REDACTED,
  type RedactOptions,
  type Redactor,
  redact,
} from './redact.ts';
export type { Session } from './session.ts';
export {
  type DescribeOptions,
  describe,
  type LogTransitionsOptions,
  logTransitions,
} from './text.ts';
export { type Inspection, inspectWithStately, type StatelyInspector } from './with-stately.ts';
export {
  type InspectorServer,
  type InspectorSocket,
  type InspectWithXStateOptions,
  inspectWithXState,
  type XStateInspection,
} from './with-xstate.ts';
