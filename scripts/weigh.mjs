// `npm run weigh`: what each file adds to the core, min+gzip: the size of the whole less that of the
// whole without it. The files share words, which compress once, so that these do not add up.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ensureDependencies, root } from './setup.mjs';

ensureDependencies();
const { build, transform } = await import('esbuild');
const { 'size-limit': budgets } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const { name, import: names } = budgets[0];

const bundle = await build({
  stdin: { contents: `export ${names} from './src/index.ts'`, resolveDir: root },
  absWorkingDir: root,
  bundle: true,
  external: ['xstate'],
  format: 'esm',
  minifyIdentifiers: true,
  minifySyntax: true,
  write: false,
});
// Before what it took from a file, esbuild says so. The list of exports, at the end, is everybody's.
const [head = '', ...pieces] = bundle.outputFiles[0].text
  .replace(/^export \{[^}]*\};/m, '')
  .split(/^(?=\/\/ (?:src|machines)\/)/m);
const gzipped = async (code) => {
  const { code: small } = await transform(code, { minifyWhitespace: true });
  return gzipSync(small, { level: 9 }).length;
};
const whole = await gzipped([head, ...pieces].join(''));
console.log(`${name}: ${whole} B`);

/** A file is in as many pieces as others were needed in between. */
const files = new Set(pieces.map(fileOf));
const weights = await Promise.all(
  [...files].map(async (file) => {
    const others = pieces.filter((piece) => fileOf(piece) !== file);
    return [file, whole - (await gzipped([head, ...others].join('')))];
  }),
);
for (const [file, weight] of weights.sort(([, one], [, other]) => other - one)) {
  console.log(`${String(weight).padStart(6)} B  ${file}`);
}

function fileOf(piece) {
  return piece.slice('// '.length, piece.indexOf('\n'));
}
