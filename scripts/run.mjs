// Runs the tools of this repository without a shell, so that arguments arrive as they were given.
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './setup.mjs';

/** The executables of the tools, by name. */
const TOOLS = {
  attw: '@arethetypeswrong/cli/dist/index.js',
  biome: '@biomejs/biome/bin/biome',
  knip: 'knip/bin/knip.js',
  ngc: '@angular/compiler-cli/bundles/src/bin/ngc.js',
  publint: 'publint/src/cli.js',
  'size-limit': 'size-limit/bin.js',
  stryker: '@stryker-mutator/core/bin/stryker.js',
  'svelte-check': 'svelte-check/bin/svelte-check',
  tsc: 'typescript/bin/tsc',
  'tsc-7': 'typescript-7/bin/tsc',
  vitest: 'vitest/vitest.mjs',
  'vue-tsc': 'vue-tsc/bin/vue-tsc.js',
};

/** The arguments for Node that run a tool. */
export function tool(name, ...args) {
  return [join(root, 'node_modules', TOOLS[name]), ...args];
}

/** Runs Node to its end and gives back its exit code. */
export function runNode(args, env = {}) {
  const options = { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } };
  const { status, error } = spawnSync(process.execPath, args, options);
  if (error) console.error(error.message);
  return status ?? 1;
}

/** Becomes a Node process: hands signals on to it and ends with its exit code. */
export function becomeNode(args, env = {}) {
  const options = { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } };
  const child = spawn(process.execPath, args, options);
  // Ctrl-C at a terminal reaches the child by itself; a second one would cut its farewell short.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
  });
}
