import type { InspectorMessage } from './messages.ts';

/** What a saved session says it is. */
export const SESSION_FORMAT = 'second-factor/session';

/** Which fields it has. A viewer opens its own version only. */
export const SESSION_VERSION = 1;

/** A recorded session: JSON to attach to a bug report, and to open in the viewer. */
export interface Session {
  readonly format: typeof SESSION_FORMAT;
  readonly version: typeof SESSION_VERSION;
  readonly messages: readonly InspectorMessage[];
}
