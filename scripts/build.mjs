// `npm run build`: ESM and declarations into `dist/`, by plain tsc.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runNode, tool } from './run.mjs';
import { ensureDependencies, root } from './setup.mjs';

const dist = join(root, 'dist');

ensureDependencies();
// What tsc no longer emits would be published for ever.
rmSync(dist, { recursive: true, force: true });
let status = runNode(tool('tsc', '-p', 'tsconfig.build.json'));
if (status === 0) {
  rewriteDeclarations();
  // Bundles take the place of these modules: what they import is not for the user to install.
  rmSync(join(dist, 'src/inspect/xstate-inspect'), { recursive: true, force: true });
  status = runNode(['scripts/build-inspect.mjs']);
}
process.exitCode = status;

/**
 * tsc rewrites `./x.ts` to `./x.js` in JavaScript and leaves it in declarations, where not every
 * tool finds the `x.d.ts`. Both have the same length, so the declaration maps stay right.
 */
function rewriteDeclarations() {
  for (const name of readdirSync(dist, { recursive: true })) {
    if (!name.endsWith('.d.ts')) continue;
    const path = join(dist, name);
    const text = readFileSync(path, 'utf8');
    writeFileSync(
      path,
      text.replace(/(\bfrom |\bimport\()(['"])(\.[^'"\n]*)\.ts\2/g, '$1$2$3.js$2'),
    );
  }
}
