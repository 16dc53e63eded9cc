// The inspector's viewer is a page of its own that has to be built.
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { contentTypeOf } from './content-type.ts';

const BUILD = fileURLToPath(new URL('../../scripts/build-inspect.mjs', import.meta.url));

/** By name. */
type Files = ReadonlyMap<string, Uint8Array>;

let viewer: Promise<Files> | undefined;

/** Builds the viewer, once a process. @throws Error where the build fails */
export async function buildViewer(): Promise<void> {
  viewer ??= build();
  await viewer;
}

/** Sends a file of the viewer once it is built: `/viewer/index.html`. */
export async function sendViewerFile(url: string, response: ServerResponse): Promise<void> {
  const [, name = ''] = /^\/viewer\/([\w.-]+)(?:\?|$)/.exec(url) ?? [];
  const file = (await viewer)?.get(name);
  if (!file) {
    response.statusCode = 404;
    response.end('The viewer has no such file.');
    return;
  }
  response.setHeader('content-type', contentTypeOf(name));
  // The page has a policy of its own; framed it may be, by this demo alone.
  response.setHeader('content-security-policy', "frame-ancestors 'self'");
  response.end(file);
}

/** Builds into a folder of its own, so that there is nothing in it but what was built. */
async function build(): Promise<Files> {
  const folder = await mkdtemp(join(tmpdir(), 'second-factor-viewer-'));
  try {
    await run(folder);
    const names = await readdir(join(folder, 'viewer'));
    const contents = names.map((name) => readFile(join(folder, 'viewer', name)));
    return new Map((await Promise.all(contents)).map((file, at) => [names[at] ?? '', file]));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function run(folder: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [BUILD, folder], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error('The viewer of the inspector was not built.')),
    );
  });
}
