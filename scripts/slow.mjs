// `npm run test:slow`: the proof at its full length: 10,000 runs a property, 100,000 flows, every state
// space, and the faults that are planted to see them noticed.
import { becomeNode, tool } from './run.mjs';
import { ensureDependencies } from './setup.mjs';

ensureDependencies();
const projects = ['model', 'property', 'security'].map((name) => `--project=${name}`);
becomeNode(tool('vitest', 'run', ...projects, ...process.argv.slice(2)), { SLOW: '1' });
