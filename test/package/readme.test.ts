// Runs the examples of the README as they stand, against the built package, by its public name.
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { ROOT, readmeExamples, requireBuild } from './support/package.ts';

const run = promisify(execFile);

/** What the comments say that an example prints: `console.log(x); // this`. */
function promised(code: string): string[] {
  return [...code.matchAll(/console\.log\(.*\); \/\/ (.+)$/gm)].map(([, text]) => String(text));
}

describe('the README', () => {
  const examples = readmeExamples();

  it('has an example of some twenty lines', () => {
    expect(examples).toHaveLength(1);
    expect(examples[0]?.trim().split('\n').length).toBeLessThanOrEqual(22);
    expect(promised(examples[0] ?? '')).toHaveLength(3);
  });

  it.each(examples)('prints what its comments promise', async (code) => {
    requireBuild();
    const target = ts.ScriptTarget.ES2022;
    const script = ts.transpile(code, { target, module: ts.ModuleKind.ES2022 });
    const args = ['--input-type=module', '--eval', script];
    const { stdout } = await run(process.execPath, args, { cwd: ROOT });
    expect(stdout.trim().split('\n')).toEqual(promised(code));
  });
});

describe('the documents', () => {
  const documents = ['.', 'docs', 'docs/backends', 'docs/decisions', 'machines'].flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name)),
  );

  it.each(documents)('%s links to files that exist', (document) => {
    const text = readFileSync(join(ROOT, document), 'utf8');
    const links = [...text.matchAll(/\]\((?!\w+:|#)([^)#]+)/g)].map(([, path]) => String(path));
    for (const link of links) {
      expect(existsSync(join(ROOT, document, '..', link)), `${document} → ${link}`).toBe(true);
    }
  });
});
