import type { Json } from './show.ts';

/** An object as it was recorded. */
export type Part = { readonly [key: string]: Json };

export function isPart(value: Json | undefined): value is Part {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What was recorded as an object, or an empty one. */
export function partOf(value: Json | undefined): Part {
  return isPart(value) ? value : {};
}
