// Installs the packages of package-lock.json if needed. Has no dependencies, because it runs before there are any.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs `npm ci` if node_modules/.package-lock.json, npm's record of what it installed, differs from package-lock.json. */
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
  process.stderr.write('The dependencies could not be installed. See the message of npm above.\n');
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
 * npm's record never equals the lock: it lacks the root and optional packages of other platforms. Packages installed in addition to the lock are
 * harmless.
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
