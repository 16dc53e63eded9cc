/**
 * Looking at a running flow, in development; see `index.browser.ts`. In Node `inspectWithXState` serves too.
 *
 * @packageDocumentation
 */
export * from './index.browser.ts';
// What is named here goes before what is exported as a whole.
export { inspectWithXState } from './serve-xstate.ts';
