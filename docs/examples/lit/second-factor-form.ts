import { html, LitElement, nothing } from 'lit';
import { Directive, directive, type ElementPart } from 'lit/directive.js';
import { connect, followSteps, type SecondFactorFlow, type SecondFactorView } from 'second-factor';
import { setProps } from '../shared/set-props.ts';
import { sendOnArrival } from '../shared/start-flow.ts';

const spread = directive(
  class extends Directive {
    override update({ element }: ElementPart, [props]: [object]) {
      setProps(element, props);
    }
    override render(_props: object) {}
  },
);

export class SecondFactorForm extends LitElement {
  declare flow: SecondFactorFlow;
  #malformed: string | null = null;
  #leave = () => {};
  #follow = followSteps(document);

  protected override createRenderRoot() {
    return this; // in the page's own tree, for its styles
  }

  override connectedCallback() {
    super.connectedCallback();
    const look = () => this.requestUpdate();
    const subscription = this.flow.actor.subscribe(look);
    const timer = setInterval(look, 1_000);
    sendOnArrival(this.flow);
    this.#leave = () => {
      subscription.unsubscribe();
      clearInterval(timer);
    };
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.#leave();
  }

  get #view(): SecondFactorView {
    const { actor } = this.flow;
    return connect(actor.getSnapshot(), actor.send, {
      now: Date.now,
      malformed: this.#malformed,
      onMalformed: (step) => {
        this.#malformed = step;
        this.requestUpdate();
      },
    });
  }

  protected override updated() {
    this.#follow(this.#view);
  }

  protected override render() {
    const view = this.#view;
    return html`
      <h1>Two-step verification</h1>
      <p ${spread(view.statusProps())}>${view.announcement}</p>
      <form ${spread(view.formProps())}>
        <label ${spread(view.labelProps())}>${view.labels.code}</label>
        <input ${spread(view.codeInputProps())} />
        <button ${spread(view.submitButtonProps())}>${view.labels.submit}</button>
        <button ${spread(view.resendButtonProps())}>${view.labels.resend}</button>
      </form>
      <div class="ways" role="group" aria-label="Ways to verify">
        ${view.factors.map(
          (factor) =>
            html`<button ${spread(view.factorButtonProps(factor))}>${factor.label}</button>`,
        )}
      </div>
      <button ${spread(view.cancelButtonProps())}>${view.labels.cancel}</button>
      ${view.can.cancel ? nothing : html`<a href="?">Sign in again</a>`}
    `;
  }
}
customElements.define('second-factor-form', SecondFactorForm);
