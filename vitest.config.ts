import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import manifest from './package.json' with { type: 'json' };

/** Folders of `test/` whose tests need nothing but Node and run side by side. */
const FAST = ['unit', 'model', 'property', 'security', 'regression'];
/** Whether pages are slowed down. Each of them keeps a processor busy, even where nobody looks at it. */
const THROTTLED = process.env.THROTTLE !== undefined;
const SLOW = process.env.SLOW === '1';
/** For `npm run test:slow`: mutants show the same. It replaces modules, so no other file may share them. */
const PLANTED_FAULTS = 'test/model/planted-faults.test.ts';

/** Examples and vendors' tests import the library by its name; to the tests that is its source. */
const BY_NAME = {
  alias: Object.entries(manifest.exports).map(([entry, built]) => ({
    find: new RegExp(`^${entry.replace('.', manifest.name)}$`),
    replacement: fileURLToPath(
      new URL(
        (typeof built === 'string' ? built : built.default)
          .replace('dist/', '')
          .replace(/js$/, 'ts'),
        import.meta.url,
      ),
    ),
  })),
};

/** Limits for what is broken. On a slow machine they leave room for what works. */
const WITH_ROOM = {
  testTimeout: 300_000,
  hookTimeout: 300_000,
  expect: { poll: { timeout: 60_000 } },
};

/** Small files start last. This one is small and takes long, so at the end it would run alone. */
const LONGEST = 'test/e2e/examples/';
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]) {
    const sorted = await super.sort(files);
    const isLongest = ({ moduleId }: TestSpecification) => moduleId.includes(LONGEST);
    return [...sorted.filter(isLongest), ...sorted.filter((file) => !isLongest(file))];
  }
}

// A date without a zone counts as GMT. Far from GMT a test fails where somebody forgets it.
process.env.TZ = 'Pacific/Chatham';

export default defineConfig({
  test: {
    // By default one core is left to others, which on two cores is half of them.
    maxWorkers: availableParallelism(),
    sequence: { sequencer: LongestFirst },
    projects: [
      ...FAST.map((name) => ({
        resolve: BY_NAME,
        test: {
          name,
          include: [`test/${name}/**/*.test.ts`],
          exclude: SLOW ? [] : [PLANTED_FAULTS],
          ...WITH_ROOM,
          isolate: SLOW && name === 'model', // to load modules anew for each file is slow
        },
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
        test: { name: 'package', include: ['test/package/**/*.test.ts'], ...WITH_ROOM },
      },
      {
        // Two browsers at a time, after everything else: on two cores more would starve one another.
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          ...WITH_ROOM,
          maxWorkers: 2,
          maxConcurrency: THROTTLED ? 1 : 5,
          isolate: THROTTLED, // else files share a browser, a demo and an inspected page
          sequence: { groupOrder: 1 },
        },
      },
      {
        // The library against the real clients and servers of others.
        resolve: BY_NAME,
        test: { name: 'backends', include: ['test/backends/*.test.ts'], ...WITH_ROOM },
      },
      // Those whose vendors are large, or need a browser or an emulator: for `scripts/backends.mjs` alone.
      ...(process.env.BACKENDS
        ? [
            {
              resolve: BY_NAME,
              test: {
                name: 'backends-slow',
                include: ['test/backends/slow/*.test.ts'],
                ...WITH_ROOM,
                maxWorkers: 1,
                sequence: { groupOrder: 2 },
              },
            },
          ]
        : []),
      // They test nothing, and write into the docs: for `scripts/images.mjs` alone.
      ...(process.env.IMAGES
        ? [
            {
              test: {
                name: 'images',
                include: ['test/e2e/inspect/images.ts'],
                testTimeout: 60_000,
              },
            },
          ]
        : []),
    ],
    // `npm run check -- coverage`: the machine and the core, which every line of the proof is about.
    coverage: {
      include: ['machines/*.ts', 'src/*.ts'],
      reporter: ['text', 'html'],
      thresholds: { lines: 100, branches: 100 },
    },
  },
});
