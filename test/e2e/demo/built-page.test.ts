import { mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, get as request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { type BuiltPage, builtPage } from '../../../docs/demo/built-page.ts';

const HOUR_MS = 3_600_000;

let folder: string;
let page: BuiltPage;
let server: Server;
let builds: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'second-factor-page-'));
  server = createServer((request, response) => {
    const file = request.url?.slice(1);
    void page.send(response, file || undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  server?.close();
  if (folder) await rm(folder, { recursive: true });
});

beforeEach(async () => {
  await write('index.html', '<title>A page</title><script type="module" src="./main.ts"></script>');
  await write('main.ts', `import { title } from './title.ts'; document.title = title;`);
  await write('title.ts', `export const title = 'first';`);
  builds = 0;
  open();
});

/** The page as a server that was just started has it. */
function open(): void {
  const counting = {
    name: 'counting',
    buildStart() {
      builds += 1;
    },
  };
  const config = { configFile: false as const, root: folder, plugins: [counting] };
  page = builtPage(join(folder, 'index.html'), config);
}

/** Writes a file as it was for an hour. */
async function write(name: string, text: string): Promise<void> {
  await writeFile(join(folder, name), text);
  await utimes(join(folder, name), new Date(), new Date(Date.now() - HOUR_MS));
}

/** Writes a file now, and later than any build: the clock of a file system may be a coarse one. */
async function edit(name: string, text: string): Promise<void> {
  await writeFile(join(folder, name), text);
  await utimes(join(folder, name), new Date(), new Date(Date.now() + HOUR_MS));
}

/** Asks for a path as it is; `fetch` would put it in order first. */
async function get(path = '/') {
  const { port } = server.address() as AddressInfo;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request({ port, host: '127.0.0.1', path }, resolve).once('error', reject);
  });
  const { statusCode: status, headers } = response;
  return { status, caching: headers['cache-control'], text: await readText(response) };
}

async function readText(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

/** The script of the page as it is now. */
async function script() {
  const [, path] = /src="(\/assets\/[^"]+)"/.exec((await get()).text) ?? [];
  return get(path);
}

it('sends the page fresh, and what it asks for to be kept', async () => {
  expect(await get()).toMatchObject({ status: 200, caching: 'no-store' });
  expect((await get('/index.html')).caching).toBe('no-store');
  expect(await script()).toMatchObject({ status: 200, text: expect.stringContaining('first') });
  expect((await script()).caching).toContain('immutable');
});

it('has no other file', async () => {
  expect((await get('/assets/none.js')).status).toBe(404);
  expect((await get('/main.ts')).status).toBe(404);
  expect((await get('/../package.json')).status).toBe(404);
  expect((await get('/__proto__')).status).toBe(404);
});

it('is built once for all who ask, in whatever order', async () => {
  const [, path] = /src="(\/assets\/[^"]+)"/.exec((await get()).text) ?? [];
  expect(builds).toBe(1);

  open();
  expect((await get(path)).status).toBe(200); // of a tab that was open before
  await Promise.all([get(), get(), get()]);
  expect(builds).toBe(2);

  await writeFile(join(folder, 'title.ts'), `export const title = 'second';`);
  await Promise.all([get(), get(), get()]);
  expect(builds).toBe(3);
});

it('is built again after an edit, of the page itself too, and not without one', async () => {
  await get();
  await get();
  expect(builds).toBe(1);

  await edit('title.ts', `export const title = 'second';`);
  expect((await script()).text).toContain('second');

  await edit('index.html', '<title>Another page</title>');
  expect((await get()).text).toContain('Another page');
});

it('is built again when a file has another name', async () => {
  await get();

  await rename(join(folder, 'title.ts'), join(folder, 'name.ts'));
  await write('main.ts', `import { title } from './name.ts'; document.title = title + '!';`);

  expect((await script()).text).toContain('!');
});

it('says that it can’t be built, and is there once it can', async () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => {});
  await edit('main.ts', 'this is no script');

  expect(await get()).toMatchObject({ status: 500, text: 'The page could not be built.' });
  expect(String(log.mock.calls)).toContain('main.ts');

  await edit('main.ts', `document.title = 'third';`);
  expect((await script()).text).toContain('third');
  log.mockRestore();
});
