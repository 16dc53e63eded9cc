import type { InspectorMessage } from './messages.ts';

/** What a saved session says it is. */
export const SESSION_FORMAT = 'second-factor/session';

/** A recorded session: JSON to attach to a bug report, and to open in the viewer. */
export interface Session {
  readonly format: typeof SESSION_FORMAT;
  readonly version: 1;
  readonly messages: readonly InspectorMessage[];
}
