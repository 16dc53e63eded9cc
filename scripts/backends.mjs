// `npm run test:backends [-- arguments of vitest]`: the library against the real clients and servers of
// others, the large and the slow ones too.
import { ensureChromium } from './chromium.mjs';
import { becomeNode, runNode, tool } from './run.mjs';
import { ensureDependencies, fail, largeVendors, vendors } from './setup.mjs';

for (const folder of [undefined, vendors, largeVendors]) ensureDependencies(folder);
if (runNode(tool('tsc', '-p', largeVendors)) !== 0) fail('These tests do not fit their types.');
const projects = ['--project=backends', '--project=backends-slow'];
const env = { CHROMIUM_PATH: ensureChromium(), BACKENDS: 'all' };
becomeNode(tool('vitest', 'run', ...projects, ...process.argv.slice(2)), env);
