import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  challengeServices,
  createSecondFactor,
  isSecondFactorError,
  readRetryAfter,
  type SecondFactor,
  SecondFactorError,
  type SecondFactorErrorCode,
  type ServiceRequest,
} from '../../../src/index.ts';
import { describeExamples } from '../../support/doc-examples.ts';
import { readErrorTable } from '../../support/error-table.ts';

// The example of docs/backends/fetch.md, word for word, on a server with the routes of that page.

// example: fetch
const REASONS: Record<string, SecondFactorErrorCode> = {
  wrong_code: 'code_incorrect',
  code_too_old: 'code_expired',
  no_more_tries: 'attempts_exhausted',
  not_sent: 'delivery_failed',
  slow_down: 'rate_limited',
  account_locked: 'locked',
  sign_in_again: 'sign_in_expired',
};

async function ask(url: string, { signal, requestId }: ServiceRequest, body?: object) {
  const response = await fetch(url, {
    method: body ? 'POST' : 'GET',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': requestId },
    ...(body && { body: JSON.stringify(body) }),
    signal,
  });
  if (response.ok) return response.json(); // a page in place of JSON rejects
  const { reason } = await response.json().catch(() => ({ reason: 'none' }));
  throw new SecondFactorError(REASONS[reason] ?? 'server_error', {
    retryAt: readRetryAfter(response.headers.get('Retry-After'), Date.now()),
    cause: { status: response.status },
  });
}

function startFlow(url: string, id: string, factors: SecondFactor[], resume?: unknown) {
  const made = challengeServices({
    id,
    factors,
    send: async ({ phoneNumberId }, request) => {
      const { challenge, expires } = await ask(`${url}/send`, request, { phone: phoneNumberId });
      return { challenge, expiresAt: Date.parse(expires) };
    },
    verify: ({ strategy }, code, request) => {
      const { challenge, trustDevice } = request;
      return ask(`${url}/verify`, request, { strategy, code, challenge, trustDevice });
    },
    holdsSession: async (request) => (await ask(`${url}/session`, request)).signedIn,
  });
  return createSecondFactor({ ...made, resume });
}
// end

const EXPIRES = new Date(Date.now() + 600_000).toISOString();
const FACTORS = [
  { strategy: 'phone_code', phoneNumberId: 'ph_1', safeIdentifier: '+30********90' },
  { strategy: 'totp' },
];
const PHONE = { strategy: 'phone_code' };
const CODE = '424242';

let server: Server;
let url: string;
/** What arrived, with its key. */
const arrived: { path: string; key: unknown; body: unknown }[] = [];
let signedIn = false;
/** What happens in place of the next answer, once the request had its effect. */
let next: ((response: ServerResponse) => void) | null = null;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = chunks.length > 0 ? JSON.parse(String(Buffer.concat(chunks))) : undefined;
    const path = String(request.url);
    arrived.push({ path, key: request.headers['idempotency-key'], body });
    const isWrong = path === '/verify' && body.code !== CODE;
    if (path === '/verify' && !isWrong) signedIn = true;
    const answers: Record<string, object> = {
      '/send': { challenge: 'ch_1', expires: EXPIRES },
      '/verify': { verified: true },
      '/session': { signedIn },
    };
    const happens = next;
    next = null;
    if (happens) happens(response);
    else if (isWrong) response.writeHead(422).end(JSON.stringify({ reason: 'wrong_code' }));
    else response.end(JSON.stringify(answers[path]));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  arrived.length = 0;
  signedIn = false;
  next = null;
});

const codeOf = (error: unknown) => (isSecondFactorError(error) ? error.code : error);
const attempt = (flow: ReturnType<typeof startFlow>, code = CODE) =>
  flow.attemptSecondFactor({ ...PHONE, code, trustDevice: true }).catch(codeOf);

describe('the flow of docs/backends/fetch.md', () => {
  it('sends a code, verifies it, and makes each request known again', async () => {
    const flow = startFlow(url, 'sign-in-1', FACTORS);
    await flow.prepareSecondFactor(PHONE);
    expect(flow.bookmark().deliveries['phone_code/ph_1']?.expiresAt).toBe(Date.parse(EXPIRES));
    expect(await attempt(flow, '111111')).toBe('code_incorrect');
    await attempt(flow);
    expect(flow.actor.getSnapshot().value).toBe('complete');
    const challenge = 'ch_1';
    const verify = { strategy: 'phone_code', challenge, trustDevice: true };
    expect(arrived.map(({ path, body }) => [path, body])).toEqual([
      ['/send', { phone: 'ph_1' }],
      ['/verify', { ...verify, code: '111111' }],
      ['/verify', { ...verify, code: CODE }],
    ]);
    expect(new Set(arrived.map(({ key }) => key)).size).toBe(3);
  });

  it('goes on after a reload of the page', async () => {
    const first = startFlow(url, 'sign-in-1', FACTORS);
    await first.prepareSecondFactor(PHONE);
    const again = startFlow(url, 'sign-in-1', FACTORS, first.bookmark());
    expect(again.actor.getSnapshot().value).toBe('prepared');
    await attempt(again);
    expect(arrived.at(-1)?.body).toMatchObject({ challenge: 'ch_1' });
  });

  it('completes where the reply is lost and the session is there', async () => {
    const flow = startFlow(url, 'sign-in-1', FACTORS);
    await flow.prepareSecondFactor(PHONE);
    next = (response) => response.destroy();
    await attempt(flow);
    expect(flow.actor.getSnapshot().value).toBe('complete');
  });

  it('can not tell where the session is not there', async () => {
    const flow = startFlow(url, 'sign-in-1', FACTORS);
    await flow.prepareSecondFactor(PHONE);
    next = (response) => response.destroy();
    expect(await attempt(flow, '111111')).toBe('network');
    expect(flow.actor.getSnapshot().value).toEqual({ failed: 'outcome_unknown' });
  });

  it('takes a page for no success', async () => {
    const flow = startFlow(url, 'sign-in-1', FACTORS);
    await flow.prepareSecondFactor(PHONE);
    next = (response) => response.end('<!doctype html><title>Welcome to our Wi-Fi</title>');
    expect(await attempt(flow, '111111')).toBe('server_error');
    expect(flow.actor.getSnapshot().value).toEqual({ failed: 'outcome_unknown' });
  });

  it.each([...readErrorTable('backends/fetch.md'), ['…', 'server_error'] as const])(
    'reads the reason %s as %s',
    async (reason, code) => {
      const flow = startFlow(url, 'sign-in-1', FACTORS);
      next = (response) => {
        response.writeHead(400, { 'Retry-After': '8' }).end(JSON.stringify({ reason }));
      };
      const before = Date.now();
      const error = await flow.prepareSecondFactor(PHONE).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code, cause: { status: 400 } });
      expect((error as SecondFactorError).retryAt).toBeGreaterThanOrEqual(before + 8_000);
    },
  );
});

describeExamples(import.meta.url, 'backends/fetch.md');
