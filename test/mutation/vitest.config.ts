import { defineConfig } from 'vitest/config';

process.env.TZ = 'Pacific/Chatham'; // as in the other configuration

/**
 * The tests that judge a mutant: all that speak of the machine and the core, in one process. What
 * searches whole state spaces while it is collected would run anew for each mutant, and is left out.
 */
export default defineConfig({
  test: {
    include: ['test/{unit,security,regression,property}/**/*.test.ts'],
    exclude: [
      'test/unit/{inspect,sandbox,testing}/**',
      'test/unit/{messages,connect-react-ssr}.test.ts', // they test the examples too
      'test/property/{drivers,inspect-shown,leaks}.test.ts', // they need more runs, or the docs
    ],
    testTimeout: 10_000,
    env: { FC_RUNS: '20', FC_SEED: '1' },
  },
});
