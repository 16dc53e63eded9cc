import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { type BuiltPage, builtPage } from '../../../docs/demo/built-page.ts';

let folder: string;
let page: BuiltPage;
let server: Server;
let edits = 0;

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
  await edit('index.html', '<title>A page</title><script type="module" src="./main.ts"></script>');
  await edit('main.ts', `document.title = 'first';`);
  page = builtPage(join(folder, 'index.html'), { configFile: false, root: folder });
});

/** Writes a file, as late as nobody can overlook. */
async function edit(name: string, text: string): Promise<void> {
  const path = join(folder, name);
  await writeFile(path, text);
  edits += 1;
  await utimes(path, new Date(), new Date(Date.now() + edits * 10_000));
}

async function get(file = '') {
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}/${file}`);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** The script of the page as it is now. */
async function script() {
  const [, file] = /src="\/(assets\/[^"]+)"/.exec((await get()).text) ?? [];
  return get(file);
}

it('sends the page fresh, and what it asks for to be kept', async () => {
  const { status, headers } = await get();

  expect(status).toBe(200);
  expect(headers.get('cache-control')).toBe('no-store');
  expect((await script()).text).toContain('first');
  expect((await script()).headers.get('cache-control')).toContain('immutable');
});

it('has no other file', async () => {
  expect((await get('assets/none.js')).status).toBe(404);
  await get();
  expect((await get('main.ts')).status).toBe(404);
  expect((await get('../package.json')).status).toBe(404);
});

it('is built again after an edit, of the page itself too', async () => {
  await get();

  await edit('main.ts', `document.title = 'second';`);
  expect((await script()).text).toContain('second');

  await edit('index.html', '<title>Another page</title>');
  expect((await get()).text).toContain('Another page');
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
