import { afterEach, describe, expect, it, vi } from 'vitest';
import { waitFor } from 'xstate';
import { createSecondFactor, emailLink } from '../../../src/index.ts';
import { createHttpSignIn, DEFAULT_USER, sandboxServices } from '../../../src/sandbox/index.ts';
import { enter, refusalOf, simulate } from './support.ts';
import { CREDENTIALS, connectNew } from './support-http.ts';

const LINK = { strategy: 'email_link' };
const USER = { users: [{ ...DEFAULT_USER, emailLink: true }] };

/** A sign-in whose user takes links, one of which was sent. */
async function open() {
  const world = simulate(USER);
  const flow = enter(world.sandbox);
  await flow.prepare(LINK);
  return { ...world, flow, link: world.sandbox.inbox.link() };
}

describe('a link', () => {
  it('is a factor of its own beside the code to the same address', () => {
    const { sandbox } = simulate(USER);
    const ofAddress = sandbox
      .signIn()
      .supportedSecondFactors.filter(({ emailAddressId }) => emailAddressId === 'idn_email_1');
    expect(ofAddress.map(({ strategy }) => strategy)).toEqual(['email_code', 'email_link']);
  });

  it('is sent in place of a code', async () => {
    const { sandbox, link } = await open();
    expect(sandbox.inbox.latest()).toMatchObject({ to: 'ada@example.com', link });
    expect(sandbox.inbox.latest()).not.toHaveProperty('code');
    expect(() => sandbox.inbox.code()).toThrow('No code was delivered.');
    expect(new URL(link).searchParams.get('token')).toMatch(/^[\w-]{32}$/);
  });

  it('verifies the sign-in when it is opened', async () => {
    const { sandbox, flow, link } = await open();
    expect(sandbox.openLink(link)).toMatchObject({
      status: 'complete',
      secondFactorVerification: { status: 'verified', strategy: 'email_link' },
    });
    expect((await flow.reload()).createdSessionId).toBe('sess_1');
    expect(sandbox.requests.all.map(({ method }) => method)).toEqual(['prepare', 'reload']);
  });

  it('is opened once', async () => {
    const { sandbox, link } = await open();
    sandbox.openLink(link);
    expect(() => sandbox.openLink(link)).toThrow('already been verified');
  });

  it('is never attempted', async () => {
    const { flow } = await open();
    expect(await refusalOf(flow.attempt('email_link', '1'))).toBe('422 form_param_value_invalid');
  });

  it('is spent by a newer one, and by a code', async () => {
    const { sandbox, flow, link } = await open();
    await flow.prepare(LINK);
    const newer = sandbox.inbox.link();
    expect(() => sandbox.openLink(link)).toThrow('A newer link took its place.');
    await flow.prepare({ strategy: 'email_code' });
    expect(() => sandbox.openLink(newer)).toThrow('A newer link took its place.');
  });

  it('is too old after ten minutes', async () => {
    const { sandbox, link, clock } = await open();
    clock.increment(600_000);
    expect(() => sandbox.openLink(link)).toThrow('This verification has expired');
  });

  it('does not open a locked account', async () => {
    const { sandbox, link } = await open();
    sandbox.user().lock();
    expect(() => sandbox.openLink(link)).toThrow('Your account is locked');
  });

  it.each(['http://sandbox.invalid/v1/verify', 'http://sandbox.invalid/v1/verify?token=x'])(
    'is none: %s',
    async (link) => {
      const { sandbox } = await open();
      expect(() => sandbox.openLink(link)).toThrow('A newer link took its place.');
    },
  );
});

describe('whoever watches a sign-in', () => {
  it('hears that its link was opened, until the watch ends', async () => {
    const { sandbox, flow, link } = await open();
    const heard = vi.fn();
    const ended = vi.fn();
    sandbox.services(flow.id).watchSignIn?.(heard);
    sandbox.services(flow.id).watchSignIn?.(ended)();
    sandbox.services(sandbox.signIn().id).watchSignIn?.(ended);
    sandbox.openLink(link);
    expect(heard.mock.calls).toEqual([[sandbox.peek(flow.id)]]);
    expect(ended).not.toHaveBeenCalled();
  });

  it('is nobody in a sandbox without links', () => {
    const { sandbox } = simulate();
    expect(sandbox.services(sandbox.signIn().id).watchSignIn).toBeUndefined();
  });

  it('hears nothing of what it asked for itself', async () => {
    const { sandbox, flow } = await open();
    const heard = vi.fn();
    sandbox.services(flow.id).watchSignIn?.(heard);
    await flow.attempt('totp', sandbox.authenticator.code());
    expect(heard).not.toHaveBeenCalled();
  });
});

