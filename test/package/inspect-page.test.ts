import { build } from 'esbuild';
import { beforeAll, expect, it } from 'vitest';
import { ROOT, requireBuild } from './support/package.ts';

beforeAll(requireBuild);

/** The files of the package that a bundle of the inspector takes in. */
async function bundled(platform: 'browser' | 'node'): Promise<string[]> {
  const { metafile } = await build({
    stdin: {
      contents: "export * from 'second-factor/inspect';",
      resolveDir: ROOT,
    },
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    splitting: true,
    outdir: '/',
    external: ['xstate'],
    platform,
    logLevel: 'silent',
    tsconfigRaw: {}, // that of this repository leads to the sources
  });
  return Object.keys(metafile.inputs);
}

it('keeps what the inspector needs of Node out of pages', async () => {
  const file = 'dist/src/inspect/xstate-inspect/node.js';
  expect(await bundled('browser')).not.toContain(file);
  expect(await bundled('node')).toContain(file);
});

it('offers the same names in a page as in Node', async () => {
  const [page, node] = await Promise.all(
    ['index.browser.js', 'index.js'].map((name) => import(`${ROOT}/dist/src/inspect/${name}`)),
  );
  expect(Object.keys(page).sort()).toEqual(Object.keys(node).sort());
});
