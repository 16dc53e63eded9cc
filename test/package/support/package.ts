import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of the repository. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

interface Manifest {
  readonly name: string;
  readonly version: string;
  /** A file, or one for pages and one for everybody else. */
  readonly exports: Readonly<
    Record<string, string | { readonly browser: string; readonly default: string }>
  >;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly sideEffects: boolean;
}

export const manifest: Manifest = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8'));

/** What can be imported: `second-factor`, `second-factor/sandbox`, … → its file in `dist/`. */
export const entries = Object.entries(manifest.exports).flatMap(([path, target]) => {
  const targets = typeof target === 'string' ? [target] : [target.default, target.browser];
  const specifier = path.replace('.', manifest.name);
  return targets.filter((one) => one.endsWith('.js')).map((one) => ({ specifier, target: one }));
});

/** Says what to do where the tests run on their own and nothing was built. */
export function requireBuild(): void {
  for (const { target } of entries) {
    if (!existsSync(`${ROOT}/${target}`)) {
      throw new Error(`${target} is missing: run \`npm run build\`, or the tests by \`npm test\`.`);
    }
  }
}

/** The TypeScript examples of the README. */
export function readmeExamples(): string[] {
  const text = readFileSync(`${ROOT}/README.md`, 'utf8');
  return [...text.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => String(code));
}
