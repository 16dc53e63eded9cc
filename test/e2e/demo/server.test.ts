import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Demo, startDemo } from '../../../docs/demo/server.ts';

let demo: Demo;

beforeAll(async () => {
  demo = await startDemo({ port: 0 });
});

afterAll(() => demo?.close());

it('serves the page under a strict policy, and a cookie that scripts do not see', async () => {
  const response = await fetch(demo.url);

  expect(response.status).toBe(200);
  expect(response.headers.get('content-security-policy')).toMatch(/default-src 'none'/);
  expect(response.headers.get('content-security-policy')).not.toMatch(/unsafe/);
  expect(response.headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Strict/);
});

it('lets the demo alone frame an example, and scripts be made by Angular alone', async () => {
  for (const framework of ['preact', 'angular']) {
    const response = await fetch(`${demo.url}/examples/${framework}/`);

    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/default-src 'none'.*frame-ancestors 'self'/);
    expect(/unsafe/.test(policy)).toBe(framework === 'angular');
    expect(await response.text()).toContain(`/examples/${framework}/assets/`);
  }
  expect((await fetch(`${demo.url}/examples/shared/`)).status).toBe(404);
});

it('leads from an example that is opened by itself to its tab', async () => {
  const headers = { 'sec-fetch-dest': 'document' };
  const response = await fetch(`${demo.url}/examples/vue/`, { headers, redirect: 'manual' });

  expect(response.headers.get('location')).toBe('/?framework=vue');
});

it('gives no backend to somebody who has not opened the page', async () => {
  expect((await fetch(`${demo.url}/v1/client/sign_ins/sia_1`)).status).toBe(403);
  expect((await fetch(`${demo.url}/demo/state`)).status).toBe(403);
});

it('refuses what is no action', async () => {
  const cookie = (await fetch(demo.url)).headers.get('set-cookie')?.split(';')[0] ?? '';
  const act = (body: string) =>
    fetch(`${demo.url}/demo/actions`, { method: 'POST', headers: { cookie }, body });

  expect((await act('{')).status).toBe(400);
  expect((await act('null')).status).toBe(400);
  expect((await act('{"type":"trouble","name":"constructor","on":true}')).status).toBe(400);
  expect((await act('{"type":"skip","ms":1000}')).status).toBe(200);
});

it('takes the next port where the one asked for is taken', async () => {
  const other = await startDemo({ port: demo.port });

  expect(other.port).toBeGreaterThan(demo.port);
  await other.close();
});

it('says where it is, and that the port was taken', async () => {
  const start = fileURLToPath(new URL('../../../docs/demo/start.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', start, String(demo.port)]);
  const said = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
      if (text.includes('Ctrl-C')) resolve(text);
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`It ended with ${code}: ${text}`)));
  });

  expect(said).toContain(`Port ${demo.port} is taken`);
  expect(said).toMatch(/http:\/\/127\.0\.0\.1:\d+\//);
  child.removeAllListeners('exit');
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
});
