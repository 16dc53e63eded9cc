// Finds the browser that the end-to-end tests drive, and installs it where that can be done.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fail } from './setup.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const MAC_APPS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** The path of a Chromium, installed first where it is missing and this is Debian as root. */
export function ensureChromium() {
  const named = process.env.CHROMIUM_PATH;
  if (named && !isExecutable(named)) fail(`CHROMIUM_PATH is ${named}, and nothing runs there.`);
  const found = named || findChromium() || installChromium();
  if (!found) {
    fail(
      [
        'The end-to-end tests need Chromium or Google Chrome, and none was found.',
        'Install one (Debian, Ubuntu: `sudo apt-get install chromium`), or set CHROMIUM_PATH to one.',
        'The tests that need no browser run by `npm test -- test/unit` and the like.',
      ].join('\n'),
    );
  }
  return found;
}

/** The path of an installed Chromium or Google Chrome, or `null`. */
function findChromium() {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const onPath = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...onPath, ...MAC_APPS].find(isExecutable) ?? null;
}

function installChromium() {
  const canInstall = existsSync('/etc/debian_version') && process.getuid?.() === 0;
  if (!canInstall) return null;
  console.log('Installing Chromium with apt-get.');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [
    ['update', '-q'],
    ['install', '-y', '-q', '--no-install-recommends', 'chromium'],
  ]) {
    const { status } = spawnSync('apt-get', args, { stdio: 'inherit', env });
    if (status !== 0) return null;
  }
  return findChromium();
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
