import axe from 'axe-core';
import type { Frame, Page } from 'playwright-core';

type ColorScheme = 'light' | 'dark';

/** In light axe checks everything. In dark it checks colours, since nothing else differs. */
const RULES: Readonly<Record<ColorScheme, readonly string[]>> = {
  light: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  dark: ['color-contrast', 'link-in-text-block'],
};

/**
 * What axe finds in a document and in the frames of it: the colour scheme, the rule and the elements at
 * fault. The page is left in the last of the schemes.
 */
export async function axeFinds(
  page: Page,
  {
    frame = page.mainFrame(),
    schemes = ['light', 'dark'],
  }: { frame?: Frame; schemes?: readonly ColorScheme[] } = {},
): Promise<string[]> {
  for (const one of [frame, ...frame.childFrames()]) {
    if (!(await one.evaluate(() => 'axe' in window))) await one.evaluate(axe.source);
  }
  const found: string[] = [];
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme });
    const violations = await frame.evaluate(
      async (runOnly) => {
        const { run } = Reflect.get(window, 'axe') as typeof axe;
        const results = await run(document, { resultTypes: ['violations'], runOnly });
        return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.html)}`);
      },
      [...RULES[colorScheme]],
    );
    found.push(...violations.map((violation) => `${colorScheme} ${violation}`));
  }
  return found;
}
