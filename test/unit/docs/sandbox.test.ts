import { describe, expect, it, vi } from 'vitest';
import { createSecondFactor, emailLink } from '../../../src/index.ts';
import {
  createHttpSignIn,
  createSandbox,
  DEFAULT_PASSWORD,
  DEFAULT_USER,
  sandboxServices,
} from '../../../src/sandbox/index.ts';
import { createSandboxApp, serveSandbox } from '../../../src/sandbox/server.ts';
import { describeExamples } from '../../support/doc-examples.ts';

// The examples of docs/sandbox.md, word for word: the last test compares them. Those that need somebody
// else's library are in test/backends/docs.test.ts.

// example: memory
async function signInWithText() {
  const sandbox = createSandbox();
  const signIn = sandbox.signIn(); // past the password
  const flow = createSecondFactor({ signIn, services: sandbox.services(signIn.id) });

  sandbox.faults.next('attempt', { dropReply: true }); // the code arrives, and the answer does not
  await flow.prepareSecondFactor({ strategy: 'phone_code' });
  const code = sandbox.inbox.code();
  const done = await flow.attemptSecondFactor({ strategy: 'phone_code', code });

  console.log(done.status); // complete: it was looked up
  console.log(sandbox.requests.all.map(({ method }) => method)); // prepare, attempt, reload
}
// end

// example: link
async function openLink() {
  const sandbox = createSandbox({ users: [{ ...DEFAULT_USER, emailLink: true }] });
  const signIn = sandbox.signIn();
  const flow = createSecondFactor({
    signIn,
    services: sandbox.services(signIn.id),
    options: { strategies: { email_link: emailLink } },
  });

  await flow.prepareSecondFactor({ strategy: 'email_link' });
  sandbox.openLink(sandbox.inbox.link());
  console.log(flow.actor.getSnapshot().output?.outcome); // complete
}
// end

// example: server
async function serve() {
  const { sandbox, url, close } = await serveSandbox(); // or { port: 4711 }
  sandbox.inbox.subscribe(({ to, code }) => console.log(`${to}: ${code}`));
  console.log(url, sandbox.authenticator.code());
  return close;
}
// end

// example: page
async function signInOverHttp(baseUrl: string) {
  const signIn = await createHttpSignIn(
    { identifier: 'ada@example.com', password: DEFAULT_PASSWORD },
    { baseUrl },
  );
  return createSecondFactor({
    signIn,
    services: sandboxServices({ signInId: signIn.id, baseUrl }),
  });
}
// end

// example: fetch
async function withoutSocket() {
  const app = createSandboxApp(createSandbox());
  return await app.request('/v1/client/sign_ins', {
    method: 'POST',
    body: new URLSearchParams({ identifier: 'ada@example.com', password: DEFAULT_PASSWORD }),
  });
}
// end

describe('the examples of docs/sandbox.md', () => {
  it('say what their comments promise', async () => {
    const said = vi.spyOn(console, 'log').mockImplementation(() => {});
    await signInWithText();
    expect(said.mock.calls).toEqual([['complete'], [['prepare', 'attempt', 'reload']]]);
    said.mockRestore();
  });

  it('hear of a link that was opened', async () => {
    const said = vi.spyOn(console, 'log').mockImplementation(() => {});
    await openLink();
    expect(said.mock.calls).toEqual([['complete']]);
    said.mockRestore();
  });

  it('serve a sign-in, and print its codes', async () => {
    const said = vi.spyOn(console, 'log').mockImplementation(() => {});
    const close = await serve();
    try {
      const [[url = '', totp = ''] = []] = said.mock.calls;
      expect(totp).toMatch(/^\d{6}$/);
      const flow = await signInOverHttp(String(url));
      await flow.prepareSecondFactor({ strategy: 'phone_code' });
      const [, printed] = /^\+\d+: (\d{6})$/.exec(String(said.mock.calls[1]?.[0])) ?? [];
      const done = await flow.attemptSecondFactor({
        strategy: 'phone_code',
        code: String(printed),
      });
      expect(done.status).toBe('complete');
    } finally {
      await close();
      said.mockRestore();
    }
  });

  it('answer without a socket', async () => {
    expect((await withoutSocket()).status).toBe(200);
  });
});

describeExamples(import.meta.url, 'sandbox.md');
