// `npm run check [-- step …]`: every gate that is not a test of behaviour, all of them or the named,
// or all but one (`--without=package`).
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pack } from './pack.mjs';
import { runNode, tool } from './run.mjs';
import { ensureDependencies, fail } from './setup.mjs';

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
  docs: () => runNode(['scripts/docs.mjs', '--check']),
  coverage: () => runNode(tool('vitest', 'run', '--coverage', ...COVERING)),
  knip: () => runNode(tool('knip')),
  build: () => runNode(['scripts/build.mjs']),
  size: () => runNode(tool('size-limit')),
  publint: () => runNode(tool('publint', 'run', tarball(), '--strict')),
  attw: () => runNode(tool('attw', tarball(), '--profile', 'esm-only')),
  // Packs, installs and imports the tarball, in an empty project with only xstate beside it.
  package: () => runNode(tool('vitest', 'run', '--project', 'package')),
};

const args = process.argv.slice(2);
const without = args.filter((arg) => arg.startsWith('--without=')).map((arg) => arg.slice(10));
const named = args.filter((arg) => !arg.startsWith('--without='));
const chosen = Object.entries(STEPS).filter(
  ([name]) =>
    !without.includes(name) && (named.length === 0 || named.some((one) => name.startsWith(one))),
);
if (chosen.length === 0) fail(`No such step. There are: ${Object.keys(STEPS).join(', ')}.`);

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

function attempt(step) {
  try {
    return step() === 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return false;
  }
}
