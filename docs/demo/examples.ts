// The pages of the frameworks, each in the frame of the demo's own.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { type BuiltPage, builtPage, refuse } from './built-page.ts';
import { FRAMEWORKS } from './frameworks.ts';

const EXAMPLES = fileURLToPath(new URL('../examples/', import.meta.url));
/** What a framed page imports in place of the library, and of the module that starts its flow. */
const LIBRARY = fileURLToPath(new URL('./framed/second-factor.ts', import.meta.url));
const START_FLOW = fileURLToPath(new URL('./framed/start-flow.ts', import.meta.url));
/** The look of the page around it, as seen from the page of an example. */
const STYLE = '<link rel="stylesheet" href="../../demo/framed/framed.css" />';

const framed: Plugin = {
  name: 'framed',
  transformIndexHtml: {
    order: 'pre',
    handler: (html) => html.replace('</head>', `${STYLE}</head>`),
  },
};

const pages: ReadonlyMap<string, BuiltPage> = new Map(
  FRAMEWORKS.filter(({ id }) => id).map(({ id }) => [id, pageOf(id)]),
);

/** Sends a page of a framework, or a file of it: `/examples/react/`. */
export async function sendExample(
  { url = '', headers }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [, id = '', file = ''] = /^\/examples\/(\w+)\/([\w./-]*)(?:\?|$)/.exec(url) ?? [];
  const page = pages.get(id);
  if (!page) return refuse(response, 404);
  if (headers['sec-fetch-dest'] === 'document') {
    // Outside of the frame the page has nobody to get a flow from.
    response.writeHead(302, { location: `/?framework=${id}` }).end();
    return;
  }
  response.setHeader('content-security-policy', policyOf(id));
  await page.send(response, file || undefined);
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

function pageOf(id: string): BuiltPage {
  return builtPage(`${EXAMPLES}${id}/index.html`, {
    configFile: `${EXAMPLES}vite.config.ts`,
    base: `/examples/${id}/`,
    plugins: [framed],
    resolve: {
      // The example is as it is alone; only where its flow comes from is another matter here.
      alias: [
        { find: /^second-factor$/, replacement: LIBRARY },
        { find: '../shared/start-flow.ts', replacement: START_FLOW },
      ],
    },
  });
}
