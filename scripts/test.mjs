// `npm test [-- arguments of vitest]`: installs what is missing, builds what the chosen tests need,
// and runs them.
import { ensureChromium } from './chromium.mjs';
import { becomeNode, runNode, tool } from './run.mjs';
import { ensureDependencies, fail, vendors } from './setup.mjs';

const args = process.argv.slice(2);
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
const env = runs('e2e') ? { CHROMIUM_PATH: ensureChromium() } : {};
if (runs('package', 'types', 'e2e') && runNode(['scripts/build.mjs']) !== 0) {
  fail('The build failed, and the tests of the package need it.');
}
becomeNode(tool('vitest', 'run', ...args), env);
