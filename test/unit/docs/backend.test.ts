import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createActor, setup } from 'xstate';
import {
  challengeServices,
  connect,
  createSecondFactor,
  defaultToError,
  englishMessages,
  isSecondFactorError,
  type Messages,
  oneTimeCode,
  provideServices,
  readRetryAfter,
  SecondFactorError,
  type SecondFactorErrorCode,
  type SecondFactorFlow,
  type SecondFactorServices,
  type SignIn,
  type Strategies,
  type ToError,
} from '../../../src/index.ts';
import { checkServices } from '../../../src/testing/index.ts';
import { describeExamples } from '../../support/doc-examples.ts';

// The examples of docs/backend.md, word for word: the last test compares them.

// example: twenty
function askForCode(url: string, phone: string) {
  const post = (path: string, body: object, signal: AbortSignal) =>
    fetch(`${url}${path}`, { method: 'POST', body: JSON.stringify(body), signal });
  const made = challengeServices({
    factors: [{ strategy: 'phone_code', safeIdentifier: phone }, { strategy: 'totp' }],
    async send(_factor, { signal }) {
      const response = await post('/send', {}, signal);
      if (!response.ok) throw response;
      return { challenge: (await response.json()).id };
    },
    async verify({ strategy }, code, { challenge, signal }) {
      const kind = strategy === 'totp' ? 'app' : 'sms';
      const response = await post('/verify', { kind, code, id: challenge }, signal);
      if (response.status === 422) return false; // the code is wrong
      return response.ok ? response.json() : response;
    },
  });
  return createSecondFactor(made);
}
// end

// example: reply
/** What this backend says of a challenge: its own names, its own words. */
interface Challenge {
  id: string;
  state: 'open' | 'passed';
  methods: { kind: 'sms' | 'app'; phone_id?: string; mask?: string }[];
  sent: { kind: 'sms'; expires: string } | null;
}

const STRATEGIES = { sms: 'phone_code', app: 'totp' } as const;

function toSignIn({ id, state, methods, sent }: Challenge): SignIn {
  return {
    id,
    status: state === 'passed' ? 'complete' : 'needs_second_factor',
    supportedSecondFactors: methods.map(({ kind, phone_id, mask }) => ({
      strategy: STRATEGIES[kind],
      ...(phone_id && { phoneNumberId: phone_id }),
      ...(mask && { safeIdentifier: mask }),
    })),
    secondFactorVerification: sent && {
      status: 'unverified',
      strategy: STRATEGIES[sent.kind],
      attempts: null,
      expireAt: Date.parse(sent.expires),
      error: null,
    },
    createdSessionId: null,
  };
}
// end

// example: services
const REASONS: Record<string, SecondFactorErrorCode> = {
  wrong_code: 'code_incorrect',
  code_too_old: 'code_expired',
  no_code_sent: 'not_prepared',
  no_more_tries: 'attempts_exhausted',
  slow_down: 'rate_limited',
  account_locked: 'locked',
  challenge_gone: 'sign_in_expired',
};

async function refusal(response: Response): Promise<SecondFactorError> {
  const { reason } = await response.json().catch(() => ({ reason: 'no JSON' }));
  const retryAfter = response.headers.get('Retry-After');
  return new SecondFactorError(REASONS[reason] ?? 'server_error', {
    retryAt: readRetryAfter(retryAfter, Date.now()),
    cause: { status: response.status },
  });
}

function httpServices(url: string): SecondFactorServices {
  const call = async (path: string, init: RequestInit): Promise<SignIn> => {
    const response = await fetch(`${url}${path}`, init);
    if (!response.ok) throw await refusal(response);
    return toSignIn(await response.json());
  };
  const post = (path: string, body: object, signal: AbortSignal) =>
    call(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      signal,
    });
  return {
    prepareSecondFactor: ({ phoneNumberId }, { signal }) =>
      post('/send', { phone_id: phoneNumberId }, signal),
    attemptSecondFactor: ({ strategy, code }, { signal }) =>
      post('/verify', { kind: strategy === 'totp' ? 'app' : 'sms', code }, signal),
    reloadSignIn: ({ signal }) => call('', { signal }),
  };
}
// end

