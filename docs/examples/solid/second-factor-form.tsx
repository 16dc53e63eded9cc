/** @jsxImportSource solid-js */
import {
  connect,
  followSteps,
  type SecondFactorFlow,
  type SecondFactorSnapshot,
} from 'second-factor';
import {
  createEffect,
  createMemo,
  createSignal,
  from,
  Index,
  onCleanup,
  onMount,
  Show,
} from 'solid-js';
import { sendOnArrival } from '../shared/start-flow.ts';

export function SecondFactorForm(props: { flow: SecondFactorFlow }) {
  const { actor } = props.flow;
  // Not `fromActorRef` of @xstate/solid: it merges each snapshot into the last one, in place, and the
  // chosen factor is an object of the list, which would change along with it.
  const snapshot = from<SecondFactorSnapshot>((set) => {
    const { unsubscribe } = actor.subscribe((next) => set(() => next));
    return unsubscribe;
  }, actor.getSnapshot());
  const [second, setSecond] = createSignal(0);
  const timer = setInterval(() => setSecond((seconds) => seconds + 1), 1_000);
  onCleanup(() => clearInterval(timer));

  const [malformed, onMalformed] = createSignal<string | null>(null);
  const view = createMemo(() => {
    second(); // counts down
    return connect(snapshot(), actor.send, {
      now: Date.now,
      malformed: malformed(),
      onMalformed,
    });
  });

  const follow = followSteps(document);
  createEffect(() => follow(view()));
  onMount(() => sendOnArrival(props.flow));

  return (
    <>
      <h1>Two-step verification</h1>
      <p {...view().statusProps()}>{view().announcement}</p>
      <form {...view().formProps()}>
        <label {...view().labelProps()}>{view().labels.code}</label>
        <input {...view().codeInputProps()} />
        <button {...view().submitButtonProps()}>{view().labels.submit}</button>
        <button {...view().resendButtonProps()}>{view().labels.resend}</button>
      </form>
      <div class="ways" role="group" aria-label="Ways to verify">
        <Index each={view().factors}>
          {(factor) => <button {...view().factorButtonProps(factor())}>{factor().label}</button>}
        </Index>
      </div>
      <button {...view().cancelButtonProps()}>{view().labels.cancel}</button>
      <Show when={!view().can.cancel}>
        <a href="?">Sign in again</a>
      </Show>
    </>
  );
}
