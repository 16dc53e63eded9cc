// Packs what would be published.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './setup.mjs';

/**
 * Packs a folder, which must be built, into a tarball.
 *
 * @param {string} destination - the folder that the tarball goes to
 * @param {string} folder - what is packed
 * @returns {{ path: string, files: string[] }} the tarball, and the files in it
 */
export function pack(destination, folder = root) {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', destination, folder];
  const shell = process.platform === 'win32'; // npm is a script there
  const answer = JSON.parse(execFileSync('npm', args, { cwd: root, encoding: 'utf8', shell }));
  // An array up to npm 11, an object by name from then on.
  const [{ filename, files }] = Object.values(answer);
  return { path: join(destination, filename), files: files.map((file) => file.path).sort() };
}
