// Writes what the documentation says about the machine and its errors, from the machine and its
// errors; with `--check` it changes nothing and fails where the two differ.
import { readFileSync, writeFileSync } from 'node:fs';
import { secondFactorMachine } from '../machines/second-factor.machine.ts';
import { errorTable } from './docs/error-table.ts';
import { overview, stateDiagram, transitionTables } from './docs/machine-docs.ts';

const root = new URL('../', import.meta.url);
const check = process.argv.includes('--check');

const MACHINE_README = `# The machine

Generated from \`second-factor.machine.ts\` by \`npm run docs\`. Change the machine, not this page.

\`\`\`mermaid
${stateDiagram(secondFactorMachine)}
\`\`\`

${transitionTables(secondFactorMachine)}
`;

const readme = read('README.md');
const outdated = [
  ...update('machines/README.md', MACHINE_README),
  ...update(
    'README.md',
    replaceBlock(
      replaceBlock(readme, 'machine', `\`\`\`mermaid\n${overview(secondFactorMachine)}\n\`\`\``),
      'errors',
      errorTable(),
    ),
  ),
];

if (check && outdated.length > 0) {
  console.error(`Out of date: ${outdated.join(', ')}. Run \`npm run docs\` and commit the result.`);
  process.exitCode = 1;
} else {
  const verb = check ? 'Up to date' : outdated.length > 0 ? 'Written' : 'Nothing to write';
  console.log(`${verb}${outdated.length > 0 ? `: ${outdated.join(', ')}` : ''}.`);
}

/** Writes a file where its text differs, unless only asked to check; gives back what differed. */
function update(path: string, text: string): string[] {
  if (read(path) === text) return [];
  if (!check) writeFileSync(new URL(path, root), text);
  return [path];
}

function read(path: string): string {
  try {
    return readFileSync(new URL(path, root), 'utf8').replaceAll('\r\n', '\n');
  } catch {
    return ''; // not written yet
  }
}

/** Replaces what stands between `<!-- name:start -->` and `<!-- name:end -->`. */
function replaceBlock(text: string, name: string, content: string): string {
  const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`];
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`README.md lacks ${start} … ${end}.`);
  return `${text.slice(0, from + start.length)}\n${content}\n${text.slice(to)}`;
}
