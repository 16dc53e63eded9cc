import { createSandboxApp } from '../../../src/sandbox/app.ts';
import type { Sandbox, SandboxOptions } from '../../../src/sandbox/index.ts';
import { simulate } from './support.ts';

export const CREDENTIALS = {
  identifier: 'ada@example.com',
  password: 'correct horse battery staple',
};

/** One client of an app: it keeps the cookie that it is given. */
export function connect(
  sandbox: Sandbox,
  app = createSandboxApp(sandbox),
  init: { query?: string; headers?: Record<string, string> } = {},
) {
  let cookie = '';
  const send = async (
    method: string,
    path: string,
    form?: Record<string, string>,
    key?: string,
  ) => {
    const headers = new Headers(init.headers);
    if (cookie) headers.set('cookie', cookie);
    if (key) headers.set('idempotency-key', key);
    const response = await app.request(`/v1/client${path}${init.query ?? ''}`, {
      method,
      headers,
      ...(form && { body: new URLSearchParams(form) }),
    });
    cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie;
    return { response, status: response.status, body: await response.json() };
  };
  return {
    app,
    send,
    get: (path: string) => send('GET', path),
    post: (path: string, form: Record<string, string> = {}, key?: string) =>
      send('POST', path, form, key),
    /** Signs in with password and TOTP. @returns the id of the session */
    async signIn() {
      const { body } = await send('POST', '/sign_ins', CREDENTIALS);
      const code = sandbox.authenticator.code(sandbox.now());
      const done = await send('POST', `/sign_ins/${body.response.id}/attempt_second_factor`, {
        strategy: 'totp',
        code,
      });
      return done.body.response.created_session_id as string; // SAFETY: a finished sign-in has one
    },
  };
}

/** A sandbox on a clock that a test moves, and one client of it. */
export function connectNew(options: Omit<SandboxOptions, 'clock' | 'now'> = {}) {
  const { sandbox, clock } = simulate(options);
  return { sandbox, clock, ...connect(sandbox) };
}
