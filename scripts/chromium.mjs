// Finds the browser that the end-to-end tests drive, and installs it where that can be done.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fail } from './setup.mjs';

/** Chromium without its windows, which the tests do not need. */
const SHELL = 'chromium-headless-shell';
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const MAC_APPS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/**
 * The path of a Chromium: the headless shell where there is one or this is Debian as root, which can
 * install it, else whatever browser there is.
 */
export function ensureChromium() {
  const named = process.env.CHROMIUM_PATH;
  if (named && !isExecutable(named)) fail(`CHROMIUM_PATH is ${named}, and nothing runs there.`);
  const found = named || find([SHELL]) || installShell() || findBrowser() || installChromium();
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
function findBrowser() {
  return find(NAMES) ?? MAC_APPS.find(isExecutable) ?? null;
}

/** The path of the first of these programs that is on `PATH`, or nothing. */
function find(names) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

/** Adds the shell to a Debian that has a list of packages; fails at once where nobody offers it. */
function installShell() {
  return install(SHELL) ? find([SHELL]) : null;
}

function installChromium() {
  if (!canInstall() || !aptGet('update', '-q')) return null;
  return installShell() ?? (install('chromium') ? findBrowser() : null);
}

/** Installs a Debian package, and says whether that went well. What is there already stays. */
function install(name) {
  if (!canInstall() || !isOffered(name)) return false;
  console.log(`Installing ${name} with apt-get.`);
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
