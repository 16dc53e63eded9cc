// `npm run test:mutation [-- options of Stryker]`: changes the machine and the core in one place after
// the other, and looks whether a test notices. Each mutant that survives must be known, with the
// reason why nobody could tell it from the real code.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { EQUIVALENT } from '../test/mutation/equivalent.mjs';
import { runNode, tool } from './run.mjs';
import { ensureDependencies, fail, root } from './setup.mjs';

/** The least share of mutants that a test must notice, in percent. */
const LEAST_SCORE = 95;
const CONFIG = 'test/mutation/stryker.config.json';

ensureDependencies();
const { jsonReporter } = JSON.parse(readFileSync(join(root, CONFIG), 'utf8'));
const report = join(root, jsonReporter.fileName);
rmSync(report, { force: true }); // an older one tells nothing of this run
if (runNode(tool('stryker', 'run', CONFIG, ...process.argv.slice(2))) !== 0) {
  fail('Stryker did not get to its end; what it printed says why.');
}

if (!existsSync(report)) fail('Stryker wrote no report.');
const { files } = JSON.parse(readFileSync(report, 'utf8'));
const mutants = Object.entries(files).flatMap(([file, { source, mutants: ofFile }]) =>
  ofFile.map((mutant) => ({ file, ...mutant, ...codeOf(source, mutant) })),
);
if (mutants.length === 0) fail('Nothing was mutated.');
const noticed = mutants.filter(({ status }) => status === 'Killed' || status === 'Timeout');
// A mutant that could not be run says nothing; one that was told to be ignored survives.
const survived = mutants.filter((one) => !noticed.includes(one) && !/Error$/.test(one.status));
const score = (100 * noticed.length) / (noticed.length + survived.length);

const isSame = (known, { file, line, was, becomes }) =>
  file === known.file &&
  line.includes(known.line) &&
  was === known.was &&
  becomes === known.becomes;
// Each entry of the list stands for one mutant: a second one like it is another one.
const unknown = survived.filter((mutant, index) => {
  const known = EQUIVALENT.find((one) => isSame(one, mutant));
  return !known || survived.findIndex((one) => isSame(known, one)) !== index;
});
// A part of the files, or of their lines, was mutated: the others say nothing.
const isAll = !process.argv.some((arg) => /^(-m|--mutate)/.test(arg));
const noticedNow = EQUIVALENT.filter(
  (known) => isAll && !survived.some((mutant) => isSame(known, mutant)),
);

for (const { file, at, line, was, becomes } of unknown) {
  console.error(`survived: ${file}:${at}\n    ${line}\n    ${was}  →  ${becomes}`);
}
for (const { file, was, becomes } of noticedNow) {
  console.error(`listed as equivalent, yet noticed or gone: ${file}: ${was}  →  ${becomes}`);
}
console.log(
  `${noticed.length} of ${noticed.length + survived.length} mutants noticed (${score.toFixed(1)} %), ` +
    `${survived.length - unknown.length} known to be equivalent, ${unknown.length} unknown`,
);
if (score < LEAST_SCORE) fail(`The score is below ${LEAST_SCORE} %.`);
if (unknown.length > 0) fail('Write a test for each, or list it in test/mutation/equivalent.mjs.');
if (noticedNow.length > 0) fail('Take these out of test/mutation/equivalent.mjs.');

/** Where a mutant is, as people read it: its first line, what stood there and what stands there now. */
function codeOf(source, { location: { start, end }, replacement }) {
  const lines = source.split('\n');
  const offset = ({ line, column }) =>
    lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0) + column - 1;
  return {
    at: start.line,
    line: lines[start.line - 1].trim(),
    was: oneLine(source.slice(offset(start), offset(end))),
    becomes: oneLine(replacement),
  };
}

function oneLine(code) {
  return code.replace(/\s+/g, ' ').trim();
}
