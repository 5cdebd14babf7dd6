// Installs what package-lock.json names, if it is not installed. Without dependencies: it runs before there are any.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs `npm ci` when node_modules/.package-lock.json, npm's note of what it installed, differs from package-lock.json. */
export function ensureInstalled() {
  const reason = whatDiffers(packagesOf('package-lock.json'), packagesOf('node_modules/.package-lock.json'));
  if (!reason) return;
  process.stderr.write(`Installing dependencies: ${reason}.\n`);
  // npm's own output goes to stderr too: stdout belongs to results.
  const words = ['ci', '--include=dev', '--no-progress', '--loglevel=error'];
  const options = { cwd: root, stdio: ['ignore', 2, 2] };
  const npm = process.env.npm_execpath;
  const { status } = npm
    ? spawnSync(process.execPath, [npm, ...words], options)
    : spawnSync('npm', words, { ...options, shell: process.platform === 'win32' });
  if (status === 0) return;
  process.stderr.write('The dependencies could not be installed; npm says above why.\n');
  process.exit(1);
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')).packages;
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * npm's note never equals the lock: it has no entry for the root and none for optional packages of other platforms. What
 * someone installed beyond the lock does no harm.
 */
function whatDiffers(locked, installed) {
  if (!installed) return 'nothing is installed yet';
  for (const [place, { version, integrity, link, optional }] of Object.entries(locked)) {
    const found = installed[place];
    if (place === '' || (optional && !found)) continue;
    if (!found) return `${place} is missing`;
    if (found.version !== version || found.integrity !== integrity || found.link !== link)
      return `${place} has changed`;
  }
  return undefined;
}
