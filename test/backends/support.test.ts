import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createCookieFetch } from './support/cookie-fetch.ts';
import { HTML_PAGE, type ProxyFault, startFaultProxy } from './support/fault-proxy.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

/** A server that counts what arrives and sets two cookies, behind a proxy. */
async function open() {
  const arrived: string[] = [];
  const server = createServer((request, response) => {
    arrived.push(`${request.method} ${request.url} ${request.headers.cookie ?? ''}`.trim());
    response.setHeader('set-cookie', ['a=1; Path=/', `b=${arrived.length}; Max-Age=60`]);
    response.end(`from ${request.headers.origin}, and that is a long answer`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // SAFETY: a server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo;
  const proxy = await startFaultProxy(`http://127.0.0.1:${port}`);
  closing.push(proxy.close, () => new Promise((resolve) => server.close(() => resolve())));
  return { proxy, arrived };
}

describe('the proxy', () => {
  it('carries what nobody spoils', async () => {
    const { proxy, arrived } = await open();
    const response = await fetch(`${proxy.url}/x?y=1`, { method: 'POST', body: 'z' });
    expect(await response.text()).toBe('from undefined, and that is a long answer');
    expect(response.headers.getSetCookie()).toHaveLength(2);
    expect(arrived).toEqual(['POST /x?y=1']);
    expect(proxy.log).toEqual([{ request: 'POST /x?y=1', fault: null }]);
  });

  it.each<[ProxyFault, number]>([
    ['dropRequest', 0],
    ['dropReply', 1],
  ])('loses one exchange by %s, and the server has heard of %d', async (fault, heard) => {
    const { proxy, arrived } = await open();
    proxy.next(/^POST/, fault);
    await expect(fetch(proxy.url, { method: 'POST' })).rejects.toThrow(TypeError);
    expect(arrived).toHaveLength(heard);
    expect(proxy.pending).toBe(0);
    expect((await fetch(proxy.url, { method: 'POST' })).status).toBe(200);
  });

  it('cuts a body after its headers', async () => {
    const { proxy } = await open();
    proxy.next(/./, 'cutBody');
    const response = await fetch(proxy.url);
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow(TypeError);
  });

  it('holds an answer back until the test says', async () => {
    const { proxy, arrived } = await open();
    let release = () => {};
    const until = new Promise<void>((resolve) => {
      release = resolve;
    });
    proxy.next(/./, { until });
    const held = fetch(proxy.url).then(({ status }) => status);
    await expect.poll(() => arrived.length).toBe(1);
    expect(await Promise.race([held, 'held'])).toBe('held');
    release();
    expect(await held).toBe(200);
  });

  it.each([
    [false, 0],
    [true, 1],
  ])('answers in place of the server; takesEffect: %s', async (takesEffect, heard) => {
    const { proxy, arrived } = await open();
    proxy.next(/./, { ...HTML_PAGE, takesEffect });
    const response = await fetch(proxy.url);
    expect(response.status).toBe(502);
    expect(await response.text()).toContain('<title>');
    expect(arrived).toHaveLength(heard);
  });

  it('spoils the request that matches, and no other', async () => {
    const { proxy } = await open();
    proxy.next(/^GET \/second/, { status: 418 });
    expect((await fetch(`${proxy.url}/first`)).status).toBe(200);
    expect((await fetch(`${proxy.url}/second`)).status).toBe(418);
  });
});

describe('the fetch with cookies', () => {
  it('sends what it was given', async () => {
    const { proxy, arrived } = await open();
    const { fetch, cookies } = createCookieFetch();
    await fetch(proxy.url);
    await fetch(proxy.url);
    expect(arrived).toEqual(['GET /', 'GET / a=1; b=1']);
    expect([...cookies()]).toEqual([
      ['a', '1'],
      ['b', '2'],
    ]);
  });

  it('forgets a cookie whose time is over', async () => {
    const { proxy } = await open();
    let at = 0;
    const { fetch, cookies } = createCookieFetch({ now: () => at });
    await fetch(proxy.url);
    at = 60_000;
    expect([...cookies().keys()]).toEqual(['a']);
  });

  it('keeps the cookies of an answer whose body was cut', async () => {
    const { proxy } = await open();
    const { fetch, cookies } = createCookieFetch();
    proxy.next(/./, 'cutBody');
    await fetch(proxy.url);
    expect([...cookies().keys()]).toEqual(['a', 'b']);
  });

  it('says which site it is, unless it was told another', async () => {
    const { proxy } = await open();
    const { fetch } = createCookieFetch();
    expect(await (await fetch(proxy.url)).text()).toContain(`from ${proxy.url},`);
    const told = await fetch(proxy.url, { headers: { origin: 'http://other.test' } });
    expect(await told.text()).toContain('from http://other.test,');
  });
});
