import { join } from 'node:path';
import { build, type Rolldown } from 'vite';
import { contentTypeOf } from '../../../docs/demo/content-type.ts';

/**
 * Builds all pages, with the development builds of the frameworks. Only these warn, and only in these
 * does React's StrictMode mount twice.
 *
 * @returns a function that sends a page, or a file of it
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
      // Scripts have a hash in their names. A browser that caches them caches the compiled code too.
      ...(name.startsWith('/assets/') && { 'cache-control': 'max-age=3600, immutable' }),
    };
    return new Response(typeof file === 'string' ? file : new Uint8Array(file), { headers });
  };
}
