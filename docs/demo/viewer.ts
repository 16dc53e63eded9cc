// The inspector's viewer is a page of its own that has to be built; the demo serves what is built.
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';

const path = (from: string) => fileURLToPath(new URL(`../../${from}`, import.meta.url));
const FOLDER = path('node_modules/.cache/second-factor-demo');
const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css',
  js: 'text/javascript',
  json: 'application/json',
};

let building: Promise<void> | undefined;

/** Builds the viewer, once a process. @throws Error where the build fails */
export function buildViewer(): Promise<void> {
  building ??= new Promise((resolve, reject) => {
    const build = spawn(process.execPath, [path('scripts/build-inspect.mjs'), FOLDER], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    build.once('error', reject);
    build.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error('The viewer of the inspector was not built.')),
    );
  });
  return building;
}

/** Sends a file of the viewer: `/viewer/index.html`. */
export async function sendViewerFile(url: string, response: ServerResponse): Promise<void> {
  const [, name = '', ending = ''] = /^\/viewer\/([\w-]+\.(\w+))(?:\?|$)/.exec(url) ?? [];
  try {
    const file = await readFile(`${FOLDER}/viewer/${name}`);
    response.setHeader('content-type', TYPES[ending] ?? 'application/octet-stream');
    // The page has a policy of its own; framed it may be, by this demo alone.
    response.setHeader('content-security-policy', "frame-ancestors 'self'");
    response.end(file);
  } catch {
    // Whatever keeps a file from being read, there is none to send.
    response.statusCode = 404;
    response.end('The viewer has no such file.');
  }
}
