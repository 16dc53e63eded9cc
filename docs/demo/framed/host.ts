// Has the form for the code drawn by an example: its page, as it is, in a frame.
import { connect, followSteps, type SecondFactorFlow } from 'second-factor';
import { apply, element, make, setText } from '../dom.ts';
import type { Framework } from '../frameworks.ts';
import { type RunSecondFactor, startFlow } from '../sign-in.ts';

/** What the page in the frame finds at its parent. */
export interface Framed {
  readonly library: { readonly connect: typeof connect; readonly followSteps: typeof followSteps };
  readonly actor: SecondFactorFlow['actor'];
  /** The time, in ms since the epoch. */
  now(): number;
  /** Told when the page takes the flow. */
  onStart(): void;
}

declare global {
  interface Window {
    secondFactorDemo?: Framed;
  }
}

/** Runs the second factor in the page of a framework. */
export function runFramed({ id, name }: Framework): RunSecondFactor {
  return (signIn, page) => {
    const card = element('sign-in');
    const status = element('second-factor-status');
    card.dataset.framed = id;
    setText(status, `Loading the form in ${name}…`);
    status.removeAttribute('data-error');
    const { actor, stop } = startFlow(signIn, page);

    const frame = make('iframe', { title: `The form in ${name}`, src: `/examples/${id}/` });
    frame.onload = () => fitHeight(frame);
    window.secondFactorDemo = {
      library: { connect, followSteps },
      actor,
      now: page.now,
      onStart: () => setText(status, ''), // from here on the frame has a status of its own
    };

    // The end is shown by the page around the frame, and said there.
    const conclude = () => {
      if (actor.getSnapshot().status !== 'done') return;
      const view = connect(actor.getSnapshot(), actor.send, { now: page.now });
      apply(status, view.statusProps());
      setText(status, view.announcement);
      status.focus();
    };
    actor.subscribe(conclude);
    conclude();
    // After the end nobody sees the form, and its page would take back what was said.
    if (actor.getSnapshot().status === 'active') element('framed').replaceChildren(frame);

    return () => {
      frame.remove();
      delete card.dataset.framed;
      return stop();
    };
  };
}

/** Makes a frame as high as its page. */
function fitHeight(frame: HTMLIFrameElement): void {
  const body = frame.contentDocument?.body;
  if (!body) return;
  const measure = () => {
    if (body.offsetHeight > 0) frame.style.height = `${body.offsetHeight}px`;
  };
  new ResizeObserver(measure).observe(body);
}
