import { join } from 'node:path';
import { build } from 'vite';

const EXAMPLES = join(import.meta.dirname, '../../../docs/examples');

/** Builds the pages of these frameworks alone, by the examples' own configuration. */
export async function buildPages(frameworks: readonly string[], outDir: string): Promise<void> {
  for (const framework of frameworks) {
    await build({
      configFile: join(EXAMPLES, 'vite.config.ts'),
      logLevel: 'error',
      mode: 'development',
      build: {
        outDir,
        emptyOutDir: false,
        // A list would be added to the configuration's, and one page takes its place.
        rolldownOptions: { input: join(EXAMPLES, framework, 'index.html') },
      },
    });
  }
}
