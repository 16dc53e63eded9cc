import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_PASSWORD } from '../../../src/sandbox/index.ts';
import { guardPage, openContext, type PageGuard } from '../support/browser.ts';
import { StoppedClock } from '../support/clock.ts';
import { openSite, type Site } from '../support/site.ts';
import { bundleForBrowser, documentOf } from './bundle.ts';

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

let site: Site;
let page: Page;
let guard: PageGuard;
/** By path, what the site sends: a page, and its script. */
let files: Record<string, [type: string, text: string]>;

beforeEach(async () => {
  const clock = new StoppedClock();
  const send = (path: string) => {
    const [type = '', text = ''] = files[path] ?? [];
    return new Response(text, { headers: { 'content-type': type } });
  };
  site = await openSite({ clock, send });
  page = await (await openContext(clock)).newPage();
  guard = guardPage(page, site.url);
});
afterEach(async () => {
  await page?.context().close();
  await site?.close();
});

describe.each(Object.entries(HOOKS))('a page over %s under StrictMode', (_, hook) => {
  it('sends one text message, and takes its code', async () => {
    const ada = { identifier: 'ada@example.com', password: DEFAULT_PASSWORD };
    const signIn = await site.sandbox.createSignIn(ada);
    files = {
      '/': ['text/html', documentOf({ state: { signIn }, html: '' })],
      '/page.js': ['text/javascript', await bundleForBrowser(pageOver(hook))],
    };
    await page.goto(site.url);
    await page
      .getByRole('status')
      .filter({ hasText: /^A code was sent/ })
      .waitFor();
    expect(site.sandbox.requests.count('prepare')).toBe(1);
    await page.locator('input').fill(site.sandbox.inbox.code());
    await page.getByRole('status').filter({ hasText: 'Verified.' }).waitFor();
    expect(site.sandbox.requests.count('attempt')).toBe(1);
    expect(guard.complaints).toEqual([]);
  });
});
