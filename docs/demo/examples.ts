// The pages of the frameworks. Each is built when it is asked for, and again after an edit: a built
// page runs under a strict policy, needs no second server and never reloads by itself.
import { stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Rolldown } from 'vite';
import { FRAMEWORKS } from './frameworks.ts';

const EXAMPLES = fileURLToPath(new URL('../examples/', import.meta.url));
/** What a framed page imports in place of the library, and of the module that starts its flow. */
const LIBRARY = fileURLToPath(new URL('./framed/second-factor.ts', import.meta.url));
const START_FLOW = fileURLToPath(new URL('./framed/start-flow.ts', import.meta.url));
/** The look of the page around it. */
const STYLE = '<link rel="stylesheet" href="/framed/framed.css" />';
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css',
  '.js': 'text/javascript',
};

interface Page {
  /** What was built, by the path below the page's own. */
  readonly files: ReadonlyMap<string, string | Uint8Array>;
  /** What it was built from, without its dependencies. */
  readonly sources: readonly string[];
  /** When the build began, in ms since the epoch. */
  readonly builtAt: number;
}

const pages = new Map<string, Promise<Page>>();

/** Sends a page of a framework, or a file of it: `/examples/react/`. */
export async function sendExample(
  { url = '', headers }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [, id = '', file = ''] = /^\/examples\/(\w+)\/([\w./-]*)(?:\?|$)/.exec(url) ?? [];
  if (!FRAMEWORKS.some((framework) => framework.id === id)) return refuse(response, 404);
  if (headers['sec-fetch-dest'] === 'document') {
    // Outside of the frame the page has nobody to get a flow from.
    response.writeHead(302, { location: `/?framework=${id}` }).end();
    return;
  }
  try {
    const page = await (file === '' ? openPage(id) : pages.get(id));
    const content = page?.files.get(file || `${id}/index.html`);
    if (content === undefined) return refuse(response, 404);
    response.setHeader('content-type', TYPES[extname(file || 'index.html')] ?? 'text/plain');
    response.setHeader('content-security-policy', policyOf(id));
    response.setHeader('cache-control', file === '' ? 'no-store' : 'max-age=31536000, immutable');
    response.end(content);
  } catch (error) {
    pages.delete(id);
    console.error(error);
    refuse(response, 500);
  }
}

function refuse(response: ServerResponse, status: 404 | 500): void {
  response.statusCode = status;
  response.end(status === 404 ? 'There is no such page.' : 'The page could not be built.');
}

/** The page's network is that of the page around it. */
function policyOf(id: string): string {
  // Angular compiles templates in the browser here; a build with its CLI does it ahead.
  const script = id === 'angular' ? "script-src 'self' 'unsafe-eval'" : "script-src 'self'";
  return [
    "default-src 'none'",
    script,
    "style-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
  ].join('; ');
}

async function openPage(id: string): Promise<Page> {
  // A build that failed was logged when it did; this one tries again.
  const known = await pages.get(id)?.catch(() => undefined);
  if (known && !(await isEdited(known))) return known;
  const page = buildPage(id);
  pages.set(id, page);
  return page;
}

async function isEdited({ sources, builtAt }: Page): Promise<boolean> {
  const times = await Promise.all(sources.map(async (source) => (await stat(source)).mtimeMs));
  return times.some((time) => time > builtAt);
}

async function buildPage(id: string): Promise<Page> {
  const builtAt = Date.now();
  const built = await build({
    configFile: `${EXAMPLES}vite.config.ts`,
    logLevel: 'error',
    mode: 'development',
    base: `/examples/${id}/`,
    resolve: {
      // The example is as it is alone; only where its flow comes from is another matter here.
      alias: [
        { find: /^second-factor$/, replacement: LIBRARY },
        { find: '../shared/start-flow.ts', replacement: START_FLOW },
      ],
    },
    build: {
      write: false,
      modulePreload: false,
      chunkSizeWarningLimit: 4_000,
      rolldownOptions: { input: `${EXAMPLES}${id}/index.html` },
    },
  });
  // SAFETY: one build that is not watched has one output.
  const { output } = built as Rolldown.RolldownOutput;
  const files = new Map(
    output.map((file) => [file.fileName, file.type === 'chunk' ? file.code : file.source]),
  );
  const html = String(files.get(`${id}/index.html`) ?? '');
  files.set(`${id}/index.html`, html.replace('</head>', `${STYLE}</head>`));
  const modules = output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
  const sources = modules.filter((one) => isAbsolute(one) && !/\?|node_modules/.test(one));
  return { files, sources, builtAt };
}
