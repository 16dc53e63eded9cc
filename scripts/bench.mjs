// `npm run bench [-- inspect | viewer]`: bundles the benchmarks and runs them in a process of their own. A
// loader that transforms TypeScript on the fly names every closure, and that would be measured.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { runNode } from './run.mjs';
import { ensureDependencies, root } from './setup.mjs';

ensureDependencies();
const { build } = await import('esbuild');
const [name = 'bench', ...rest] = process.argv.slice(2);
const folder = join(root, 'node_modules', '.cache', 'second-factor');
const outfile = join(folder, `${name}.mjs`);
mkdirSync(folder, { recursive: true });
await build({
  entryPoints: [join(root, 'test', 'bench', `${name}.ts`)],
  outfile,
  bundle: true,
  packages: 'external',
  platform: 'node',
  target: 'node20',
  format: 'esm',
  logLevel: 'warning',
});
process.exitCode = runNode(['--expose-gc', outfile, ...rest]);
