// `npm run check [-- step …]`: everything that has to hold, all of it or the named steps, or all but one
// (`--without=tests`). What takes long to install runs only where it is named.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pack } from './pack.mjs';
import { runNode, tool } from './run.mjs';
import { ensureDependencies, fail, npm, root, vendors } from './setup.mjs';

ensureDependencies();
const scratch = mkdtempSync(join(tmpdir(), 'second-factor-check-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

let packed;
/** The tarball, packed once. */
const tarball = () => {
  packed ??= pack(scratch).path;
  return packed;
};

/** The tests that are about the machine and the core; those that replace modules tell nothing. */
const COVERING = ['unit', 'security', 'regression'].map((name) => `--project=${name}`);

const STEPS = {
  biome: () => runNode(tool('biome', 'ci')),
  'types (TypeScript 6)': () => runNode(tool('tsc', '--noEmit')),
  'types (TypeScript 7)': () => runNode(tool('tsc-7', '--noEmit')),
  'types (examples)': checkExamples,
  'types (backends)': checkBackends,
  docs: () => runNode(['scripts/docs.mjs', '--check']),
  coverage: () => runNode(tool('vitest', 'run', '--coverage', ...COVERING)),
  knip: () => runNode(tool('knip')),
  build: () => runNode(['scripts/build.mjs']),
  size: () => runNode(tool('size-limit')),
  publint: () => runNode(tool('publint', 'run', tarball(), '--strict')),
  attw: () => runNode(tool('attw', tarball(), '--profile', 'esm-only')),
  // All of them; those of the package install the tarball in an empty project.
  tests: () => runNode(['scripts/test.mjs']),
};

/** Not part of a run of all steps. */
const WHEN_NAMED = {
  // 180 MB with what it depends on; every day the example is checked against a part of its types.
  'react-native': checkReactNative,
};

const args = process.argv.slice(2);
const without = args.filter((arg) => arg.startsWith('--without=')).map((arg) => arg.slice(10));
const named = args.filter((arg) => !arg.startsWith('--without='));
const isNamed = ([name]) => named.some((one) => name.startsWith(one));
const chosen = [
  ...Object.entries(STEPS).filter((step) => named.length === 0 || isNamed(step)),
  ...Object.entries(WHEN_NAMED).filter(isNamed),
].filter(([name]) => !without.includes(name));
if (chosen.length === 0) {
  fail(`No such step. There are: ${Object.keys({ ...STEPS, ...WHEN_NAMED }).join(', ')}.`);
}

const results = chosen.map(([name, step]) => {
  console.log(`\n── ${name} ──`);
  const start = performance.now();
  const passed = attempt(step);
  return { name, passed, seconds: (performance.now() - start) / 1_000 };
});

console.log('');
for (const { name, passed, seconds } of results) {
  console.log(`${passed ? 'passed' : 'FAILED'}  ${name} (${seconds.toFixed(1)} s)`);
}
const failed = results.filter(({ passed }) => !passed).length;
console.log(`check: ${results.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** Templates have types too, and `tsc` sees none of them: Vue, Svelte and Angular have their own. */
function checkExamples() {
  const statuses = [
    runNode(tool('vue-tsc', '--noEmit', '-p', 'docs/examples')), // all that is plain TypeScript too
    runNode(tool('svelte-check', '--workspace', 'docs/examples/svelte', '--fail-on-warnings')),
    runNode(tool('ngc', '--noEmit', '-p', 'docs/examples/angular')),
  ];
  return Math.max(...statuses);
}

/** The tests of backends, by the types of the backends' own libraries; not of the large ones. */
function checkBackends() {
  ensureDependencies(vendors);
  return runNode(tool('tsc', '-p', vendors));
}

/** The example for React Native, by the types of React Native itself. */
function checkReactNative() {
  const folder = join(scratch, 'react-native');
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  const { status } = npm(folder, 'install', 'react-native@~0.85.3', '--ignore-scripts');
  if (status !== 0) return 1;
  const tsconfig = {
    extends: join(root, 'docs', 'examples', 'tsconfig.json'),
    compilerOptions: {
      paths: {
        'second-factor': [join(root, 'src', 'index.ts')],
        'react-native': [join(folder, 'node_modules', 'react-native')],
        react: [join(root, 'node_modules', '@types', 'react')],
      },
      types: [],
    },
    include: [join(root, 'docs', 'examples', 'react-native', '*.tsx')],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig));
  return runNode(tool('tsc', '--noEmit', '-p', folder));
}

function attempt(step) {
  try {
    return step() === 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return false;
  }
}
