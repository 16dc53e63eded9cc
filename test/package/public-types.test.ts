import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { ROOT, requireBuild } from './support/package.ts';

/** Where a declaration says `any`, which would switch checking off for whoever uses it. */
function anys(name: string, text: string): string[] {
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) {
      const { line } = file.getLineAndCharacterOfPosition(node.getStart());
      found.push(`${name}:${line + 1}: ${node.parent.getText().slice(0, 80)}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

describe('the declarations', () => {
  it('hold no any, written or inferred', () => {
    requireBuild();
    const dist = join(ROOT, 'dist');
    const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.d.ts'),
    );
    expect(files.length).toBeGreaterThan(10);
    expect(files.flatMap((name) => anys(name, readFileSync(join(dist, name), 'utf8')))).toEqual([]);
  });

  it('would be caught holding one', () => {
    expect(anys('x.d.ts', 'export declare const x: Record<string, any>;')).toHaveLength(1);
    expect(anys('x.d.ts', '/** any */ export declare const x: "any";')).toEqual([]);
  });
});
