import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Folders of `test/` whose tests need nothing but Node and run side by side. */
const FAST = ['unit', 'model', 'property', 'security', 'regression'];

/** The examples import the library by its name; to the tests that is its source. */
const source = (path: string) => fileURLToPath(new URL(`src/${path}`, import.meta.url));
const BY_NAME = {
  alias: [
    { find: /^second-factor$/, replacement: source('index.ts') },
    { find: /^second-factor\/sandbox$/, replacement: source('sandbox/index.ts') },
  ],
};

export default defineConfig({
  test: {
    projects: [
      ...FAST.map((name) => ({
        resolve: BY_NAME,
        test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout: 30_000 },
      })),
      {
        test: {
          name: 'types',
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            include: ['test/types/**/*.test-d.ts'],
            tsconfig: './test/types/tsconfig.json',
          },
        },
      },
      {
        // It packs and installs the tarball.
        test: {
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        // One browser at a time, after everything else: on two cores they would starve one another.
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
    coverage: {
      include: ['machines/**/*.ts', 'src/**/*.ts'],
      reporter: ['text', 'html'],
    },
  },
});
