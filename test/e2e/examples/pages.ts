import { join } from 'node:path';
import { build, type Rolldown } from 'vite';
import { contentTypeOf } from '../../../docs/demo/content-type.ts';

/**
 * Builds all pages, with the frameworks' development builds: they are the ones that warn, and React's
 * StrictMode mounts twice in them alone.
 *
 * @returns what sends a page, or a file of it
 */
export async function buildExamples(): Promise<(pathname: string) => Response> {
  const built = await build({
    configFile: join(import.meta.dirname, '../../../docs/examples/vite.config.ts'),
    logLevel: 'error',
    mode: 'development',
    build: { write: false, chunkSizeWarningLimit: 2_000 },
  });
  // SAFETY: one build that is not watched has one output.
  const { output } = built as Rolldown.RolldownOutput;
  const files = new Map(
    output.map((file) => [`/${file.fileName}`, file.type === 'chunk' ? file.code : file.source]),
  );
  return (pathname) => {
    const name = pathname.replace(/\/$/, '/index.html');
    const file = files.get(name);
    if (file === undefined) return new Response('not found', { status: 404 });
    const headers = {
      'content-type': contentTypeOf(name),
      // The scripts have a hash in their names; a browser that keeps them keeps them compiled, too.
      ...(name.startsWith('/assets/') && { 'cache-control': 'max-age=3600, immutable' }),
    };
    return new Response(typeof file === 'string' ? file : new Uint8Array(file), { headers });
  };
}
