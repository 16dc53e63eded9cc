import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'vite';
import { contentTypeOf } from '../../../docs/demo/content-type.ts';

const EXAMPLES = join(import.meta.dirname, '../../../docs/examples');

/**
 * Builds all pages, with the frameworks' development builds: they are the ones that warn, and React's
 * StrictMode mounts twice in them alone.
 */
export async function buildExamples(outDir: string): Promise<void> {
  await build({
    configFile: join(EXAMPLES, 'vite.config.ts'),
    logLevel: 'error',
    mode: 'development',
    build: { outDir, emptyOutDir: true, chunkSizeWarningLimit: 2_000 },
  });
}

/** Sends a file of the pages that were built into a folder. */
export async function sendFile(folder: string, pathname: string): Promise<Response> {
  const file = pathname.endsWith('/') ? `${pathname}index.html` : pathname;
  try {
    const body = await readFile(join(folder, file));
    const headers = {
      'content-type': contentTypeOf(file),
      // The scripts have a hash in their names; a browser that keeps them keeps them compiled, too.
      ...(file.startsWith('/assets/') && { 'cache-control': 'max-age=3600, immutable' }),
    };
    return new Response(new Uint8Array(body), { headers });
  } catch {
    return new Response('not found', { status: 404 });
  }
}
