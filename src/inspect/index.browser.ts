/**
 * Looking at a running flow, in development: inspectors, an offline viewer and a text form. All of
 * them show what a shape names, and tell everything else by its kind. The shapes of the
 * second-factor machine are built in: words of closed tables, times, counts, ids and masked contacts.
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
  Refusal,
  ShownEvent,
  ShownSnapshot,
  SnapshotMessage,
} from './messages.ts';
export {
  type Inspection,
  type OpenViewerOptions,
  openViewer,
  recordSession,
  type SessionRecorder,
  type ViewerInspection,
} from './open-viewer.ts';
export type { InspectorOptions } from './recorder.ts';
export type { Session } from './session.ts';
export { sessionTest } from './session-test.ts';
export type { ShowOptions } from './shapes.ts';
export { type Json, type Shape, show } from './show.ts';
export {
  type DescribeOptions,
  describe,
  type LogTransitionsOptions,
  logTransitions,
} from './text.ts';
export { inspectWithStately, type StatelyInspector } from './with-stately.ts';
export {
  type InspectorServer,
  type InspectorSocket,
  type InspectWithXStateOptions,
  inspectWithXState,
  type XStateInspection,
} from './with-xstate.ts';
