import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { getRequestListener } from '@hono/node-server';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import react from '@vitejs/plugin-react';
import vue from '@vitejs/plugin-vue';
import { defineConfig, type Plugin } from 'vite';
import solid from 'vite-plugin-solid';
import { createSandboxApp } from '../../src/sandbox/app.ts';
import { createSandbox } from '../../src/sandbox/index.ts';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** The frameworks: every folder with a page. */
export const FRAMEWORKS = readdirSync(path('.'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && readdirSync(path(entry.name)).includes('index.html'))
  .map((entry) => entry.name);

/** Serves the sandbox from the same origin, and prints what it delivers. */
function sandbox(): Plugin {
  return {
    name: 'sandbox',
    apply: 'serve',
    configureServer(server) {
      const world = createSandbox();
      world.inbox.subscribe(({ to, code }) => console.log(`  to ${to}: ${code}`));
      console.log(`  authenticator app: ${world.authenticator.uri}`);
      console.log(`  backup codes: ${world.backupCodes.join(' ')}`);
      const app = createSandboxApp(world);
      const answer = getRequestListener(app.fetch);
      server.middlewares.use((request, response, next) => {
        if (!request.url?.startsWith('/v1/')) return next();
        if (/sign_ins$|attempt/.test(request.url)) {
          console.log(`  authenticator app now: ${world.authenticator.code()}`);
        }
        void answer(request, response);
      });
    },
  };
}

export default defineConfig({
  root: path('.'),
  plugins: [
    react({ include: /examples\/react\/.*\.tsx$/ }),
    vue(),
    svelte(),
    solid({ include: /examples\/solid\/.*\.tsx$/ }),
    sandbox(),
  ],
  resolve: {
    alias: [
      { find: /^second-factor$/, replacement: path('../../src/index.ts') },
      { find: /^second-factor\/sandbox$/, replacement: path('../../src/sandbox/index.ts') },
    ],
  },
  build: {
    target: 'es2022',
    rolldownOptions: {
      input: Object.fromEntries(FRAMEWORKS.map((name) => [name, path(`${name}/index.html`)])),
    },
  },
});