// example: axios
const axiosToError: ToError = (reason, at) => {
  const { name, message, code, response } = Object(reason);
  const retryAfter = response?.headers['retry-after'];
  const sent = { ...response?.data, status: response?.status, retryAfter };
  return defaultToError(response ? sent : { name, message, code }, at);
};
// end

// example: child
function signInMachine(signIn: SignIn, services: SecondFactorServices) {
  return setup({ actors: { secondFactor: provideServices(services) } }).createMachine({
    initial: 'secondFactor',
    states: {
      secondFactor: {
        invoke: {
          id: 'secondFactor',
          src: 'secondFactor',
          input: () => ({ signIn, at: Date.now() }),
          onDone: [
            { guard: ({ event }) => event.output.outcome === 'complete', target: 'signedIn' },
            { target: 'refused' }, // event.output.reason says why
          ],
        },
      },
      signedIn: {},
      refused: {},
    },
  });
}
// end

// example: resume
const STORED = 'second-factor';

function startFlow(services: SecondFactorServices, signIn: SignIn) {
  const resume: unknown = JSON.parse(sessionStorage.getItem(STORED) ?? 'null');
  const flow = createSecondFactor({ signIn, services, resume });
  const keep = ({ status }: { status: string }) => {
    if (status === 'active') sessionStorage.setItem(STORED, JSON.stringify(flow.bookmark()));
    else sessionStorage.removeItem(STORED);
  };
  keep(flow.actor.getSnapshot()); // subscribers hear nothing of a flow that has ended already
  flow.actor.subscribe(keep);
  return flow;
}
// end

// example: strategy
const strategies: Strategies = {
  pager: { needsPreparation: true, proof: 'code', length: 4, idField: 'pagerId' },
};

const messages: Partial<Messages> = {
  factor: (facts) =>
    facts.factor?.strategy === 'pager' ? `Pager ${facts.target}` : englishMessages.factor(facts),
};
// end

/** The backend of the examples: one challenge, a phone and an app. */
class Backend {
  readonly bodies: Record<string, unknown>[] = [];
  readonly #server: Server;
  #challenge: Challenge = { id: 'ch_1', state: 'open', methods: [], sent: null };
  #next: ((response: ServerResponse) => void) | null = null;

