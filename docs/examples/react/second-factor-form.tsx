import { useSelector } from '@xstate/react';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { connect, followSteps, type SecondFactorFlow } from 'second-factor';
import { sendOnArrival } from '../shared/start-flow.ts';

export function SecondFactorForm({ flow }: { flow: SecondFactorFlow }) {
  const snapshot = useSelector(flow.actor, (current) => current);
  const [malformed, onMalformed] = useState<string | null>(null);
  const now = useSecond() === null ? undefined : Date.now;
  const view = connect(snapshot, flow.actor.send, { now, malformed, onMalformed });

  useEffect(() => sendOnArrival(flow), [flow]);

  const follow = useRef<ReturnType<typeof followSteps>>(null);
  useEffect(() => {
    follow.current ??= followSteps(document);
    follow.current(view);
  });

  return (
    <>
      <h1>Two-step verification</h1>
      <p {...view.statusProps()}>{view.announcement}</p>
      <form {...view.formProps()}>
        <label {...view.labelProps()}>{view.labels.code}</label>
        <input {...view.codeInputProps()} />
        <button {...view.submitButtonProps()}>{view.labels.submit}</button>
        <button {...view.resendButtonProps()}>{view.labels.resend}</button>
      </form>
      <div className="ways" role="group" aria-label="Ways to verify">
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

/** Renders once a second. There is no time while a page hydrates: it shows what the server did. */
function useSecond() {
  const second = () => Math.floor(Date.now() / 1_000);
  return useSyncExternalStore(everySecond, second, () => null);
}

function everySecond(tick: () => void) {
  const timer = setInterval(tick, 1_000);
  return () => clearInterval(timer);
}
