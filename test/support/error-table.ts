import { readFileSync } from 'node:fs';

/**
 * Reads which of a backend's codes a page of `docs/` gives which meaning: the rows of its tables whose
 * first cell names codes, and whose second one begins with a code of ours.
 *
 * @param page - the name of the page, such as `backends/better-auth.md`
 * @returns a pair for each code of the backend
 */
export function readErrorTable(page: string): (readonly [string, string])[] {
  const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
  const [, section = ''] = text.split(/^## Errors$/m);
  const [table = ''] = section.split(/^## /m);
  return [...table.matchAll(/^\| ([^|]+) \| `(\w+)`[^|]*\|$/gm)].flatMap(
    ([, theirs = '', ours = '']) =>
      [...theirs.matchAll(/`([\w/-]+)`/g)].map(([, code = '']) => [code, ours] as const),
  );
}
