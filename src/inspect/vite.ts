/**
 * Serves the offline viewer, with everything that it loads, from a dev server: a plugin for Vite, a
 * middleware for webpack and Express, and a handler for Next and whatever else answers requests.
 *
 * @packageDocumentation
 */
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';

/** Where the middleware serves the viewer, below the base of the app. */
const PATH = '@second-factor/viewer';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

/**
 * Answers a request for a file of the viewer, by the last part of its address: `index.html`,
 * `server.html` and what they load. In Next, `export { viewerResponse as GET }` from the `route.ts` of a
 * folder `[file]`.
 */
export async function viewerResponse({ url }: { readonly url: string }): Promise<Response> {
  const file = /\/((?:index|server)\.html|viewer\.(?:js|css))(?:[?#]|$)/.exec(url)?.[1];
  if (file === undefined) return new Response('The viewer has no such file.', { status: 404 });
  // No literal for a bundler, which would move the file.
  const here = import.meta.url;
  const body = await readFile(fileURLToPath(new URL(`./viewer/${file}`, here)));
  const headers = {
    'content-type': TYPES[file.replace(/^.*\./, '')] ?? '',
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
  };
  return new Response(new Uint8Array(body), { headers });
}

/** Takes a request, or hands it on: what Connect, Express and webpack's dev server call. */
export type ViewerMiddleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * Makes a middleware that serves the viewer at `/@second-factor/viewer/index.html`, which is then the
 * `url` for `openViewer`.
 */
export function viewerMiddleware(): ViewerMiddleware {
  return (request, response, next) => {
    const { url = '' } = request;
    if (!url.includes(`/${PATH}/`)) return next();
    viewerResponse({ url }).then(async (answer) => {
      response.statusCode = answer.status;
      answer.headers.forEach((value, name) => void response.setHeader(name, value));
      response.end(new Uint8Array(await answer.arrayBuffer()));
    }, next);
  };
}

/** What Vite's two servers have. */
interface ViteServer {
  readonly middlewares: { use(middleware: ViewerMiddleware): unknown };
}

/** A plugin for Vite. */
export interface ViewerPlugin {
  readonly name: string;
  readonly apply: 'serve';
  configResolved(config: { readonly base: string }): void;
  configureServer(server: ViteServer): void;
  configurePreviewServer(server: ViteServer): void;
  transformIndexHtml(): { tag: string; attrs: Record<string, string>; injectTo: 'head' }[];
}

/**
 * Makes the plugin for Vite: the dev server serves the viewer, and `openViewer()` and
 * `inspectWithXState()` find it without a `url`. Pages that Vite does not make itself, as in a
 * framework that renders on a server, pass `url: '/@second-factor/viewer/index.html'`.
 *
 * ```ts
 * import { secondFactorViewer } from 'second-factor/inspect/vite';
 * export default defineConfig({ plugins: [secondFactorViewer()] });
 * ```
 */
export function secondFactorViewer(): ViewerPlugin {
  let base = '/';
  const serve = ({ middlewares }: ViteServer): void => void middlewares.use(viewerMiddleware());
  return {
    name: 'second-factor-viewer',
    apply: 'serve',
    configResolved(config) {
      base = config.base;
    },
    configureServer: serve,
    configurePreviewServer: serve,
    transformIndexHtml() {
      const attrs = { name: 'second-factor-viewer', content: `${base}${PATH}/index.html` };
      return [{ tag: 'meta', attrs, injectTo: 'head' }];
    },
  };
}
