import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { command } from './command.ts';
import type { Packed } from './packed.ts';

/** What a folder needs: ranges of the registry, or archives. */
export type Dependencies = Readonly<Record<string, string>>;

/** A package manager: it installs dependencies into an empty folder, and takes farout's packages from their archives. */
export interface Client {
  readonly name: string;
  /** Why it cannot be had here; undefined when it can. */
  readonly missing: () => Promise<string | undefined>;
  readonly install: (folder: string, dependencies: Dependencies, packed: Packed) => Promise<void>;
}

const project = { name: 'elsewhere', version: '1.0.0', private: true };
const writeManifest = (folder: string, manifest: object) =>
  writeFile(path.join(folder, 'package.json'), JSON.stringify({ ...project, ...manifest }, null, 2));

const npm: Client = {
  name: 'npm',
  missing: () => Promise.resolve(undefined),
  install: async (folder, dependencies, packed) => {
    await writeManifest(folder, { dependencies, overrides: packed });
    const words = ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
    await command('npm', words, { cwd: folder });
  },
};

const pnpm: Client = {
  name: 'pnpm',
  missing: () =>
    command('npx', ['--yes', 'pnpm@9', '--version'], { cwd: '/' }).then(
      () => undefined,
      () => 'pnpm 9 cannot be had from the registry',
    ),
  install: async (folder, dependencies, packed) => {
    await writeManifest(folder, { dependencies, pnpm: { overrides: packed } });
    await command('npx', ['--yes', 'pnpm@9', 'install', '--ignore-scripts', '--prefer-offline'], { cwd: folder });
  },
};

/** Those that plugins must work under. */
export const clients: readonly Client[] = [npm, pnpm];
