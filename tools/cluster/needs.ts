import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** What a part needs of the machine. */
export interface Needs {
  readonly programs: readonly string[];
  /** The packages of Debian that have them. */
  readonly debian: readonly string[];
  /** Whether it takes namespaces of its own, which root alone may make. */
  readonly root?: boolean;
}

const folders = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin'];

function isThere(program: string): boolean {
  return folders.some((folder) => {
    try {
      accessSync(path.join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** How long the packages of one part may take to come, in milliseconds. */
const patience = 150_000;

/** Installs what a part lacks, where that is allowed: Debian's own packages, by root. A sentence says why the part cannot be tried. */
export function lack({ programs, debian, root = false }: Needs): string | undefined {
  if (process.platform !== 'linux') return 'it needs Linux';
  if (root && process.getuid?.() !== 0) return 'it needs root, who alone can make namespaces';
  const missing = () => programs.filter((program) => !isThere(program));
  if (missing().length === 0) return undefined;
  const install = `apt-get install --no-install-recommends ${debian.join(' ')}`;
  if (process.getuid?.() !== 0 || !isThere('apt-get')) return `this machine lacks ${missing().join(', ')}: ${install}`;
  console.log(`Installing ${debian.join(', ')}, of Debian`);
  const options = {
    stdio: 'ignore',
    timeout: patience,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  } as const;
  // No daemon is started by being installed.
  const words = ['-o', 'Dpkg::Options::=--force-confold', 'install', '-y', '--no-install-recommends', ...debian];
  if (spawnSync('apt-get', words, options).status !== 0) {
    spawnSync('apt-get', ['update'], options);
    spawnSync('apt-get', words, options);
  }
  return missing().length === 0 ? undefined : `${missing().join(', ')} cannot be installed here: ${install}`;
}
