// Finds the browser that the end-to-end tests drive, and installs it where that can be done.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fail } from './setup.mjs';

const WITHOUT = '`npm test -- --without=browser` leaves these tests out.';
/** Chromium without its windows, which the tests do not need. */
const SHELL = 'chromium-headless-shell';
const NAMES = [
  SHELL,
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
];
const MAC_APPS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** Finds the browser that `CHROMIUM_PATH` names, else one that is installed, else has apt install one. */
export function ensureChromium() {
  const named = process.env.CHROMIUM_PATH;
  if (named && !isExecutable(named)) fail(`CHROMIUM_PATH is ${named}, and nothing runs there.`);
  const found = named || findBrowser() || installBrowser();
  if (!found) {
    fail(
      [
        'The end-to-end tests need Chromium or Google Chrome, and none was found.',
        'Install one (Debian, Ubuntu: `sudo apt-get install chromium`), or set CHROMIUM_PATH to one.',
        WITHOUT,
      ].join('\n'),
    );
  }
  return found;
}

/** The path of an installed Chromium or Google Chrome, or `null`. */
function findBrowser() {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const paths = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...paths, ...MAC_APPS].find(isExecutable) ?? null;
}

/** Installs a browser where this is Debian as root, and says so before it does. */
function installBrowser() {
  if (!canInstall()) return null;
  console.log(
    `The end-to-end tests need a browser, and none was found: apt-get installs one. ${WITHOUT}`,
  );
  if (install(SHELL)) return findBrowser();
  return aptGet('update', '-q') && (install(SHELL) || install('chromium')) ? findBrowser() : null;
}

/** Installs a Debian package, and removes none. @returns whether that went well */
function install(name) {
  if (!isOffered(name)) return false;
  return aptGet('install', '-y', '-q', '--no-install-recommends', '--no-remove', name);
}

function canInstall() {
  return existsSync('/etc/debian_version') && process.getuid?.() === 0;
}

function isOffered(name) {
  const { status, stdout } = spawnSync('apt-cache', ['show', name], { stdio: 'pipe' });
  return status === 0 && stdout.length > 0;
}

function aptGet(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync('apt-get', args, { stdio: 'inherit', env }).status === 0;
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
