import type { Framed } from './host.ts';

/** What the page around the frame hands to the page in it. */
// SAFETY: `host.ts` sets it before it makes the frame; outside of one the server shows no such page.
export const demo = window.parent.secondFactorDemo as Framed;
