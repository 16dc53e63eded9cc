import { connect, followSteps, type SecondFactorFlow } from 'second-factor';
import { setProps } from '../shared/set-props.ts';
import { sendOnArrival } from '../shared/start-flow.ts';

const HTML = `
  <h1>Two-step verification</h1>
  <p data-part="status"></p>
  <form data-part="form">
    <label data-part="label"></label>
    <input data-part="code" />
    <button data-part="submit"></button>
    <button data-part="resend"></button>
  </form>
  <div class="ways" role="group" aria-label="Ways to verify"></div>
  <button data-part="cancel"></button>
  <a href="?">Sign in again</a>`;

export function showSecondFactor(app: HTMLElement, flow: SecondFactorFlow): void {
  const { actor } = flow;
  app.innerHTML = HTML;
  const find = (selector: string) => app.querySelector(selector) as HTMLElement;
  const ways = find('.ways');
  const follow = followSteps(document);
  let malformed: string | null = null;

  const show = (name: string, props: object, text?: string) => {
    const part = find(`[data-part=${name}]`);
    setProps(part, props);
    // A live region speaks whenever its text is set, also to the same.
    if (text !== undefined && part.textContent !== text) part.textContent = text;
  };

  const render = () => {
    const view = connect(actor.getSnapshot(), actor.send, {
      now: Date.now,
      malformed,
      onMalformed: (step) => {
        malformed = step;
        render();
      },
    });
    show('status', view.statusProps(), view.announcement);
    show('form', view.formProps());
    show('label', view.labelProps(), view.labels.code);
    show('code', view.codeInputProps());
    show('submit', view.submitButtonProps(), view.labels.submit);
    show('resend', view.resendButtonProps(), view.labels.resend);
    show('cancel', view.cancelButtonProps(), view.labels.cancel);
    for (const [index, factor] of view.factors.entries()) {
      const button = ways.children[index] ?? ways.appendChild(document.createElement('button'));
      setProps(button, view.factorButtonProps(factor));
      button.textContent = factor.label;
    }
    while (ways.children.length > view.factors.length) ways.lastElementChild?.remove();
    find('a').hidden = view.can.cancel;
    follow(view);
  };

  actor.subscribe(render);
  setInterval(render, 1_000);
  render();
  sendOnArrival(flow);
}