  constructor() {
    this.reset();
    this.#server = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk) => {
        text += chunk;
      });
      request.on('end', () => this.#answer(String(request.url), text, response));
    });
  }

  reset(): void {
    const sms = { kind: 'sms', phone_id: 'ph_1', mask: '+30********90' } as const;
    this.#challenge = { id: 'ch_1', state: 'open', methods: [sms, { kind: 'app' }], sent: null };
    this.bodies.length = 0;
    this.#next = null;
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  get signIn(): SignIn {
    return toSignIn(this.#challenge);
  }

  /** What happens in place of the next answer. */
  next(happens: (response: ServerResponse) => void): void {
    this.#next = happens;
  }

  #answer(path: string, text: string, response: ServerResponse): void {
    const body: Record<string, unknown> = text ? JSON.parse(text) : {};
    if (text) this.bodies.push(body);
    const refused = this.#handle(path, body);
    const happens = this.#next;
    this.#next = null;
    if (happens) happens(response);
    else if (refused) response.writeHead(422).end(JSON.stringify({ reason: refused }));
    else response.end(JSON.stringify(this.#challenge));
  }

  #handle(path: string, { kind, code }: Record<string, unknown>): string | null {
    const challenge = this.#challenge;
    if (path === '/send') {
      challenge.sent = { kind: 'sms', expires: new Date(Date.now() + 600_000).toISOString() };
    }
    if (path !== '/verify') return null;
    if (kind === 'sms' && !challenge.sent) return 'no_code_sent';
    if (code !== '424242') return 'wrong_code';
    challenge.state = 'passed';
    return null;
  }
}

const backend = new Backend();
let url: string;
let services: SecondFactorServices;
beforeAll(async () => {
  url = await backend.listen();
  services = httpServices(url);
});
beforeEach(() => backend.reset());
afterAll(() => backend.close());

const PHONE = { strategy: 'phone_code', phoneNumberId: 'ph_1' };
const codeOf = (error: unknown) => (isSecondFactorError(error) ? error.code : error);

describe('the services of docs/backend.md', () => {
  it('pass the checks that need no faults', async () => {
    const results = await checkServices(() => {
      backend.reset();
      const { signIn } = backend;
      return { services, signIn, factor: PHONE, rightCode: () => '424242' };
    });
    expect(results.filter(({ result }) => result === 'failed')).toEqual([]);
    expect(results.filter(({ result }) => result === 'passed')).toHaveLength(7);
  });

  it('send what the backend calls it', async () => {
    const flow = createSecondFactor({ signIn: backend.signIn, services });
    await flow.prepareSecondFactor({ strategy: 'phone_code' });
    await flow.attemptSecondFactor({ strategy: 'phone_code', code: '424 242' });
    expect(backend.bodies).toEqual([{ phone_id: 'ph_1' }, { kind: 'sms', code: '424242' }]);
  });

  it('find out that a code went through when the reply was lost', async () => {
    const flow = createSecondFactor({ signIn: backend.signIn, services });
    backend.next((response) => response.destroy());
    const done = await flow.attemptSecondFactor({ strategy: 'totp', code: '424242' });
    expect(done.status).toBe('complete');
  });

  it('wait as long as the backend says', async () => {
    const flow = createSecondFactor({ signIn: backend.signIn, services });
    backend.next((response) => {
      response.writeHead(429, { 'Retry-After': '8' });
      response.end(JSON.stringify({ reason: 'slow_down' }));
    });
    const at = Date.now();
    const error = await flow.prepareSecondFactor(PHONE).catch((reason: unknown) => reason);
    expect(codeOf(error)).toBe('rate_limited');
    expect((error as SecondFactorError).retryAt).toBeGreaterThanOrEqual(at + 8_000);
  });

  it('read a page in place of JSON as a failure of the server', async () => {
    const flow = createSecondFactor({ signIn: backend.signIn, services });
    backend.next((response) => {
      response.writeHead(502);
      response.end('<html>');
    });
    await expect(flow.prepareSecondFactor(PHONE).catch(codeOf)).resolves.toBe('server_error');
  });
});

describe('the twenty lines of docs/backend.md', () => {
  const attempt = (flow: SecondFactorFlow, code: string, strategy = 'phone_code') =>
    flow.attemptSecondFactor({ strategy, code }).catch(codeOf);

  it('send a code, and verify it with its challenge', async () => {
    const flow = askForCode(url, '+30********90');
    await flow.prepareSecondFactor({ strategy: 'phone_code' });
    expect(await attempt(flow, '111111')).toBe('code_incorrect');
    await attempt(flow, '424242');
    expect(flow.actor.getSnapshot().value).toBe('complete');
    expect(backend.bodies.at(-1)).toEqual({ kind: 'sms', code: '424242', id: 'ch_1' });
  });

  it.each([
    [429, '{}', 'rate_limited'],
    [500, '{}', 'server_error'],
    [200, '<html>', 'server_error'],
  ])('take the status %i with %j for no success', async (status, body, code) => {
    const flow = askForCode(url, '+30********90');
    backend.next((response) => response.writeHead(status).end(body));
    expect(await flow.prepareSecondFactor({ strategy: 'phone_code' }).catch(codeOf)).toBe(code);
    backend.next((response) => response.writeHead(status).end(body));
    expect(await attempt(flow, '424242', 'totp')).toBe(code);
    expect(flow.actor.getSnapshot().value).not.toBe('complete');
  });
});

describe('the toError of docs/backend.md', () => {
  const axiosError = (more: object) => Object.assign(new Error('Request failed'), more);

  it.each([
    [{ code: 'ERR_NETWORK' }, 'network'],
    [{ code: 'ETIMEDOUT' }, 'timeout'],
    [{ response: { status: 503, data: '<html>', headers: {} } }, 'server_error'],
    [
      {
        response: { status: 422, data: { errors: [{ code: 'form_code_incorrect' }] }, headers: {} },
      },
      'code_incorrect',
    ],
  ])('reads %j', (more, code) => {
    expect(axiosToError(axiosError(more), 0).code).toBe(code);
  });

  it('reads the header', () => {
    const response = { status: 429, data: {}, headers: { 'retry-after': '8' } };
    const error = axiosToError(axiosError({ response }), 1_000);
    expect(error).toMatchObject({ code: 'rate_limited', retryAt: 9_000 });
  });
});

describe('the machine of docs/backend.md', () => {
  it('goes on with what the second factor came to', async () => {
    const actor = createActor(signInMachine(backend.signIn, services)).start();
    const child = actor.getSnapshot().children.secondFactor;
    child?.send({ type: 'ATTEMPT', code: oneTimeCode('424242') });
    await expect.poll(() => actor.getSnapshot().value).toBe('signedIn');
  });

  it('goes elsewhere where it was given up', () => {
    const actor = createActor(signInMachine(backend.signIn, services)).start();
    actor.getSnapshot().children.secondFactor?.send({ type: 'CANCEL' });
    expect(actor.getSnapshot().value).toBe('refused');
  });
});

describe('the flow of docs/backend.md', () => {
  const stored = new Map<string, string>();
  beforeEach(() => {
    vi.stubGlobal('sessionStorage', {
      getItem: (key: string) => stored.get(key) ?? null,
      setItem: (key: string, text: string) => stored.set(key, text),
      removeItem: (key: string) => stored.delete(key),
    });
    return () => vi.unstubAllGlobals();
  });

  it('goes on after a reload without another message, and is forgotten at the end', async () => {
    const first = startFlow(services, backend.signIn);
    await first.prepareSecondFactor(PHONE);
    first.stop();
    const { signal } = new AbortController();
    const again = startFlow(
      services,
      (await services.reloadSignIn?.({ signal, factor: PHONE, requestId: '1' })) as SignIn,
    );
    expect(again.actor.getSnapshot().value).toBe('prepared');
    await again.attemptSecondFactor({ ...PHONE, code: '424242' });
    expect(stored.size).toBe(0);
    expect(backend.bodies).toHaveLength(2);
  });

  it('is forgotten where it has ended as it starts', () => {
    startFlow(services, backend.signIn).stop();
    expect(stored.size).toBe(1);
    startFlow(services, { ...backend.signIn, status: 'abandoned' });
    expect(stored.size).toBe(0);
  });
});

describe('the strategy of docs/backend.md', () => {
  it('is prepared with its id, takes codes of its length, and has its name', async () => {
    const pager = { strategy: 'pager', pagerId: 'p_1', safeIdentifier: 'of Ada' };
    const reply = {
      ...backend.signIn,
      supportedSecondFactors: [pager, { strategy: 'totp' }],
      secondFactorVerification: { status: 'unverified', strategy: 'pager' },
    };
    const asked = vi.fn(async () => reply);
    const flow = createSecondFactor({
      signIn: reply,
      services: { ...services, prepareSecondFactor: asked },
      options: { strategies },
    });
    await flow.prepareSecondFactor({ strategy: 'pager' });
    expect(asked).toHaveBeenCalledWith({ strategy: 'pager', pagerId: 'p_1' }, expect.anything());
    await expect(
      flow.attemptSecondFactor({ strategy: 'pager', code: '424242' }).catch(codeOf),
    ).resolves.toBe('code_malformed');
    const view = connect(flow.actor.getSnapshot(), flow.actor.send, { messages });
    expect(view.factors.map(({ label }) => label)).toEqual(['Pager of Ada', 'Authenticator app']);
  });
});

describeExamples(import.meta.url, 'backend.md');
