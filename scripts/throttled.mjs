// `npm run test:throttled [-- arguments of vitest]`: the browser tests in a browser that is 20 times as
// slow, or as many times as `THROTTLE` says. Tests fail that wait for a clock in place of an event.
import { becomeNode } from './run.mjs';

const { THROTTLE = '20' } = process.env;
becomeNode(['scripts/test.mjs', '--project=e2e', ...process.argv.slice(2)], { THROTTLE });
