import { type Context, Hono } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { cors } from 'hono/cors';
import { apiError, SandboxApiError } from './api-error.ts';
import { LINK_PATH } from './backend.ts';
import { type ClientRecord, Clients } from './clients.ts';
import {
  clientJson,
  environmentJson,
  errorJson,
  type Json,
  sessionJson,
  signInJson,
  stepUpJson,
  tokenJson,
} from './http-shape.ts';
import { isLoopback } from './loopback.ts';
import { networkError } from './network-error.ts';
import type { RawParams } from './params.ts';
import { internalsOf, type Sandbox } from './sandbox.ts';
import type { SignInView } from './sign-in-record.ts';
import type { SandboxAnswer, SandboxCall } from './transport.ts';

const FORM_TYPE = 'application/x-www-form-urlencoded';
const CLIENT_COOKIE = '__client';
/** What somebody sees who opens a link that leads to no page. */
const LINK_PAGES = {
  verified:
    '<!doctype html><title>Verified</title><p>That was it. Go back to the page where you began.',
  expired: '<!doctype html><title>Expired</title><p>This link is too old. Ask for another one.',
  failed:
    '<!doctype html><title>Not valid</title><p>This link is used, or a newer one took its place.',
};

/**
 * Makes the HTTP shape of the SignIn API over a sandbox: enough for `sandboxServices`, for `curl`, and
 * for the real client library (`new Clerk(key, { proxyUrl })`).
 *
 * - `POST /v1/client/sign_ins` with `identifier` and `password`
 * - `POST /v1/client/sign_ins/{id}/prepare_second_factor` with `strategy` and, where there are
 *   several, `phone_number_id` or `email_address_id`
 * - `POST /v1/client/sign_ins/{id}/attempt_second_factor` with `strategy`, and `code` or
 *   `public_key_credential`
 * - `GET /v1/client/sign_ins/{id}`
 * - `POST /v1/client/sessions/{id}/verify` with `level`, then `…/verify/prepare_second_factor` and
 *   `…/verify/attempt_second_factor`: a step-up of somebody who is signed in
 * - `GET /v1/verify` with `token`: a link of a message
 * - `GET /v1/environment`, `GET /v1/client`, `POST /v1/client/sessions/{id}/touch`, `/tokens`, `/remove`
 *   and `/end`, `DELETE /v1/client/sessions`: what a client library does besides
 *
 * Forms are `application/x-www-form-urlencoded`, anything else is answered 415. Answers are JSON:
 * `{ response, client }`, or `{ errors, meta?, clerk_trace_id }` with the status of the error and
 * `Retry-After` in seconds. Requests with one `Idempotency-Key` take effect once and get one answer.
 * Pages served from the loopback interface may call it (CORS).
 *
 * A browser is known by its cookie, and a native app by what it was given in `Authorization`. Nobody is
 * authenticated: whoever knows the id of a sign-in may go on with it.
 *
 * `app.request(path, init)` works without a socket. A lost request or reply makes it reject, as
 * `fetch` does.
 *
 * @param sandbox - what `createSandbox()` made
 * @throws TypeError for anything else
 */
