import { type Context, Hono } from 'hono';
import { cors } from 'hono/cors';
import { apiError, SandboxApiError } from './api-error.ts';
import { clientJson, errorJson, signInJson } from './http-shape.ts';
import type { RawParams } from './params.ts';
import { internalsOf, type Sandbox } from './sandbox.ts';
import type { SignInView } from './sign-in-record.ts';
import type { SandboxAnswer, SandboxCall } from './transport.ts';

const FORM_TYPE = 'application/x-www-form-urlencoded';
const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Makes the HTTP shape of the SignIn API over a sandbox:
 *
 * - `POST /v1/client/sign_ins` with `identifier` and `password`
 * - `POST /v1/client/sign_ins/{id}/prepare_second_factor` with `strategy` and, where there are
 *   several, `phone_number_id` or `email_address_id`
 * - `POST /v1/client/sign_ins/{id}/attempt_second_factor` with `strategy` and `code`
 * - `GET /v1/client/sign_ins/{id}`
 *
 * Forms are `application/x-www-form-urlencoded`, anything else is answered 415. Answers are JSON:
 * `{ response, client }`, or `{ errors, meta?, clerk_trace_id }` with the status of the error and
 * `Retry-After` in seconds. Pages served from the loopback interface may call it (CORS); nobody is
 * authenticated.
 *
 * `app.request(path, init)` works without a socket. A lost request or reply makes it reject, as
 * `fetch` does.
 *
 * @param sandbox - what `createSandbox()` made
 * @throws TypeError for anything else
 */
export function createSandboxApp(sandbox: Sandbox): Hono {
  const { transport, backend } = internalsOf(sandbox);
  const app = new Hono();

  /** Sends a call and writes its answer; what is not a refusal stays an error of the connection. */
  const answer = async (context: Context, call: SandboxCall): Promise<Response> => {
    let number = 0;
    try {
      return writeAnswer(
        context,
        await transport.send(call, {
          signal: context.req.raw.signal,
          via: 'http',
          onOpen: (request) => {
            number = request.number;
          },
        }),
      );
    } catch (error) {
      if (!(error instanceof SandboxApiError)) throw error;
      const view = call.method === 'create' ? null : find(call.signInId);
      return writeError(context, error, `sandbox_${number}`, view);
    }
  };
  const find = (signInId: string): SignInView | null => {
    try {
      return backend.read(signInId);
    } catch {
      return null; // unknown or abandoned: there is no client to tell of
    }
  };

  app.use(cors({ origin: loopbackOrigin, credentials: true, exposeHeaders: ['Retry-After'] }));
  app.post('/v1/client/sign_ins', async (context) => {
    const params = await readForm(context);
    return params ? answer(context, { method: 'create', params }) : refuseType(context);
  });
  app.post('/v1/client/sign_ins/:id/prepare_second_factor', async (context) => {
    const params = await readForm(context);
    const signInId = context.req.param('id');
    return params ? answer(context, { method: 'prepare', signInId, params }) : refuseType(context);
  });
  app.post('/v1/client/sign_ins/:id/attempt_second_factor', async (context) => {
    const params = await readForm(context);
    const signInId = context.req.param('id');
    return params ? answer(context, { method: 'attempt', signInId, params }) : refuseType(context);
  });
  app.get('/v1/client/sign_ins/:id', (context) =>
    answer(context, { method: 'reload', signInId: context.req.param('id') }),
  );
  app.notFound((context) =>
    writeError(context, apiError('resource_not_found'), 'sandbox_no_route', null),
  );
  app.onError((error) => {
    throw error;
  });
  return app;
}

/**
 * Reads a form; `null` for another content type. A name that occurs twice becomes a list, which no
 * parameter may be.
 */
async function readForm(context: Context): Promise<RawParams | null> {
  const type = context.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== FORM_TYPE) return null;
  const form = new URLSearchParams(await context.req.text());
  return Object.fromEntries(
    [...new Set(form.keys())].map((name) => {
      const values = form.getAll(name);
      return [name, values.length === 1 ? values[0] : values];
    }),
  );
}

function writeAnswer(context: Context, answer: SandboxAnswer): Response {
  if (answer.kind === 'sign_in') {
    const { view, unknownFields } = answer;
    const response = { ...signInJson(view), ...unknownFields };
    return context.json({ response, client: clientJson(view), ...unknownFields });
  }
  const { value, status } = answer;
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
  view: SignInView | null,
): Response {
  if (error.retryAfter !== undefined) context.header('Retry-After', String(error.retryAfter));
  // SAFETY: Hono lists the statuses that may have a body; a refusal's is one from 400 on.
  return context.json(errorJson(error, traceId, view), error.status as 400);
}

function refuseType(context: Context): Response {
  return writeError(context, apiError('unsupported_content_type'), 'sandbox_no_form', null);
}

/**
 * Lets pages of the loopback interface in, and no others: what they would read is only a test's,
 * but it is a test's.
 */
function loopbackOrigin(origin: string): string | null {
  return URL.canParse(origin) && LOOPBACK_HOSTS.includes(new URL(origin).hostname) ? origin : null;
}
