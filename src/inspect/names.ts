import { isPart } from './json.ts';
import type { Json } from './show.ts';

/** XState's own event types are long; people know them as `done` and `error`. */
export function shortType(type: string): string {
  const [, kind, rest] = /^xstate\.(done|error)\.(?:actor|state)\.(.+)$/.exec(type) ?? [];
  if (kind !== undefined) return `${rest} ${kind}`;
  const after = /^xstate\.after\.(.+?)\./.exec(type);
  return after ? `after ${after[1]}` : type;
}

/** The active states of a state value as dotted paths, one a region. */
export function statePaths(value: Json): string[] {
  if (!isPart(value)) return [String(value)];
  const regions = Object.entries(value);
  return regions.flatMap(([key, inner]) => {
    if (isPart(inner) && Object.keys(inner).length === 0) return [key];
    return statePaths(inner).map((path) => `${key}.${path}`);
  });
}
