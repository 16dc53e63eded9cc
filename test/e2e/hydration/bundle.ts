import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

const EXAMPLES = join(import.meta.dirname, '../../../docs/examples');

/** What the server and the browser start the same flow from. */
export interface PageState {
  readonly signIn: object;
  readonly resume?: object | undefined;
  /** When the server rendered it, in ms since the epoch. */
  readonly at: number;
}

/** React's example as an element; the flow is told the time of the server once, and then its own. */
const TREE = `
  import { createElement, StrictMode } from 'react';
  import { createSecondFactor } from 'second-factor';
  import { sandboxServices } from 'second-factor/sandbox';
  import { SecondFactorForm } from './react/second-factor-form.tsx';

  export function start({ signIn, resume, at }) {
    let first = at;
    const now = () => first ?? Date.now();
    const services = sandboxServices({ signInId: signIn.id });
    const flow = createSecondFactor({ signIn, services, resume, now });
    first = null;
    return flow;
  }
  export const tree = (flow) =>
    createElement(StrictMode, null, createElement(SecondFactorForm, { flow }));
`;
const ON_SERVER = `
  ${TREE}
  import { renderToString } from 'react-dom/server';

  export function render(state) {
    const flow = start(state);
    const html = renderToString(tree(flow));
    flow.stop();
    return html;
  }
`;
const IN_BROWSER = `
  ${TREE}
  import { hydrateRoot } from 'react-dom/client';

  const flow = start(JSON.parse(document.getElementById('state').textContent));
  hydrateRoot(document.getElementById('app'), tree(flow));
`;

/** The two bundles of one page. */
export interface Bundles {
  render(state: PageState): string;
  readonly script: string;
}

/** Bundles the example for both sides, with React's development build: it is the one that warns. */
export async function bundleExample(): Promise<Bundles> {
  const [server, browser] = await Promise.all([
    bundle(ON_SERVER, 'node'),
    bundleForBrowser(IN_BROWSER),
  ]);
  const folder = await mkdtemp(join(tmpdir(), 'second-factor-hydration-'));
  try {
    const path = join(folder, 'server.cjs');
    await writeFile(path, server);
    return { render: createRequire(path)(path).render, script: browser };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Bundles a script that imports what the examples may. */
export function bundleForBrowser(contents: string): Promise<string> {
  return bundle(contents, 'browser');
}

async function bundle(contents: string, platform: 'node' | 'browser'): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: EXAMPLES, loader: 'ts' },
    bundle: true,
    write: false,
    platform,
    format: platform === 'node' ? 'cjs' : 'esm',
    target: 'es2022',
    define: { 'process.env.NODE_ENV': '"development"' },
    tsconfig: join(EXAMPLES, 'tsconfig.json'),
    logLevel: 'error',
  });
  return outputFiles[0]?.text ?? '';
}
