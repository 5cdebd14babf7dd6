import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunResults } from '@farout/core';
import { repository } from '../farout-process.ts';
import type { Client, Dependencies } from '../outside/clients.ts';
import { command } from '../outside/command.ts';
import type { Packed } from '../outside/packed.ts';

/** The findings about the packages after installation by a package manager. */
export interface Seen {
  readonly faults: readonly string[];
  /** The demonstration's scores.csv, unparsed. */
  readonly scores: string | undefined;
}

const consumer = fileURLToPath(new URL('consumer', import.meta.url));

/** The compiler settings that plugin authors may vary; all others are those of a strict project. */
const resolutions = {
  node16: { module: 'node16', moduleResolution: 'node16' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
};

/**
 * Installs the packages into an empty folder with a package manager, runs the demonstration there with `npx farout` and a TypeScript plugin, and
 * compiles the plugin and an import of every entry of every package, with the resolution of Node and of bundlers.
 *
 * @param entries the importable entries: package names and their subpath exports
 */
export async function tryElsewhere(
  client: Client,
  folder: string,
  packed: Packed,
  entries: readonly string[],
): Promise<Seen> {
  const missing = await client.missing();
  if (missing !== undefined) return { faults: [missing], scores: undefined };
  await mkdir(folder, { recursive: true });
  await client.install(folder, await needs(packed), packed);
  await becomeModule(path.join(folder, 'package.json'));
  await cp(path.join(consumer, 'plugin.ts'), path.join(folder, 'plugin.ts'));
  await cp(path.join(repository, 'configs', 'demo.yaml'), path.join(folder, 'demo.yaml'));
  const compiled = await compileAll(folder, entries);
  return { ...compiled, scores: await demonstrate(folder) };
}

/** Plugins in TypeScript are ES modules. */
async function becomeModule(manifest: string): Promise<void> {
  const content = JSON.parse(await readFile(manifest, 'utf8')) as object;
  await writeFile(manifest, JSON.stringify({ ...content, type: 'module' }, undefined, 2));
}

/** All packages of farout except onnxruntime, which users never install by name, and the needs of a TypeScript project. */
async function needs(packed: Packed): Promise<Dependencies> {
  const text = await readFile(path.join(repository, 'package.json'), 'utf8');
  const { devDependencies } = JSON.parse(text) as { devDependencies: Record<string, string> };
  const ours = Object.entries(packed).filter(([name]) => name !== '@farout/onnxruntime');
  return { ...Object.fromEntries(ours), '@types/node': devDependencies['@types/node']! };
}

/** Runs the demonstration together with the plugin. @returns scores.csv */
async function demonstrate(folder: string): Promise<string> {
  const words = [
    'backbone=demo-resnet',
    'store=store',
    'plugins=[./plugin.ts]',
    'detectors.Mine=[positive, from-mean]',
  ];
  const set = words.flatMap((word) => ['--set', word]);
  await command('npx', ['--no', 'farout', '--', 'run', 'demo.yaml', '--out', 'run', ...set], { cwd: folder });
  const results = JSON.parse(await readFile(path.join(folder, 'run', 'results.json'), 'utf8')) as RunResults;
  if (results.failed.length > 0) throw new Error(`detectors failed in ${folder}: ${JSON.stringify(results.failed)}`);
  return readFile(path.join(folder, 'run', 'scores.csv'), 'utf8');
}

async function compileAll(folder: string, entries: readonly string[]): Promise<{ faults: readonly string[] }> {
  const imports = entries.map((entry, index) => `export * as entry${index} from '${entry}';\n`);
  await writeFile(path.join(folder, 'entries.ts'), imports.join(''));
  const compiled = Object.keys(resolutions).map((name) => compile(folder, name as keyof typeof resolutions));
  return { faults: (await Promise.all(compiled)).flat() };
}

/** The errors of the compiler, one per line. */
async function compile(folder: string, resolution: keyof typeof resolutions): Promise<string[]> {
  const compilerOptions = {
    ...{ strict: true, noEmit: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
    ...{ target: 'es2022', lib: ['es2023', 'dom'], types: ['node'], skipLibCheck: false },
    ...resolutions[resolution],
  };
  const settings = `tsconfig.${resolution}.json`;
  const content = { compilerOptions, files: ['plugin.ts', 'entries.ts'] };
  await writeFile(path.join(folder, settings), JSON.stringify(content));
  const tsc = path.join(repository, 'node_modules', 'typescript', 'bin', 'tsc');
  return command(process.execPath, [tsc, '-p', settings], { cwd: folder }).then(
    () => [],
    (error: unknown) => [`types under ${resolution}: ${(error as Error).message}`],
  );
}