export function createSandboxApp(sandbox: Sandbox): Hono {
  const { transport, backend } = internalsOf(sandbox);
  const clients = new Clients(sandbox.now);
  const app = new Hono();

  /** The sign-in, or nothing where it is unknown or abandoned. */
  const find = (signInId: string): SignInView[] => {
    try {
      return [backend.read(signInId)];
    } catch {
      return [];
    }
  };
  const writeClient = (client: ClientRecord): Json =>
    clientJson(client, client.signInIds.flatMap(find), sandbox.now());

  /** Finds the client of a request, which is told who it is; whoever owns the sign-in without a token. */
  const identify = (context: Context, signInId?: string): ClientRecord => {
    const token = tokenOf(context);
    const owner = signInId === undefined ? undefined : clients.ownerOf(signInId);
    const client = clients.find(token) ?? owner ?? clients.add();
    if (signInId !== undefined && !owner) client.signInIds.push(signInId);
    if (isNative(context)) context.header('Authorization', client.id);
    else if (client.id !== token) {
      setCookie(context, CLIENT_COOKIE, client.id, { httpOnly: true, sameSite: 'Lax' });
    }
    return client;
  };

  /** Sends a call and writes its answer; what is not a refusal stays an error of the connection. */
  const answer = async (context: Context, call: SandboxCall): Promise<Response> => {
    let number = 0;
    try {
      const answered = await transport.send(call, {
        signal: context.req.raw.signal,
        via: 'http',
        idempotencyKey: context.req.header('idempotency-key'),
        onOpen: (request) => {
          number = request.number;
        },
      });
      return answered.kind === 'garbage' ? writeGarbage(answered) : writeView(context, answered);
    } catch (error) {
      if (!(error instanceof SandboxApiError)) throw error;
      const [view] = 'signInId' in call ? find(call.signInId) : [];
      const client = view ? identify(context, view.rootId) : clients.find(tokenOf(context));
      return writeError(context, error, `sandbox_${number}`, client && writeClient(client));
    }
  };
  const writeView = (
    context: Context,
    { view, unknownFields }: SandboxAnswer & { kind: 'sign_in' },
  ): Response => {
    const isStepUp = view.rootId !== view.signIn.id;
    const json = isStepUp ? stepUpJson(view, sandbox.now()) : signInJson(view);
    const client = writeClient(identify(context, view.rootId));
    return context.json({ response: { ...json, ...unknownFields }, client, ...unknownFields });
  };

  /** Opens a link, and says what became of it in the words of the SignIn API. */
  const openLink = (token: string): 'verified' | 'expired' | 'failed' => {
    try {
      backend.openLink(token);
      return 'verified';
    } catch (error) {
      if (!(error instanceof SandboxApiError)) throw error;
      return error.errors[0]?.code === 'verification_expired' ? 'expired' : 'failed';
    }
  };

  /** A route whose requests are forms. */
  const form = (
    path: string,
    read: (id: string, params: RawParams, origin: string) => SandboxCall,
  ) =>
    app.post(path, async (context: Context) => {
      const params = await readForm(context);
      const { origin } = new URL(context.req.url);
      return answer(context, read(context.req.param('id') ?? '', params, origin));
    });

  app.use(
    cors({
      origin: (origin) => (isLoopback(origin) ? origin : null),
      credentials: true,
      exposeHeaders: ['Authorization', 'Retry-After'],
    }),
  );
  form('/v1/client/sign_ins', (_, params) => ({ method: 'create', params }));
  form('/v1/client/sign_ins/:id/prepare_second_factor', (signInId, params, origin) => ({
    method: 'prepare',
    signInId,
    params,
    origin,
  }));
  form('/v1/client/sign_ins/:id/attempt_second_factor', (signInId, params) => ({
    method: 'attempt',
    signInId,
    params,
  }));
  app.get('/v1/client/sign_ins/:id', (context) =>
    answer(context, { method: 'reload', signInId: context.req.param('id') }),
  );

  form('/v1/client/sessions/:id/verify', (sessionId, params) => ({
    method: 'step_up',
    sessionId,
    params,
  }));
  form('/v1/client/sessions/:id/verify/prepare_second_factor', (sessionId, params, origin) => ({
    method: 'prepare',
    signInId: backend.stepUpOf(sessionId),
    params,
    origin,
  }));
  form('/v1/client/sessions/:id/verify/attempt_second_factor', (sessionId, params) => ({
    method: 'attempt',
    signInId: backend.stepUpOf(sessionId),
    params,
  }));

  // What follows is no step of a sign-in: it is not logged, and only `offline` can spoil it.
  app.use('/v1/*', async (_context, next) => {
    if (sandbox.offline) throw networkError();
    await next();
  });
  app.get(LINK_PATH, (context) => {
    const token = context.req.query('token') ?? '';
    const page = backend.redirectOf(token);
    const status = openLink(token);
    if (page === undefined)
      return context.html(LINK_PAGES[status], status === 'verified' ? 200 : 400);
    const url = new URL(page);
    url.searchParams.set('__clerk_status', status);
    return context.redirect(url.href, 303);
  });
  app.get('/v1/environment', (context) => context.json(environmentJson()));
  app.get('/v1/client', (context) =>
    context.json({ response: writeClient(identify(context)), client: null }),
  );
  app.on(['DELETE', 'POST'], '/v1/client/sessions', (context) => {
    const client = identify(context);
    for (const { session } of client.signInIds.flatMap(find)) {
      if (session) backend.endSession(session.id);
    }
    return context.json({ response: writeClient(client), client: null });
  });
  app.post('/v1/client/sessions/:id/tokens', (context) =>
    context.json(tokenJson(backend.session(context.req.param('id')), sandbox.now())),
  );
  const aboutSession = (context: Context) => {
    const { id = '', action } = context.req.param();
    const session = backend.session(id);
    if (action === 'end' || action === 'remove') backend.endSession(id);
    const { identifier } = backend.read(session.signInId);
    const client = identify(context, session.signInId);
    const response = sessionJson(session, identifier, sandbox.now());
    return context.json({ response, client: writeClient(client) });
  };
  app.get('/v1/client/sessions/:id', aboutSession);
  app.post('/v1/client/sessions/:id/:action{touch|end|remove}', aboutSession);

  app.notFound((context) =>
    writeError(context, apiError('resource_not_found'), 'sandbox_no_route'),
  );
  app.onError((error, context) => {
    if (error instanceof SandboxApiError) return writeError(context, error, 'sandbox_no_call');
    throw error;
  });
  return app;
}

/** How a client says who it is: a browser by its cookie, a native app in `Authorization`. */
function tokenOf(context: Context): string | undefined {
  return isNative(context)
    ? context.req.header('authorization')
    : getCookie(context, CLIENT_COOKIE);
}

function isNative(context: Context): boolean {
  return context.req.query('_is_native') === '1';
}

/**
 * Reads a form. A name that occurs twice becomes a list, which no parameter may be.
 *
 * @throws `unsupported_content_type`
 */
async function readForm(context: Context): Promise<RawParams> {
  const type = context.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== FORM_TYPE) throw apiError('unsupported_content_type');
  const form = new URLSearchParams(await context.req.text());
  return Object.fromEntries(
    [...new Set(form.keys())].map((name) => {
      const values = form.getAll(name);
      return [name, values.length === 1 ? values[0] : values];
    }),
  );
}

function writeGarbage({ value, status }: SandboxAnswer & { kind: 'garbage' }): Response {
  const isText = typeof value === 'string';
  return new Response(isText ? value : (JSON.stringify(value) ?? ''), {
    status,
    headers: { 'content-type': isText ? 'text/html; charset=utf-8' : 'application/json' },
  });
}

function writeError(
  context: Context,
  error: SandboxApiError,
  traceId: string,
  client?: Json,
): Response {
  if (error.retryAfter !== undefined) context.header('Retry-After', String(error.retryAfter));
  // SAFETY: Hono lists the statuses that may have a body; a refusal's is one from 400 on.
  return context.json(errorJson(error, traceId, client), error.status as 400);
}
