import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { command } from './command.ts';
import type { Packed } from './packed.ts';

/** The dependencies of a folder: version ranges or archives. */
export type Dependencies = Readonly<Record<string, string>>;

/** A package manager that installs dependencies into an empty folder, with farout's packages from their archives. */
export interface Client {
  readonly name: string;
  /** Why it is unavailable here; undefined if it is available. */
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

/** A package manager started by npx, in a given version; it finds the archives through the manifest made by `manifest`. */
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
      () => `${tool} is not available from the registry`,
    ),
  install: async (folder, dependencies, packed) => {
    await writeManifest(folder, manifest(dependencies, packed));
    for (const [file, text] of Object.entries(files)) await writeFile(path.join(folder, file), text);
    await command('npx', ['--yes', tool, 'install'], { cwd: folder });
  },
});

const pnpm = fromRegistry('pnpm', 'pnpm@9', (dependencies, packed) => ({ dependencies, pnpm: { overrides: packed } }));

const resolved = (dependencies: Dependencies, packed: Packed) => ({ dependencies, resolutions: packed });
// Its cache identifies archives by name and version, so it would install an old archive of the same version. It alone takes a package's
// engines for an error: cookie, which fastify needs for its tests' requests only, asks for Node 22.
const yarn1 = fromRegistry('yarn 1', 'yarn@1', resolved, {
  '.yarnrc': 'cache-folder "./cache"\n--install.ignore-engines true\n',
});
const yarn = fromRegistry('yarn', '@yarnpkg/cli-dist@4', resolved, {
  '.yarnrc.yml': 'nodeLinker: node-modules\n',
  'yarn.lock': '',
});

/** The package managers that plugins must work with. */
export const clients: readonly Client[] = [npm, pnpm, yarn1, yarn];
