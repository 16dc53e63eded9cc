import type { SecondFactorView } from './connect.types.ts';

/** What is needed of a document to find elements. A shadow root fits too. */
export interface ElementLookup {
  getElementById(id: string): object | null;
  readonly activeElement?: object | null;
}

/** What {@link followSteps} needs of a view. */
export type StepView = Pick<SecondFactorView, 'step' | 'focus' | 'ids' | 'clearsCode'>;

/**
 * Does to the page what props can't: it moves focus to where it belongs after each step, and empties the code
 * field once the code is of no more use. Call the function that it returns after each render. That acts only
 * when the step has changed, so a countdown never steals focus.
 *
 * The first call leaves focus alone, if the user has put it somewhere already.
 *
 * @param root - the document, or the shadow root that the form is in
 */
export function followSteps(root: ElementLookup): (view: StepView) => void {
  let last: StepView | undefined;
  return (view) => {
    if (view.step === last?.step) return;
    const isOtherFactor = last !== undefined && factorIn(view) !== factorIn(last);
    const isFirst = last === undefined;
    last = view;
    const field = root.getElementById(view.ids.code) as { value?: string } | null;
    if (field && (view.clearsCode || isOtherFactor)) field.value = '';
    if (isFirst && hasFocusElsewhere(root)) return;
    const target = root.getElementById(view.ids[view.focus]) as { focus?(): void } | null;
    target?.focus?.();
  };
}

/** Until it draws the next frame, a browser reports focus on an element that was just hidden. */
function hasFocusElsewhere({ activeElement }: ElementLookup): boolean {
  const active = (activeElement ?? {}) as { tagName?: string; checkVisibility?(): boolean };
  const isSomewhere = active.tagName !== undefined && active.tagName !== 'BODY';
  return isSomewhere && active.checkVisibility?.() !== false;
}

/** A step names the state, then the factor. */
function factorIn({ step }: StepView): string {
  return step.slice(step.indexOf(' '));
}
