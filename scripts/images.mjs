// `node scripts/images.mjs`: takes the pictures of the documentation, from the real viewer in a real
// browser. Nothing compares them with anything: look at them before you commit them.
import { join } from 'node:path';
import { ensureChromium } from './chromium.mjs';
import { runNode, tool } from './run.mjs';
import { ensureDependencies, root } from './setup.mjs';

ensureDependencies();
process.exitCode = runNode(tool('vitest', 'run', '--project', 'images'), {
  CHROMIUM_PATH: ensureChromium(),
  IMAGES: join(root, 'docs/images'),
});
