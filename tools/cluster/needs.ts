import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** The requirements of a part on the machine. */
export interface Needs {
  readonly programs: readonly string[];
  /** The Debian packages that provide them. */
  readonly debian: readonly string[];
  /** Whether it needs its own namespaces, which only root can create. */
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

/** Timeout for installing the packages of a part, in ms. */
const patience = 150_000;

/** Installs the missing Debian packages of a part, if this is root. Returns a sentence if the part cannot be run. */
export function lack({ programs, debian, root = false }: Needs): string | undefined {
  if (process.platform !== 'linux') return 'it needs Linux';
  if (root && process.getuid?.() !== 0) return 'it needs root to create namespaces';
  const missing = () => programs.filter((program) => !isThere(program));
  if (missing().length === 0) return undefined;
  const install = `apt-get install --no-install-recommends ${debian.join(' ')}`;
  if (process.getuid?.() !== 0 || !isThere('apt-get')) return `this machine lacks ${missing().join(', ')}: ${install}`;
  console.log(`Installing Debian packages: ${debian.join(', ')}`);
  const options = {
    stdio: 'ignore',
    timeout: patience,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  } as const;
  // Keeps installed daemons from starting.
  const words = ['-o', 'Dpkg::Options::=--force-confold', 'install', '-y', '--no-install-recommends', ...debian];
  if (spawnSync('apt-get', words, options).status !== 0) {
    spawnSync('apt-get', ['update'], options);
    spawnSync('apt-get', words, options);
  }
  return missing().length === 0 ? undefined : `${missing().join(', ')} cannot be installed here: ${install}`;
}
