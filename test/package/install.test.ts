// Installs the tarball as a stranger would: in an empty project, with xstate and nothing else.
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pack } from '../../scripts/pack.mjs';
import { entries, manifest, ROOT, readmeExamples, requireBuild } from './support/package.ts';

const run = promisify(execFile);
const project = mkdtempSync(join(tmpdir(), 'second-factor-consumer-'));

/** A whole flow, against services that a stranger might write. */
const FLOW = `
import { createSecondFactor, isSecondFactorError } from 'second-factor';

const signIn = {
  id: 'sia_1',
  status: 'needs_second_factor',
  supportedSecondFactors: [{ strategy: 'phone_code', phoneNumberId: 'idn_1' }],
  secondFactorVerification: null,
  createdSessionId: null,
};
const flow = createSecondFactor({
  signIn,
  services: {
    prepareSecondFactor: async ({ strategy }) => ({
      ...signIn,
      secondFactorVerification: { status: 'unverified', strategy },
    }),
    attemptSecondFactor: async ({ code }) => {
      if (code !== '424242') throw { status: 422, errors: [{ code: 'form_code_incorrect' }] };
      return { ...signIn, status: 'complete', createdSessionId: 'sess_1' };
    },
  },
});
const seen: string[] = [];
const attempt = (code: string) =>
  flow.attemptSecondFactor({ strategy: 'phone_code', code }).then(
    ({ status }) => seen.push(status),
    (error: unknown) => seen.push(isSecondFactorError(error) ? error.code : String(error)),
  );
await attempt('424242');
await flow.prepareSecondFactor({ strategy: 'phone_code' });
await attempt('000000');
await attempt('424242');
console.log(seen.join(' '));
`;

const write = (name: string, text: string) => writeFileSync(join(project, name), text);
const typeScripts = [
  ['TypeScript 6', 'typescript/bin/tsc'],
  ['TypeScript 7', 'typescript-7/bin/tsc'],
] as const;

/** Type-checks a file of the project; gives back what the compiler printed. */
async function typeCheck(compiler: string, file: string, flags: readonly string[]) {
  const args = [join(ROOT, 'node_modules', compiler), '--noEmit', '--strict', ...flags, file];
  try {
    return (await run(process.execPath, args, { cwd: project })).stdout;
  } catch (error) {
    return String((error as { stdout?: unknown }).stdout);
  }
}

const resolutions = [
  ['nodenext', ['--module', 'nodenext']],
  ['bundler', ['--module', 'esnext', '--moduleResolution', 'bundler']],
] as const;
const STRICTEST = [
  '--target',
  'es2022',
  '--exactOptionalPropertyTypes',
  '--noUncheckedIndexedAccess',
];

beforeAll(() => {
  requireBuild();
  write('package.json', JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  // Both from the disk, so that the test needs no registry.
  const tarballs = [ROOT, join(ROOT, 'node_modules/xstate')].map((dir) => pack(project, dir).path);
  const flags = ['--offline', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  execFileSync('npm', ['install', ...flags, ...tarballs], { cwd: project, stdio: 'inherit' });
  write('flow.ts', FLOW);
  write(
    'flow.js',
    ts.transpile(FLOW, { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 }),
  );
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

describe('with xstate alone', () => {
  it('installs nothing else', () => {
    const installed = readdirSync(join(project, 'node_modules')).filter((name) => name[0] !== '.');
    expect(installed).toEqual(['second-factor', 'xstate']);
  });

  it('runs a flow', async () => {
    const { stdout } = await run(process.execPath, ['flow.js'], { cwd: project });
    expect(stdout.trim()).toBe('not_prepared code_incorrect complete');
  });

  it.each(
    typeScripts.flatMap((compiler) => resolutions.map((one) => [...compiler, ...one] as const)),
  )('compiles by %s (%s) with module resolution %s', async (_, compiler, _resolution, flags) => {
    const strictest = [...STRICTEST, ...flags, '--lib', 'es2023,dom'];
    expect(await typeCheck(compiler, 'flow.ts', [...strictest, '--skipLibCheck'])).toBe('');
  });

  it.each(typeScripts)('%s (%s) refuses a plain string as a code', async (_, compiler) => {
    write(
      'wrong.ts',
      `import { createSecondFactor } from 'second-factor';
createSecondFactor({ signIn: {} }).actor.send({ type: 'ATTEMPT', code: '424242' });`,
    );
    const flags = [...STRICTEST, '--module', 'nodenext', '--lib', 'es2023,dom', '--skipLibCheck'];
    const printed = await typeCheck(compiler, 'wrong.ts', flags);
    expect(printed).toContain("Type 'string' is not assignable to type 'OneTimeCode'");
  });
});

describe('with the optional peers too', () => {
  const optional = Object.keys(manifest.peerDependencies).filter((name) => name !== 'xstate');

  beforeAll(() => {
    for (const name of [...optional, '@types/node', '@types/ws']) {
      const link = join(project, 'node_modules', name);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(join(ROOT, 'node_modules', name), link, 'junction');
    }
  });

  it.each(entries)('imports $specifier', async ({ specifier }) => {
    const script = `console.log(Object.keys(await import('${specifier}')).length)`;
    const args = ['--input-type=module', '--eval', script];
    const { stdout } = await run(process.execPath, args, { cwd: project });
    expect(Number(stdout)).toBeGreaterThan(0);
  });

  it('offers package.json, and no file that is not an entry', async () => {
    const load = (specifier: string) => {
      const script = `import('${specifier}', { with: { type: 'json' } })`;
      return run(process.execPath, ['--input-type=module', '--eval', script], { cwd: project });
    };
    await load('second-factor/package.json');
    await expect(load('second-factor/dist/src/errors.js')).rejects.toThrow(
      'ERR_PACKAGE_PATH_NOT_EXPORTED',
    );
  });

  it('compiles the examples of the README', async () => {
    write('readme.ts', readmeExamples().join('\n'));
    const flags = [...STRICTEST, '--module', 'nodenext', '--lib', 'es2023,dom', '--skipLibCheck'];
    expect(await typeCheck('typescript-7/bin/tsc', 'readme.ts', flags)).toBe('');
  });

  it('has declarations without errors of their own', async () => {
    write('all.ts', entries.map(({ specifier }) => `import '${specifier}';`).join('\n'));
    const flags = [...STRICTEST, '--module', 'nodenext', '--lib', 'es2023,dom', '--types', 'node'];
    const printed = await typeCheck('typescript-7/bin/tsc', 'all.ts', flags);
    // XState's own declarations need `skipLibCheck` under exactOptionalPropertyTypes; ours don't.
    const ours = printed.split('\n').filter((line) => /second-factor\/|^all\.ts/.test(line));
    expect(ours).toEqual([]);
  });
});
