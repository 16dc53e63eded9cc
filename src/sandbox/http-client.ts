import type { SecondFactor } from '../../machines/factors.ts';
import type { SignIn, Verification } from '../../machines/sign-in.ts';
import { SandboxApiError, type SandboxApiErrorEntry } from './api-error.ts';
import { type Authenticate, askBrowser, proofOf } from './authenticate.ts';
import { realClock, wait } from './clock.ts';
import { abortError, networkError } from './network-error.ts';
import { type RawParams, spell } from './params.ts';
import type { SandboxServices } from './sandbox-services.ts';

/** A function that makes requests: `fetch`, or `app.request` of the sandbox's HTTP app. */
export type SandboxFetch = (url: string, init: RequestInit) => Response | Promise<Response>;

/** Where the HTTP shape of a sandbox is found. */
export interface SandboxConnection {
  /** What comes before `/v1`. @defaultValue the empty string, which is the page's own origin */
  baseUrl?: string | URL;
  /** Makes the requests. @defaultValue the global `fetch` */
  fetch?: SandboxFetch;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * Serves the second factor of a sign-in over the sandbox's HTTP shape, with nothing but `fetch`.
 *
 * The promises resolve with plain data and reject with `SandboxApiError` (`status`, `errors`,
 * `retryAfter`), with a `TypeError` where no answer came, or with `AbortError` / `TimeoutError`. An
 * error never holds the code, not even where the server repeats it.
 */
export function sandboxServices(
  options: SandboxConnection & {
    signInId: string;
    /** Makes the credential of a passkey. @defaultValue has the browser show its prompt */
    authenticate?: Authenticate;
    /**
     * How often the sign-in is looked up, in ms, to learn that its link was opened elsewhere. Without
     * it nobody watches, and a link is no factor that the flow can use.
     */
    watchEveryMs?: number;
  },
): SandboxServices {
  const { signInId, authenticate = askBrowser, watchEveryMs } = options;
  const path = `/v1/client/sign_ins/${encodeURIComponent(signInId)}`;
  const reload = (signal: AbortSignal | undefined) => call(options, path, { signal });
  return {
    prepareSecondFactor: (params, request) =>
      call(options, `${path}/prepare_second_factor`, { params: { ...params }, ...request }),
    attemptSecondFactor: async (params, request) =>
      call(options, `${path}/attempt_second_factor`, {
        params: await proofOf({ ...params }, request, authenticate),
        secret: params.code,
        ...request,
      }),
    reloadSignIn: (request) => reload(request?.signal),
    ...(watchEveryMs !== undefined && {
      watchSignIn: (changed, request) => poll(reload, changed, watchEveryMs, request?.signal),
    }),
  };
}

/**
 * Looks a sign-in up, again and again, and tells of it once it is verified. A look-up that fails is made
 * again.
 *
 * @returns a function that ends it
 */
function poll(
  reload: (signal: AbortSignal) => Promise<SignIn>,
  changed: (signIn: SignIn) => void,
  everyMs: number,
  signal: AbortSignal | undefined,
): () => void {
  const end = new AbortController();
  const ended = signal ? AbortSignal.any([signal, end.signal]) : end.signal;
  const look = async () => {
    const signIn = await reload(ended);
    if (signIn.secondFactorVerification?.status !== 'verified') return;
    end.abort();
    changed(signIn);
  };
  const goOn = async () => {
    while (!ended.aborted) {
      await wait(realClock, everyMs, ended)
        .then(look)
        .catch(() => {});
    }
  };
  void goOn();
  return () => end.abort();
}

/**
 * Starts a sign-in with identifier and password over the sandbox's HTTP shape.
 *
 * @throws `SandboxApiError` with `form_identifier_not_found`, `form_password_incorrect`,
 * `user_locked`, or as `sandboxServices` does
 */
export function createHttpSignIn(
  credentials: { identifier: string; password: string },
  options: SandboxConnection & { signal?: AbortSignal } = {},
): Promise<SignIn> {
  const { identifier, password } = credentials;
  return call(options, '/v1/client/sign_ins', {
    params: { identifier, password },
    secret: password,
    signal: options.signal,
  });
}

interface Call {
  /** Sent as a form; without them the call is a GET. */
  params?: RawParams;
  signal?: AbortSignal | undefined;
  /** Says that requests with this id are one. */
  requestId?: string | undefined;
  /** What no error may hold. */
  secret?: string | undefined;
}

async function call(connection: SandboxConnection, path: string, request: Call): Promise<SignIn> {
  const { params, signal, secret, requestId } = request;
  const send: SandboxFetch = connection.fetch ?? ((url, init) => fetch(url, init));
  const base = String(connection.baseUrl ?? '').replace(/\/+$/, '');
  let response: Response;
  let body: unknown;
  try {
    response = await send(`${base}${path}`, {
      method: params ? 'POST' : 'GET',
      ...(params && { body: encodeForm(params) }),
      ...(requestId !== undefined && { headers: { 'Idempotency-Key': requestId } }),
      ...(signal && { signal }),
    });
    body = readJson(await response.text());
  } catch {
    // The original error is dropped: an HTTP client's error may hold the request, and the request holds
    // the code.
    throw signal?.aborted ? abortError(signal) : networkError();
  }
  const json = isJson(body) ? body : {};
  if (!response.ok) throw readError(response, json, secret);
  const signIn = isJson(json.response) ? readSignIn(json.response) : null;
  if (!signIn) throw new SandboxApiError(response.status, []);
  return signIn;
}

function encodeForm(params: RawParams): URLSearchParams {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined) continue;
    form.set(spell(name, 'snake_case'), String(value));
  }
  return form;
}

