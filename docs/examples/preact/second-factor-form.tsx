/** @jsxImportSource preact */
import { useEffect, useState } from 'preact/hooks';
import { connect, followSteps, type SecondFactorFlow } from 'second-factor';
import { sendOnArrival } from '../shared/start-flow.ts';

export function SecondFactorForm({ flow }: { flow: SecondFactorFlow }) {
  const [snapshot, setSnapshot] = useState(() => flow.actor.getSnapshot());
  useEffect(() => {
    const subscription = flow.actor.subscribe(setSnapshot);
    setSnapshot(flow.actor.getSnapshot()); // it may have moved before this effect ran
    sendOnArrival(flow);
    return () => subscription.unsubscribe();
  }, [flow]);

  const [, setTicks] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTicks((ticks) => ticks + 1), 1_000);
    return () => clearInterval(timer);
  }, []);

  const [malformed, onMalformed] = useState<string | null>(null);
  const view = connect(snapshot, flow.actor.send, { now: Date.now, malformed, onMalformed });
  const field = view.codeInputProps();

  const [follow] = useState(() => followSteps(document));
  useEffect(() => follow(view));

  return (
    <>
      <h1>Two-step verification</h1>
      <p {...view.statusProps()}>{view.announcement}</p>
      <form {...view.formProps()}>
        <label {...view.labelProps()}>{view.labels.code}</label>
        {/* Without its compat layer, Preact hears this event by its lower-case name alone. */}
        <input {...field} {...{ oncompositionend: field.onCompositionEnd }} />
        <button {...view.submitButtonProps()}>{view.labels.submit}</button>
        <button {...view.resendButtonProps()}>{view.labels.resend}</button>
      </form>
      <div class="ways" role="group" aria-label="Ways to verify">
        {view.factors.map((factor) => (
          <button key={factor.key} {...view.factorButtonProps(factor)}>
            {factor.label}
          </button>
        ))}
      </div>
      <button {...view.cancelButtonProps()}>{view.labels.cancel}</button>
      {!view.can.cancel && <a href="?">Sign in again</a>}
    </>
  );
}
