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
    const words = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
    await command('npm', words, { cwd: folder });
  },
};

/** One that npx brings, of a version; it finds the archives by the manifest that `manifest` makes. */
const fromRegistry = (
  name: string,
  tool: string,
  manifest: (dependencies: Dependencies, packed: Packed) => object,
  files: Readonly<Record<string, string>> = {},
): Client => ({
  name,
  missing: () =>
    command('npx', ['--yes', tool, '--version'], { cwd: '/' }).then(
      () => undefined,
      () => `${tool} cannot be had from the registry`,
    ),
  install: async (folder, dependencies, packed) => {
    await writeManifest(folder, manifest(dependencies, packed));
    for (const [file, text] of Object.entries(files)) await writeFile(path.join(folder, file), text);
    await command('npx', ['--yes', tool, 'install'], { cwd: folder });
  },
});

const pnpm = fromRegistry('pnpm', 'pnpm@9', (dependencies, packed) => ({ dependencies, pnpm: { overrides: packed } }));

const resolved = (dependencies: Dependencies, packed: Packed) => ({ dependencies, resolutions: packed });
// Its cache knows an archive by name and version: of the same version packed anew it would install what it has.
const yarn1 = fromRegistry('yarn 1', 'yarn@1', resolved, { '.yarnrc': 'cache-folder "./cache"\n' });
const yarn = fromRegistry('yarn', '@yarnpkg/cli-dist@4', resolved, {
  '.yarnrc.yml': 'nodeLinker: node-modules\n',
  'yarn.lock': '',
});

/** Those that plugins must work under. */
export const clients: readonly Client[] = [npm, pnpm, yarn1, yarn];
