// `npm run docs [-- --check]`: writes the generated parts of the documentation, or looks for drift.
import { runNode } from './run.mjs';
import { ensureDependencies } from './setup.mjs';

ensureDependencies();
process.exitCode = runNode([
  '--import',
  'tsx',
  'scripts/generate-docs.ts',
  ...process.argv.slice(2),
]);
