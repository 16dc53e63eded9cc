import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pack } from '../../scripts/pack.mjs';
import { entries, manifest, ROOT, requireBuild } from './support/package.ts';

const scratch = mkdtempSync(join(tmpdir(), 'second-factor-tarball-'));
let tarball: { path: string; files: string[] };

beforeAll(() => {
  requireBuild();
  tarball = pack(scratch);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('the tarball', () => {
  it('holds the build, its sources and the documents, and nothing else', () => {
    const top = new Set(tarball.files.map((file) => file.split('/')[0]));
    expect([...top].sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'SECURITY.md',
      'dist',
      'docs',
      'machines',
      'package.json',
      'src',
    ]);
  });

  it('holds no test, no script and no configuration', () => {
    const strays = tarball.files.filter((file) =>
      /\.test|\.tsbuildinfo|tsconfig|node_modules|package-lock|xstate-inspect\/package\.json/.test(
        file,
      ),
    );
    expect(strays).toEqual([]);
  });

  it('holds the licences of what it has bundled', () => {
    const path = 'dist/src/inspect/THIRD_PARTY_NOTICES.txt';
    expect(tarball.files).toContain(path);
    const notices = readFileSync(join(ROOT, path), 'utf8');
    for (const bundled of [
      /^xstate 4[\d.]+, MIT/m,
      /^@xstate\/inspect 0\.8\.0, MIT/m,
      /Permission is hereby granted/,
    ]) {
      expect(notices).toMatch(bundled);
    }
  });

  it('holds for each module its declarations and both maps', () => {
    const modules = tarball.files.filter((file) => /^dist\/(machines|src)\/.*\.d\.ts$/.test(file));
    expect(modules.length).toBeGreaterThan(10);
    for (const declaration of modules) {
      const base = declaration.replace(/\.d\.ts$/, '');
      expect(tarball.files).toEqual(
        expect.arrayContaining([`${base}.js`, `${base}.js.map`, `${base}.d.ts.map`]),
      );
    }
  });

  it('holds the source that each map names, so that an editor and a debugger find it', () => {
    const maps = tarball.files.filter((file) => /^dist\/(machines|src)\/.*\.map$/.test(file));
    for (const map of maps) {
      const { sources } = JSON.parse(readFileSync(join(ROOT, map), 'utf8'));
      for (const source of sources) {
        expect(tarball.files).toContain(posix.join(dirname(map), source));
      }
    }
  });

  it('names no path of the machine that built it', () => {
    for (const file of tarball.files) {
      expect(readFileSync(join(ROOT, file), 'utf8').includes(ROOT), file).toBe(false);
    }
  });

  it('leaves no .ts specifier in JavaScript or declarations', () => {
    const files = tarball.files.filter((file) =>
      /^dist\/(machines|src)\/.*\.(js|d\.ts)$/.test(file),
    );
    for (const file of files) {
      const text = readFileSync(join(ROOT, file), 'utf8');
      expect(text, file).not.toMatch(/(from |import\(|import )['"]\.[^'"]*\.ts['"]/);
    }
  });

  it('stays small', () => {
    expect(statSync(tarball.path).size).toBeLessThan(2_000_000);
  });
});

describe('package.json', () => {
  it('exports exactly these entries, each built and packed', () => {
    expect(Object.keys(manifest.exports)).toEqual([
      '.',
      './better-auth',
      './clerk',
      './firebase',
      './inspect',
      './inspect/vite',
      './sandbox',
      './sandbox/server',
      './supabase',
      './testing',
      './package.json',
    ]);
    for (const { target } of entries) {
      expect(tarball.files).toContain(target.slice(2));
      expect(tarball.files).toContain(target.slice(2).replace(/\.js$/, '.d.ts'));
    }
  });

  it('installs nothing but what its user already has', () => {
    expect(manifest.dependencies).toBeUndefined();
    const required = Object.keys(manifest.peerDependencies).filter(
      (name) => !manifest.peerDependenciesMeta[name]?.optional,
    );
    expect(required).toEqual(['xstate']);
  });

  it('says that importing has no effect', () => {
    expect(manifest.sideEffects).toBe(false);
  });
});
