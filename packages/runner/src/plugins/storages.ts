import { FaroutError } from '@farout/core/errors';
import { serveStorage } from '@farout/core/storages';
import type { PluginDefinition, StorageDefinition } from '@farout/core';
import type { Catalogue } from './catalogue.ts';

/** Where another process finds a plugin's storage, as plain data. */
export interface StorageSource {
  readonly scheme: string;
  /** URL of a module that exports the plugin. */
  readonly module?: string;
  /** Absolute path of an external plugin. */
  readonly file?: string;
}

/** The storages of the plugins loaded last. */
const sources = new Map<string, StorageSource>();

/** Passed to worker processes, so that they read images from the same storages as this process. */
export const storageSources = (): readonly StorageSource[] => [...sources.values()];

/** From now on this process can open the addresses that plugins serve. */
export function serveStorages(catalogue: Catalogue): void {
  for (const { name, definition, module, file } of catalogue.entries('storage')) {
    sources.set(name, { scheme: name, ...(module !== undefined && { module }), ...(file !== undefined && { file }) });
    serveStorage(name, () => Promise.resolve(definition));
  }
}

/** The same in a worker, which loads a plugin only when it meets the first image at such an address. */
export function serveSources(given: readonly StorageSource[]): void {
  for (const source of given) serveStorage(source.scheme, () => definitionOf(source));
}

async function definitionOf(source: StorageSource): Promise<StorageDefinition> {
  const plugins =
    source.module === undefined ? await pluginsIn(source.file) : Object.values(await importOf(source.module));
  const found = plugins.flatMap(({ storages = [] }) => storages).find(({ name }) => name === source.scheme);
  if (found) return found;
  throw new FaroutError(
    'OOD_PLUGIN_FAILED',
    `a worker process cannot find the plugin for ${source.scheme}:// addresses`,
  );
}

const importOf = async (module: string) => (await import(module)) as Readonly<Record<string, PluginDefinition>>;

/** An external plugin needs the loader, and with it much of farout. */
async function pluginsIn(file: string | undefined): Promise<readonly PluginDefinition[]> {
  if (file === undefined) return [];
  const { loadPlugin } = await import('./load.ts');
  return (await loadPlugin({ specifier: file, folder: file })).map(({ plugin }) => plugin);
}
