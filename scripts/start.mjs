// `npm start`: installs what is missing, then serves the demo and prints its URL.
import { becomeNode } from './run.mjs';
import { ensureDependencies } from './setup.mjs';

ensureDependencies();
becomeNode(['--import', 'tsx', 'docs/demo/start.ts', ...process.argv.slice(2)]);
