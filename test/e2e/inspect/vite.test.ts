import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Plugin, type ViteDevServer } from 'vite';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { viewerResponse } from '../../../src/inspect/vite.ts';
import { ROOT, requireBuild } from '../../package/support/package.ts';
import { eventually, type Harness, lit, openHarness } from './harness.ts';

/** An app whose package is installed, as far as Vite can tell. */
const app = mkdtempSync(join(tmpdir(), 'second-factor-vite-'));
const installed = join(app, 'node_modules/second-factor');
let server: ViteDevServer | undefined;
let harness: Harness;

const INDEX =
  '<!doctype html><title>The app</title><body><script type="module" src="/main.js"></script>';
/** `?window` opens a window, `?xstate` speaks the words of `@xstate/inspect`. */
const MAIN = `
import { createSecondFactor } from 'second-factor';
import { inspectWithXState, openViewer } from 'second-factor/inspect';
const iframe = location.search.includes('window') ? null : document.createElement('iframe');
if (iframe) document.body.append(Object.assign(iframe, { id: 'viewer', width: 900, height: 600 }));
window.start = () => {
  const show = location.search.includes('xstate') ? inspectWithXState : openViewer;
  const { inspect } = show({ iframe });
  window.flow = createSecondFactor({
    signIn: {
      id: 'sia_1',
      status: 'needs_second_factor',
      supportedSecondFactors: [{ strategy: 'totp' }],
      secondFactorVerification: null,
      createdSessionId: null,
    },
    services: { prepareSecondFactor: async () => ({}), attemptSecondFactor: async () => ({}) },
    inspect,
  });
};
if (!location.search.includes('window')) window.start();
window.isReady = true;
`;

/** Starts Vite on the app, once the package is there. */
async function serve(plugins: Plugin[], base = '/'): Promise<string> {
  requireBuild();
  harness = await openHarness();
  mkdirSync(join(app, 'node_modules'), { recursive: true });
  cpSync(join(ROOT, 'dist'), join(installed, 'dist'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(installed, 'package.json'));
  rmSync(join(app, 'node_modules/xstate'), { force: true });
  symlinkSync(join(ROOT, 'node_modules/xstate'), join(app, 'node_modules/xstate'), 'junction');
  writeFileSync(join(app, 'package.json'), '{ "name": "app", "private": true }');
  writeFileSync(join(app, 'index.html'), INDEX);
  writeFileSync(join(app, 'main.js'), MAIN);
  server = await createServer({
    root: app,
    base,
    configFile: false,
    logLevel: 'silent',
    plugins,
    server: { port: 0, host: '127.0.0.1', hmr: false },
  });
  await server.listen();
  return String(server.resolvedUrls?.local[0]);
}

async function visit(url: string) {
  const page = await harness.newPage();
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text()));

  await page.goto(url);
  // Vite loads a page anew once it has found out what the app imports.
  await eventually(() => page.evaluate(() => 'isReady' in window).catch(() => false)).toBe(true);
  await page.waitForLoadState('networkidle');
  return { page, said };
}

afterEach(async () => {
  await server?.close();
});
afterAll(() => rmSync(app, { recursive: true, force: true }));

describe('under Vite with the plugin', () => {
  it.each([
    ['', '/'],
    ['?xstate', '/'],
    ['', '/app/'],
  ])('a viewer is found without a url: %s below %s', async (query, base) => {
    const { secondFactorViewer } = await import(join(ROOT, 'dist/src/inspect/vite.js'));
    const { page, said } = await visit(`${await serve([secondFactorViewer()], base)}${query}`);
    await eventually(async () => {
      const frame = page.frames().find((one) => one.url().includes('@second-factor/viewer'));
      return frame ? lit(frame) : [];
    }).toContain('secondFactor.needs_second_factor');
    expect(said.filter((text) => text.includes('second-factor/inspect'))).toEqual([]);
    await page.close();
  });
});

describe('under Vite without the plugin', () => {
  it.each(['', '?xstate'])('the app is not loaded into its own frame: %s', async (query) => {
    const { page, said } = await visit(`${await serve([])}${query}`);
    await eventually(() => said.join('\n')).toMatch(
      /is not the viewer.*second-factor\/inspect\/vite/,
    );
    expect(page.frames().map((frame) => frame.url())).toEqual([page.url(), 'about:blank']);
    expect(await page.evaluate('flow.actor.getSnapshot().status')).toBe('active');
    await page.close();
  });

  it.each(['?window', '?window&xstate'])('a window of the app is closed: %s', async (query) => {
    const { page, said } = await visit(`${await serve([])}${query}`);
    const [popup] = await Promise.all([
      page.waitForEvent('popup'),
      page.evaluate('window.start()'),
    ]);
    await popup.evaluate(() => (window as unknown as { start(): void }).start()).catch(() => {});
    await eventually(() => said.join('\n')).toContain('is not the viewer');
    await eventually(() => popup.isClosed()).toBe(true);
    await page.close();
  });
});

describe('the handler', () => {
  it('answers with the files of the viewer, and with nothing else', async () => {
    requireBuild();
    const built: typeof viewerResponse = (await import(join(ROOT, 'dist/src/inspect/vite.js')))
      .viewerResponse;
    const page = await built(new Request('http://localhost/second-factor/index.html?inspect'));
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await page.text()).toContain('second-factor viewer');
    for (const path of ['/viewer/', '/viewer/../package.json', '/viewer/main.ts', '/x.html']) {
      expect((await viewerResponse({ url: `http://localhost${path}` })).status).toBe(404);
    }
  });
});
