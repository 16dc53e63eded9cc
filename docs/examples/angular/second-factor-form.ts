import {
  afterRenderEffect,
  Component,
  computed,
  Directive,
  ElementRef,
  InjectionToken,
  Input,
  inject,
  signal,
} from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { from, interval } from 'rxjs';
import { connect, followSteps, type SecondFactorFlow } from 'second-factor';
import { setProps } from '../shared/set-props.ts';
import { sendOnArrival } from '../shared/start-flow.ts';

export const FLOW = new InjectionToken<SecondFactorFlow>('the running flow');

@Directive({ selector: '[props]' })
export class Props {
  readonly #element: HTMLElement = inject(ElementRef).nativeElement;

  @Input() set props(props: object) {
    setProps(this.#element, props);
  }
}

@Component({
  selector: '#app',
  imports: [Props],
  template: `
    @let now = view();
    <h1>Two-step verification</h1>
    <p [props]="now.statusProps()">{{ now.announcement }}</p>
    <form [props]="now.formProps()">
      <label [props]="now.labelProps()">{{ now.labels.code }}</label>
      <input [props]="now.codeInputProps()" />
      <button [props]="now.submitButtonProps()">{{ now.labels.submit }}</button>
      <button [props]="now.resendButtonProps()">{{ now.labels.resend }}</button>
    </form>
    <div class="ways" role="group" aria-label="Ways to verify">
      @for (factor of now.factors; track factor.key) {
        <button [props]="now.factorButtonProps(factor)">{{ factor.label }}</button>
      }
    </div>
    <button [props]="now.cancelButtonProps()">{{ now.labels.cancel }}</button>
    @if (!now.can.cancel) {
      <a href="?">Sign in again</a>
    }
  `,
})
export class SecondFactorForm {
  readonly #flow = inject(FLOW);
  readonly #snapshot = toSignal(from(this.#flow.actor), {
    initialValue: this.#flow.actor.getSnapshot(),
  });
  readonly #second = toSignal(interval(1_000));
  readonly #malformed = signal<string | null>(null);
  readonly view = computed(() => {
    this.#second(); // counts down
    return connect(this.#snapshot(), this.#flow.actor.send, {
      now: Date.now,
      malformed: this.#malformed(),
      onMalformed: (step) => this.#malformed.set(step),
    });
  });

  constructor() {
    const follow = followSteps(document);
    afterRenderEffect(() => follow(this.view()));
    sendOnArrival(this.#flow);
  }
}
