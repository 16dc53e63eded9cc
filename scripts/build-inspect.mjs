// Builds what `second-factor/inspect` needs beside its own modules: the bundles of @xstate/inspect
// with the XState 4 it needs, and the offline viewer.
//
//   node scripts/build-inspect.mjs             into dist/src/inspect/, and the bundles into src/ as well
//   node scripts/build-inspect.mjs <folder>    the same into another folder than dist/src/inspect
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src/inspect');
const target = resolve(process.argv[2] ?? join(root, 'dist/src/inspect'));
/** Where it is built; another process may read or build the same files at this moment. */
const scratch = join(root, `node_modules/.cache/build-inspect/${process.pid}`);

/** What the page may be, compressed. */
const MAX_VIEWER_BYTES = 18_000;

/** Nothing is loaded from elsewhere, and nothing is sent anywhere. */
const csp = (connect) =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    'img-src data:',
    `connect-src ${connect}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');

/** @xstate/inspect, one bundle a platform; beside the sources too, where tests and dev servers look. */
async function bundleXStateInspect() {
  const folder = join(source, 'xstate-inspect');
  const shared = {
    bundle: true,
    format: 'esm',
    minify: true,
    legalComments: 'eof',
    logLevel: 'warning',
    metafile: true,
  };
  const browser = await build({
    ...shared,
    entryPoints: [join(folder, 'entry-browser.ts')],
    outfile: join(scratch, 'xstate-inspect/browser.js'),
    platform: 'browser',
    target: 'es2022',
    // The package takes messages from anybody; this window lets those of the viewer through.
    define: { window: 'inspectWindow', 'process.env.NODE_ENV': '"production"' },
    inject: [join(folder, 'window.ts')],
  });
  const node = await build({
    ...shared,
    entryPoints: [join(folder, 'entry-node.ts')],
    outfile: join(scratch, 'xstate-inspect/node.js'),
    platform: 'node',
    target: 'node20',
  });
  for (const file of ['browser.js', 'node.js']) {
    await place(join(scratch, 'xstate-inspect', file), join(folder, file));
  }
  return [browser, node];
}

async function bundleViewer() {
  const folder = join(source, 'viewer');
  const out = join(scratch, 'viewer');
  const shared = {
    bundle: true,
    minify: true,
    target: 'es2022',
    platform: 'browser',
    logLevel: 'warning',
    metafile: true,
  };
  const viewer = await build({
    ...shared,
    format: 'esm',
    entryPoints: [join(folder, 'main.ts')],
    outfile: join(out, 'viewer.js'),
  });
  await build({
    ...shared,
    entryPoints: [join(folder, 'viewer.css')],
    outfile: join(out, 'viewer.css'),
  });
  const page = (await readFile(join(folder, 'index.html'), 'utf8')).replace(/\n\s*/g, '\n');
  await writeFile(join(out, 'index.html'), page.replace('%CSP%', csp("'none'")));
  // For a process on this computer. It is a page of its own, so that the other one stays shut.
  const loopback = 'ws://localhost:* ws://127.0.0.1:*';
  await writeFile(join(out, 'server.html'), page.replace('%CSP%', csp(loopback)));

  const files = ['index.html', 'viewer.css', 'viewer.js'];
  const sizes = await Promise.all(
    files.map(async (file) => gzipSync(await readFile(join(out, file))).length),
  );
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  console.log(
    `viewer: ${bytes} bytes gzipped (${files.map((f, i) => `${f} ${sizes[i]}`).join(', ')})`,
  );
  if (bytes > MAX_VIEWER_BYTES) {
    throw new Error(`The viewer may have ${MAX_VIEWER_BYTES} bytes.`);
  }
  return [viewer];
}

/** The licences of what is bundled: they ask to go along with it. */
async function writeNotices(bundles) {
  const folders = new Set();
  for (const path of bundles.flatMap(({ metafile }) => Object.keys(metafile.inputs))) {
    const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
    if (folder) folders.add(resolve(folder));
  }
  const notices = await Promise.all([...folders].map(noticeOf));
  const head = 'The files in this folder and in viewer/ and xstate-inspect/ include:';
  await writeFile(
    join(scratch, 'THIRD_PARTY_NOTICES.txt'),
    [head, ...notices.sort()].join(`\n\n${'-'.repeat(80)}\n\n`),
  );
}

async function noticeOf(folder) {
  const { name, version, license, repository } = JSON.parse(
    await readFile(join(folder, 'package.json'), 'utf8'),
  );
  const source = typeof repository === 'string' ? repository : repository?.url;
  const text = await licenceText(folder);
  if (!license || !text) throw new Error(`${name} is bundled, and its licence was not found.`);
  return `${name} ${version}, ${license}\nSource: ${source ?? `https://www.npmjs.com/package/${name}`}\n\n${text.trim()}\n`;
}

/** A package of a monorepo may leave its licence with a sibling. */
async function licenceText(folder) {
  const siblings = folder.includes('/@xstate/') ? [join(dirname(dirname(folder)), 'xstate')] : [];
  for (const place of [folder, ...siblings]) {
    const file = (await readdir(place)).find((name) => /^licen[cs]e/i.test(name));
    if (file) return readFile(join(place, file), 'utf8');
  }
  return null;
}

/** Puts a file where others look for it: whole at once, or not at all. */
async function place(from, to) {
  const part = `${to}.${process.pid}`;
  await mkdir(dirname(to), { recursive: true });
  await cp(from, part);
  await rename(part, to);
}

try {
  const bundles = [...(await bundleXStateInspect()), ...(await bundleViewer())];
  await writeNotices(bundles);
  for (const entry of await readdir(scratch, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    await place(file, join(target, relative(scratch, file)));
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}
