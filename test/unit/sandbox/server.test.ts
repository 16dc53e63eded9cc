import { afterEach, describe, expect, it } from 'vitest';
import { createHttpSignIn, createSandbox, sandboxServices } from '../../../src/sandbox/index.ts';
import { type SandboxServer, serveSandbox } from '../../../src/sandbox/server.ts';
import { rejectionOf } from './support.ts';

const CREDENTIALS = { identifier: 'ada@example.com', password: 'correct horse battery staple' };

const servers: SandboxServer[] = [];
async function serve(options: Parameters<typeof serveSandbox>[0] = {}) {
  const server = await serveSandbox(options);
  servers.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

describe('the server', () => {
  it('serves a whole sign-in on the loopback interface', async () => {
    const { url: baseUrl, sandbox } = await serve();
    expect(baseUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const { id } = await createHttpSignIn(CREDENTIALS, { baseUrl });
    const services = sandboxServices({ baseUrl, signInId: id });
    await services.prepareSecondFactor({ strategy: 'phone_code' });
    const signIn = await services.attemptSecondFactor({
      strategy: 'phone_code',
      code: sandbox.inbox.code(),
    });
    expect(signIn.status).toBe('complete');
  });

  it('serves the sandbox it is given', async () => {
    const sandbox = createSandbox();
    const { url: baseUrl } = await serve({ sandbox });
    const signInId = sandbox.signIn().id;
    expect(await sandboxServices({ baseUrl, signInId }).reloadSignIn()).toEqual(
      sandbox.peek(signInId),
    );
  });

  it('destroys the connection of a lost reply, and the effect stays', async () => {
    const { url: baseUrl, sandbox } = await serve();
    const signInId = sandbox.signIn().id;
    sandbox.faults.next('attempt', { dropReply: true });
    const error = await rejectionOf(
      sandboxServices({ baseUrl, signInId }).attemptSecondFactor({
        strategy: 'totp',
        code: sandbox.authenticator.code(),
      }),
    );
    expect(error).toBeInstanceOf(TypeError);
    expect(sandbox.peek(signInId).status).toBe('complete');
  });

  it('goes on serving after a lost reply', async () => {
    const { url: baseUrl, sandbox } = await serve();
    const signInId = sandbox.signIn().id;
    const services = sandboxServices({ baseUrl, signInId });
    sandbox.faults.next('reload', { dropReply: true });
    await rejectionOf(services.reloadSignIn());
    await expect(services.reloadSignIn()).resolves.toMatchObject({ id: signInId });
  });

  it('learns that a client has gone away from a request that is never answered', async () => {
    const { url: baseUrl, sandbox } = await serve();
    const signInId = sandbox.signIn().id;
    sandbox.faults.next('reload', { neverSettles: true });
    const answered = new Promise<string>((resolve) => {
      sandbox.requests.subscribe(({ answer }) => answer !== 'pending' && resolve(answer));
    });
    const controller = new AbortController();
    sandbox.requests.subscribe(() => controller.abort());
    const rejection = sandboxServices({ baseUrl, signInId }).reloadSignIn(controller);
    expect(await rejectionOf(rejection)).toMatchObject({ name: 'AbortError' });
    expect(await answered).toBe('aborted');
  });

  it('rejects when the port is taken', async () => {
    const { port } = await serve();
    expect(await rejectionOf(serve({ port }))).toMatchObject({ code: 'EADDRINUSE' });
  });

  it('stops listening when it is closed', async () => {
    const { url: baseUrl, close } = await serveSandbox();
    await close();
    expect(await rejectionOf(createHttpSignIn(CREDENTIALS, { baseUrl }))).toBeInstanceOf(TypeError);
  });
});
