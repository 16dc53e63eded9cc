// Installs what is missing. Imports nothing but Node, since it runs on a clone with nothing installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
/** Where the libraries of the backends are installed that `npm test` runs. Only tests use them. */
export const vendors = join(root, 'test', 'backends');
/** Where the large ones are installed. */
export const largeVendors = join(vendors, 'slow');

/**
 * Runs `npm ci` in a folder with a lock file, where `node_modules` is missing or is not what the lock
 * file says.
 */
export function ensureDependencies(folder = root) {
  requireNode();
  const stale = staleness(folder);
  if (stale === null) return;
  console.log(
    `Installing dependencies${folder === root ? '' : ` of ${relative(root, folder)}`}: ${stale}.`,
  );
  // Dev dependencies also where NODE_ENV is `production`: without them nothing here runs.
  const { status, error } = npm(folder, 'ci', '--include=dev');
  if (status !== 0) {
    fail(`\`npm ci\` failed${error ? ` (${error.message})` : ''}; what it printed says why.`);
  }
  mkdirSync(join(folder, 'node_modules'), { recursive: true }); // npm makes none for an empty list
  writeFileSync(stampOf(folder), lockHash(folder));
}

/** Has npm install something in a folder, without its reports. */
export function npm(cwd, ...args) {
  const shell = process.platform === 'win32'; // npm is a script there
  return spawnSync('npm', [...args, '--no-audit', '--no-fund'], { cwd, stdio: 'inherit', shell });
}

/** Ends the process with a message for the person who ran the command. */
export function fail(message) {
  console.error(`\n${message}`);
  process.exit(1);
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    fail(`Node ${process.versions.node} is too old: this needs Node 20.19 or later.`);
  }
}

/**
 * Says why an install is needed; `null` where it is not. npm writes what it installed to
 * `node_modules/.package-lock.json`. Contents are compared, not times: a checkout touches the lock
 * file without changing it, and an install that was cut short leaves a young file behind.
 */
function staleness(folder) {
  // npm may leave packages out on purpose. What it installed from this very lock file is complete.
  const stamp = stampOf(folder);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lockHash(folder)) return null;
  const installedPath = join(folder, 'node_modules', '.package-lock.json');
  if (!existsSync(installedPath)) return 'none are installed';
  const installed = readPackages(installedPath);
  const wanted = readPackages(lockOf(folder));
  for (const [path, { version, optional, link }] of Object.entries(wanted)) {
    if (!path.includes('node_modules/') || link) continue;
    const found = installed[path];
    if (found === undefined && optional) continue; // another platform's
    if (found?.version !== version) return `${path} is not at ${version}`;
  }
  return null;
}

function lockOf(folder) {
  return join(folder, 'package-lock.json');
}

/** The file that holds the hash of the lock file that was last installed from. */
function stampOf(folder) {
  return join(folder, 'node_modules', '.installed-from');
}

function lockHash(folder) {
  return createHash('sha256')
    .update(readFileSync(lockOf(folder)))
    .digest('hex');
}

function readPackages(path) {
  return JSON.parse(readFileSync(path, 'utf8')).packages ?? {};
}
