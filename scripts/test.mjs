// `npm test [-- arguments of vitest]`: installs what is missing, builds what the chosen tests need,
// and runs them. `npm test -- --without=browser` leaves out those that need a browser.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ensureChromium } from './chromium.mjs';
import { becomeNode, runNode, tool } from './run.mjs';
import { ensureDependencies, fail, root, vendors } from './setup.mjs';

const WITHOUT_BROWSER = '--without=browser';
const hasBrowser = !process.argv.includes(WITHOUT_BROWSER);
const args = process.argv.slice(2).filter((arg) => arg !== WITHOUT_BROWSER);
/** Whether tests of one of these folders will run; without a filter all do. */
const runs = (...folders) => {
  const named = args.flatMap((arg, index) => {
    const option = /^--project(?:=(.+))?$/.exec(arg);
    if (option) return [`test/${option[1] ?? args[index + 1]}`];
    return /^(\.\/)?test\//.test(arg) ? [arg] : [];
  });
  return (
    named.length === 0 || named.some((name) => folders.some((one) => name.includes(`test/${one}`)))
  );
};

ensureDependencies();
if (runs('backends')) ensureDependencies(vendors);
const env = runs('e2e') && hasBrowser ? { CHROMIUM_PATH: ensureChromium() } : {};
if (runs('package', 'types', 'e2e') && runNode(['scripts/build.mjs']) !== 0) {
  fail('The build failed, and the tests of the package need it.');
}
if (!hasBrowser) {
  args.push('--project=!e2e');
  const files = readdirSync(join(root, 'test', 'e2e'), { recursive: true });
  const tests = files.filter((name) => name.endsWith('.test.ts'));
  process.on('exit', () => {
    console.log(`LEFT OUT: the ${tests.length} files of tests in test/e2e, which need a browser.`);
  });
}
becomeNode(tool('vitest', 'run', ...args), env);