describe('a flow', () => {
  it('completes when its link is opened', async () => {
    const { sandbox } = simulate(USER);
    const signIn = sandbox.signIn();
    const flow = createSecondFactor({
      signIn,
      services: sandbox.services(signIn.id),
      options: { strategies: { email_link: emailLink } },
    });
    await flow.prepareSecondFactor(LINK);
    expect(flow.actor.getSnapshot().value).toBe('prepared');
    sandbox.openLink(sandbox.inbox.link());
    expect(flow.actor.getSnapshot().output).toMatchObject({
      outcome: 'complete',
      signIn: { createdSessionId: 'sess_1' },
    });
  });

  it('over HTTP completes when it looks the next time', async () => {
    const { sandbox, app } = connectNew(USER);
    const fetch = app.request;
    const signIn = await createHttpSignIn(CREDENTIALS, { fetch });
    const services = sandboxServices({ fetch, signInId: signIn.id, watchEveryMs: 1 });
    const options = { strategies: { email_link: emailLink } };
    const flow = createSecondFactor({ signIn, services, options });
    await flow.prepareSecondFactor(LINK);
    sandbox.openLink(sandbox.inbox.link());
    const { output } = await waitFor(flow.actor, ({ status }) => status === 'done');
    expect(output?.outcome).toBe('complete');
  });
});

describe('a link over HTTP', () => {
  /** A client whose sign-in has sent a link, and what opening it answers. */
  async function connect(form: Record<string, string> = {}) {
    const world = connectNew(USER);
    const { body } = await world.post('/sign_ins', CREDENTIALS);
    const path = `/sign_ins/${body.response.id}`;
    const prepared = await world.post(`${path}/prepare_second_factor`, { ...LINK, ...form });
    return {
      ...world,
      path,
      prepared,
      follow: async () => await world.app.request(world.sandbox.inbox.link()),
    };
  }

  it('leads back to the server that was asked for it', async () => {
    const { follow, sandbox, get, path } = await connect();
    expect(sandbox.inbox.link()).toMatch(/^http:\/\/localhost\/v1\/verify\?token=/);
    const page = await follow();
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('Go back to the page where you began');
    const { body } = await get(path);
    expect(body.response.status).toBe('complete');
    expect(body.client.sessions).toHaveLength(1);
  });

  it('leads on to the page that the client wants, and tells it what became of it', async () => {
    const { follow } = await connect({ redirect_url: 'http://localhost:5173/done?x=1' });
    const first = await follow();
    expect(first.status).toBe(303);
    expect(first.headers.get('location')).toBe(
      'http://localhost:5173/done?x=1&__clerk_status=verified',
    );
    expect((await follow()).headers.get('location')).toContain('__clerk_status=failed');
  });

  it('says that it is too old', async () => {
    const { follow, clock } = await connect();
    clock.increment(600_000);
    const page = await follow();
    expect(page.status).toBe(400);
    expect(await page.text()).toContain('too old');
  });

  it('leads to no other computer', async () => {
    const { prepared, sandbox } = await connect({ redirect_url: 'https://example.com' });
    expect(prepared.body.errors[0]).toMatchObject({
      code: 'form_param_value_invalid',
      meta: { param_name: 'redirect_url' },
    });
    expect(sandbox.inbox.messages).toEqual([]);
  });
});

describe('the HTTP client that watches', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  /** A client that looks a sign-in up each second, on timers of the test. */
  async function watch() {
    vi.useFakeTimers();
    const { sandbox, app } = connectNew(USER);
    const fetch = app.request;
    const { id } = await createHttpSignIn(CREDENTIALS, { fetch });
    const services = sandboxServices({ fetch, signInId: id, watchEveryMs: 1_000 });
    const heard = vi.fn();
    await services.prepareSecondFactor(LINK);
    return { sandbox, id, services, heard };
  }

  it('hears of the link, once, and looks no more', async () => {
    const { sandbox, id, services, heard } = await watch();
    services.watchSignIn?.(heard);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(sandbox.requests.count('reload')).toBe(2);
    sandbox.openLink(sandbox.inbox.link());
    await vi.advanceTimersByTimeAsync(10_000);
    expect(heard.mock.calls).toEqual([[sandbox.peek(id)]]);
    expect(sandbox.requests.count('reload')).toBe(3);
  });

  it('goes on after a look-up that failed', async () => {
    const { sandbox, services, heard } = await watch();
    services.watchSignIn?.(heard);
    sandbox.openLink(sandbox.inbox.link());
    sandbox.faults.next('reload', { dropReply: true }, { status: 500 });
    await vi.advanceTimersByTimeAsync(3_000);
    expect(heard).toHaveBeenCalledOnce();
  });

  it.each(['signal', 'function'])('ends by its %s', async (way) => {
    const { sandbox, services, heard } = await watch();
    const controller = new AbortController();
    const end = services.watchSignIn?.(heard, controller);
    sandbox.openLink(sandbox.inbox.link());
    if (way === 'signal') controller.abort();
    else end?.();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(heard).not.toHaveBeenCalled();
    expect(sandbox.requests.count('reload')).toBe(0);
  });

  it('watches only where it was told how often', async () => {
    const { app } = connectNew();
    const services = sandboxServices({ fetch: app.request, signInId: 'sia_1' });
    expect(services.watchSignIn).toBeUndefined();
  });
});
