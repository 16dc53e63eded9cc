import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** An example of a page, as a test file runs it. */
export interface DocExample {
  readonly name: string;
  readonly body: string;
}

/**
 * Compares a page of `docs/` with the examples of the test file that runs them, word for word. The examples
 * stand between `// example: name` and `// end`.
 *
 * @param testUrl - the `import.meta.url` of the test file
 * @param page - the name of the page, such as `testing.md`
 */
export function describeExamples(
  testUrl: string,
  page: string,
): { examples: DocExample[]; text: string } {
  const own = readFileSync(new URL(testUrl), 'utf8');
  const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
  const examples = [...own.matchAll(/^\/\/ example: (\w+)\n([\s\S]*?)^\/\/ end$/gm)].map(
    ([, name = '', body = '']) => ({ name, body }),
  );
  describe(`docs/${page}`, () => {
    it('has examples that run', () => {
      expect(examples).not.toEqual([]);
    });

    it.each(examples)('shows the example $name as it runs', ({ body }) => {
      expect(text).toContain(`\n${body}\`\`\``);
    });
  });
  return { examples, text };
}
