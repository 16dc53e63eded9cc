// The second factor in a page of its own making: plain DOM, no framework. All that an application
// needs is in this file; `apply` puts what a prop getter returns on an element.
import {
  type Bookmark,
  connect,
  createSecondFactor,
  followSteps,
  type SignIn,
} from 'second-factor';
import { sandboxServices } from 'second-factor/sandbox';
import { apply, clock, element, make, setText } from './dom.ts';

/** Where a reload finds the flow again: a bookmark, which holds no code and no personal data. */
const STORAGE_KEY = 'second-factor';
/** Often enough that no second of a countdown is skipped. */
const TICK_MS = 250;

type FlowOptions = Parameters<typeof createSecondFactor>[0];

/** What the page gives the second factor. */
export interface SecondFactorPage extends Pick<FlowOptions, 'inspect' | 'options'> {
  /** The time, in ms since the epoch. */
  readonly now: () => number;
  /** Told once, when the flow is over. */
  onEnd(signIn: SignIn, isComplete: boolean): void;
}

/** Shows the second factor of a sign-in. @returns a function that stops it and hands the sign-in back */
export type RunSecondFactor = (signIn: SignIn, page: SecondFactorPage) => () => SignIn;

/** Runs the second factor of a sign-in in the page's elements. */
export const runSecondFactor: RunSecondFactor = (signIn, page) => {
  const { actor, stop } = startFlow(signIn, page);
  const follow = followSteps(document);
  let malformed: string | null = null;
  const onMalformed = (step: string | null) => {
    malformed = step;
    render();
  };

  const render = () => {
    const options = { now: page.now, malformed, onMalformed };
    const view = connect(actor.getSnapshot(), actor.send, options);
    show('second-factor-status', view.statusProps(), view.announcement);
    show('code-form', view.formProps());
    show('code-label', view.labelProps(), view.labels.code);
    show('second-factor-code', view.codeInputProps());
    show('code-hint', {}, hintOf(view));
    show('second-factor-submit', view.submitButtonProps(), view.labels.submit);
    show('second-factor-resend', view.resendButtonProps(), view.labels.resend);
    show('cancel', view.cancelButtonProps(), view.labels.cancel);
    showEach('factors', view.factors, (button, factor) => {
      apply(button, view.factorButtonProps(factor));
      setText(button, factor.label);
    });
    follow(view);
  };

  const tick = setInterval(render, TICK_MS);
  actor.subscribe({ next: render, complete: () => clearInterval(tick) });
  render();
  return stop;
};

/**
 * Starts the flow of a sign-in, or goes on with it, and keeps its bookmark. Nothing is drawn.
 *
 * @returns the actor, and a function that stops it and hands the sign-in back
 */
export function startFlow(signIn: SignIn, page: SecondFactorPage) {
  const flow = createSecondFactor({
    signIn,
    services: sandboxServices({ signInId: signIn.id }),
    resume: readBookmark(), // after a reload nothing is sent again
    now: page.now,
    inspect: page.inspect,
    options: page.options,
  });
  const { actor } = flow;
  const wake = () => connect(actor.getSnapshot(), actor.send, { now: page.now }).catchUp();
  const tick = setInterval(wake, TICK_MS); // timers sleep when a laptop does

  const update = () => {
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify(flow.bookmark()));
    const { output } = actor.getSnapshot();
    if (output) page.onEnd(output.signIn, output.outcome === 'complete');
  };
  actor.subscribe({ next: update, complete: () => clearInterval(tick) });
  update();

  const stop = () => {
    flow.stop();
    return actor.getSnapshot().context.signIn;
  };
  return { actor, stop };
}

/** What stands under the code field: how long to wait, or how long the code is good for. */
function hintOf(view: ReturnType<typeof connect>): string {
  if (view.holdInMs > 0) return `Another try is possible in ${clock(view.holdInMs)}.`;
  if (view.codeExpiresInMs) return `The code is good for another ${clock(view.codeExpiresInMs)}.`;
  return '';
}

function show(id: string, props: object, text?: string): void {
  apply(element(id), props);
  if (text !== undefined) setText(element(id), text);
}

/** Shows a list of buttons, and keeps those that are there, so that none loses the focus. */
function showEach<Item>(
  id: string,
  items: readonly Item[],
  update: (button: HTMLButtonElement, item: Item) => void,
): void {
  const list = element(id);
  while (list.childElementCount > items.length) list.lastElementChild?.remove();
  for (const [index, item] of items.entries()) {
    if (!list.children[index]) list.append(make('li', {}, make('button')));
    const button = list.children[index]?.querySelector('button');
    if (button) update(button, item);
  }
}

/** The bookmark of the flow that this tab was in, if any. */
export function readBookmark(): Partial<Bookmark> {
  return JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? '{}');
}

/** Forgets the flow that this tab was in. */
export function forgetBookmark(): void {
  sessionStorage.removeItem(STORAGE_KEY);
}
