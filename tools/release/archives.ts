import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Packed } from '../outside/packed.ts';
import { packAll } from '../pack/pack-all.ts';
import type { Release } from '../pack/stage-package.ts';
import { type CheckedPackage, checkPackage } from './check-package.ts';

/** An archive that npm would publish. */
export interface Archive extends CheckedPackage {
  readonly file: string;
  readonly packedBytes: number;
  /** Its importable entries: its name and its subpath exports. */
  readonly entries: readonly string[];
  /** The packages of farout it depends on. */
  readonly needs: readonly string[];
}

/** Packs all packages and inspects every archive; each comes after its dependencies. */
export function packAndCheck(folder: string, release: Release, here: boolean): Archive[] {
  const archives = path.join(folder, 'archives');
  packAll(archives, { here, release });
  return inOrder(readdirSync(archives).map((name) => readArchive(path.join(archives, name), folder, release)));
}

function readArchive(file: string, folder: string, release: Release): Archive {
  const unpacked = path.join(folder, 'unpacked', path.basename(file, '.tgz'));
  mkdirSync(unpacked, { recursive: true });
  const { status, stderr } = spawnSync('tar', ['-xzf', file, '-C', unpacked, '--strip-components=1']);
  if (status !== 0) throw new Error(`${file} cannot be unpacked: ${stderr.toString()}`);
  const manifest = JSON.parse(readFileSync(path.join(unpacked, 'package.json'), 'utf8')) as Manifest;
  const checked = checkPackage(unpacked, release);
  const needs = Object.keys(manifest.dependencies ?? {}).filter((name) => name.startsWith('@farout/'));
  return { ...checked, file, packedBytes: statSync(file).size, entries: entriesOf(manifest), needs };
}

interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Code entries only: no patterns or data files. */
const entriesOf = ({ name, exports = {} }: Manifest): string[] =>
  Object.keys(exports)
    .filter((entry) => !/\*|\.\w+$/.test(entry.slice(1)))
    .map((entry) => path.posix.join(name, entry));

/** Archives by name, in the form package managers accept. */
export const packedFrom = (archives: readonly Archive[]): Packed =>
  Object.fromEntries(archives.map(({ name, file }) => [name, `file:${file}`]));

/** Sorts archives so that each is published after its dependencies. */
function inOrder(archives: readonly Archive[]): Archive[] {
  const ordered: Archive[] = [];
  const waiting = [...archives].sort((a, b) => a.name.localeCompare(b.name));
  while (waiting.length > 0) {
    const next = waiting.findIndex(({ needs }) => needs.every((name) => ordered.some((each) => each.name === name)));
    if (next < 0) throw new Error(`needed by none but each other: ${waiting.map(({ name }) => name).join(', ')}`);
    ordered.push(...waiting.splice(next, 1));
  }
  return ordered;
}
