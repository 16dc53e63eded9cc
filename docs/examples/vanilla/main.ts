import { connect, followSteps } from 'second-factor';
import { setProps } from '../shared/set-props.ts';
import { sendOnArrival, startFlow } from '../shared/start-flow.ts';

const app = document.querySelector('main') as HTMLElement;
app.innerHTML = `
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
const part = (name: string) => app.querySelector(`[data-part=${name}]`) as HTMLElement;
const ways = app.querySelector('.ways') as HTMLElement;
const again = app.querySelector('a') as HTMLElement;

const { actor, ...flow } = await startFlow();
const follow = followSteps(document);

function render() {
  const view = connect(actor.getSnapshot(), actor.send, { now: Date.now });
  const show = (name: string, props: object, text?: string) => {
    setProps(part(name), props);
    // A live region speaks whenever its text is set, also to the same.
    if (text !== undefined && part(name).textContent !== text) part(name).textContent = text;
  };
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
  again.hidden = view.can.cancel;
  follow(view);
}

actor.subscribe({ next: render, complete: render });
setInterval(render, 1_000);
render();
sendOnArrival({ actor, ...flow });