function readError(response: Response, json: Json, secret: string | undefined): SandboxApiError {
  const header = response.headers.get('retry-after');
  const retryAfter = header !== null && /^\d+$/.test(header) ? Number(header) : header;
  const entries = Array.isArray(json.errors) ? json.errors.filter(isJson) : [];
  const clean = (value: unknown) => redact(readText(value) ?? '', secret);
  return new SandboxApiError(
    response.status,
    entries.map((entry): SandboxApiErrorEntry => {
      const meta = isJson(entry.meta) ? entry.meta : {};
      const paramName = readText(meta.param_name);
      const lockout = readNumber(meta.lockout_expires_in_seconds);
      return {
        code: clean(entry.code),
        message: clean(entry.message),
        longMessage: clean(entry.long_message ?? entry.message),
        meta: {
          ...(paramName !== null && { paramName: redact(paramName, secret) }),
          ...(lockout !== null && { lockoutExpiresInSeconds: lockout }),
        },
      };
    }),
    retryAfter ?? undefined,
  );
}

function redact(text: string, secret: string | undefined): string {
  return secret ? text.replaceAll(secret, '[redacted]') : text;
}

function readSignIn(json: Json): SignIn | null {
  const id = readText(json.id);
  const status = readText(json.status);
  if (id === null || status === null) return null;
  const factors = Array.isArray(json.supported_second_factors) ? json.supported_second_factors : [];
  return {
    id,
    status,
    supportedSecondFactors: factors.filter(isJson).map(readFactor),
    secondFactorVerification: isJson(json.second_factor_verification)
      ? readVerification(json.second_factor_verification)
      : null,
    createdSessionId: readText(json.created_session_id),
  };
}

function readFactor(json: Json): SecondFactor {
  const phoneNumberId = readText(json.phone_number_id);
  const emailAddressId = readText(json.email_address_id);
  const safeIdentifier = readText(json.safe_identifier);
  return {
    strategy: readText(json.strategy) ?? '',
    ...(phoneNumberId !== null && { phoneNumberId }),
    ...(emailAddressId !== null && { emailAddressId }),
    ...(safeIdentifier !== null && { safeIdentifier }),
    ...(json.default === true && { default: true }),
    ...(json.primary === true && { primary: true }),
  };
}

function readVerification(json: Json): Verification {
  const code = isJson(json.error) ? readText(json.error.code) : null;
  const challenge = readText(json.nonce);
  return {
    status: readText(json.status),
    strategy: readText(json.strategy),
    attempts: readNumber(json.attempts),
    expireAt: readNumber(json.expire_at),
    error: code ? { code } : null,
    ...(challenge !== null && { challenge }),
  };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // an HTML page of a proxy, say
  }
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readText(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function readNumber(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
