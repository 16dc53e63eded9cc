// The core runs unchanged in browsers, Node, Bun, Deno, workers and React Native, and its machine
// is pure: that holds as long as it reaches for nothing outside the language and XState.
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build } from 'esbuild';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { entries, ROOT, requireBuild } from './support/package.ts';

const files = ['machines', 'src'].flatMap((folder) =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(ROOT, folder, name)),
);
const names = files.map((file) => relative(ROOT, file));

/** What the core may use that is not of the language: every runtime above has these. */
const AMBIENT = `
interface AbortSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options: { once: true }): void;
}
declare class AbortController { readonly signal: AbortSignal; abort(): void }
`;

/** What must be refused, one a line; it shows that the check below can fail. */
const STRANGE = [
  'fetch("/");',
  'setTimeout(() => {}, 0);',
  'console.log(1);',
  'document.title;',
  'window.name;',
  'process.env;',
  'localStorage.clear();',
  'performance.now();',
  'crypto.randomUUID();',
  'require("xstate");',
  'export {};',
];

/** Compiles the core with the language's own globals alone: what is wrong, by file and line. */
function problems(): { core: string[]; strangeLines: Set<number> } {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts'],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    noEmit: true,
  };
  const virtual: Record<string, string> = {
    [join(ROOT, 'src/ambient.d.ts')]: AMBIENT,
    [join(ROOT, 'src/strange.ts')]: STRANGE.join('\n'),
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => path in virtual || fileExists(path);
  host.readFile = (path) => virtual[path] ?? readFile(path);
  host.getSourceFile = (path, target, ...rest) => {
    const text = virtual[path];
    return text === undefined
      ? getSourceFile(path, target, ...rest)
      : ts.createSourceFile(path, text, target);
  };
  const program = ts.createProgram([...files, ...Object.keys(virtual)], options, host);
  const core: string[] = [];
  const strangeLines = new Set<number>();
  for (const { file, start = 0, messageText } of ts.getPreEmitDiagnostics(program)) {
    const name = file ? relative(ROOT, file.fileName) : '';
    const line = file ? file.getLineAndCharacterOfPosition(start).line : 0;
    const message = ts.flattenDiagnosticMessageText(messageText, ' ');
    if (name === 'src/strange.ts') strangeLines.add(line);
    else core.push(`${name}:${line + 1}: ${message}`);
  }
  return { core, strangeLines };
}

/** Calls that read a clock or a source of chance. */
function impureCalls(text: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const callee = node.expression.getText();
      if (['Date.now', 'Math.random', 'Date'].includes(callee)) found.push(`${callee}()`);
    }
    if (ts.isNewExpression(node) && node.expression.getText() === 'Date') {
      if (!node.arguments?.length) found.push('new Date()');
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('x.ts', text, ts.ScriptTarget.ES2022, true));
  return found;
}

describe('the core', () => {
  it('is what it is taken for', () => {
    expect(names).toEqual(
      expect.arrayContaining([
        'machines/second-factor.machine.ts',
        'src/create-second-factor.ts',
        'src/index.ts',
      ]),
    );
  });

  it('uses no global but those of the language', () => {
    const { core, strangeLines } = problems();
    expect(core).toEqual([]);
    const caught = STRANGE.filter((_, line) => strangeLines.has(line));
    expect(caught).toEqual(STRANGE.slice(0, -1));
  });

  it('never reads a clock or a source of chance: time and chance are handed in', () => {
    for (const file of files) {
      const text = ts.sys.readFile(file) ?? '';
      expect(impureCalls(text), relative(ROOT, file)).toEqual([]);
    }
    expect(impureCalls('Date.now(); new Date(); Math.random(); Date();')).toHaveLength(4);
    expect(impureCalls('const f = (now = Date.now) => new Date(now());')).toEqual([]);
  });

  it.each(names)('%s imports nothing but xstate and its own files', (name) => {
    const text = ts.sys.readFile(join(ROOT, name)) ?? '';
    const imports = ts.preProcessFile(text).importedFiles.map((file) => file.fileName);
    for (const specifier of imports) {
      if (specifier === 'xstate') continue;
      expect(names).toContain(relative(ROOT, join(ROOT, name, '..', specifier)));
    }
  });

  it('bundles for a browser with nothing left outside but xstate', async () => {
    requireBuild();
    const entry = entries.find(({ specifier }) => specifier === 'second-factor');
    const { metafile } = await build({
      entryPoints: [join(ROOT, String(entry?.target))],
      bundle: true,
      platform: 'browser',
      external: ['xstate'],
      metafile: true,
      write: false,
      format: 'esm',
    });
    const [output] = Object.values(metafile.outputs);
    const outside = new Set(output?.imports.map(({ path }) => path));
    expect([...outside]).toEqual(['xstate']);
  });
});
