import { describe, expect, it } from 'vitest';
import { bundleForBrowser } from './bundle.ts';
import { onePage } from './one-page.ts';

/** A page over a hook of `@xstate/react` that has a code sent as soon as it is there. */
const pageOver = (hook: string) => `
  import * as hooks from '@xstate/react';
  import { createElement, StrictMode, useEffect } from 'react';
  import { createRoot } from 'react-dom/client';
  import { connect, provideServices } from 'second-factor';
  import { sandboxServices } from 'second-factor/sandbox';

  const { signIn } = JSON.parse(document.getElementById('state').textContent);
  const machine = provideServices(sandboxServices({ signInId: signIn.id }));
  const factor = { strategy: 'phone_code' };

  function SecondFactor() {
    const actor = ${hook}(machine, { input: { signIn, factor, at: Date.now() } });
    const snapshot = hooks.useSelector(actor, (current) => current);
    const view = connect(snapshot, actor.send, { now: Date.now });
    useEffect(() => view.prepare(), [actor]);
    return createElement('form', view.formProps(),
      createElement('p', view.statusProps(), view.announcement),
      createElement('input', view.codeInputProps()),
    );
  }
  createRoot(document.getElementById('app'))
    .render(createElement(StrictMode, null, createElement(SecondFactor)));
`;

const HOOKS = {
  useActorRef: 'hooks.useActorRef',
  useMachine: '((machine, options) => hooks.useMachine(machine, options)[2])',
};

const here = onePage();

describe.each(Object.entries(HOOKS))('a page over %s under StrictMode', (_, hook) => {
  it('sends one text message, and takes its code', async () => {
    const script = await bundleForBrowser(pageOver(hook));
    await here.open({ state: { signIn: await here.signIn('ada@example.com') }, script });
    await here.hears(/^A code was sent/);
    expect(here.sandbox.requests.count('prepare')).toBe(1);
    await here.page.locator('input').fill(here.sandbox.inbox.code());
    await here.hears('Verified.');
    expect(here.sandbox.requests.count('attempt')).toBe(1);
  });
});
