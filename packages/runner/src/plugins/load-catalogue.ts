import { FaroutError, FaroutErrors, type PluginDefinition } from '@farout/core';
import { Catalogue, type LoadedPlugin } from './catalogue.ts';
import { loadPlugin, type PluginReference } from './load.ts';

/** A plugin that the program comes with. */
export interface BuiltIn {
  readonly plugin: PluginDefinition;
  readonly version: string;
}

/** What a catalogue is made of. */
export interface CatalogueSources {
  readonly builtIns: readonly BuiltIn[];
  /** Plugins of others, in the order in which they are loaded. */
  readonly plugins: readonly PluginReference[];
}

/**
 * Loads all plugins and lists what they bring. The built-ins enter by the same door as the plugins of others.
 *
 * @throws FaroutError or FaroutErrors, every mistake at once: OOD_PLUGIN_FAILED, OOD_PLUGIN_INVALID, OOD_PLUGIN_CLASH.
 */
export async function loadCatalogue({ builtIns, plugins }: CatalogueSources): Promise<Catalogue> {
  const catalogue = new Catalogue();
  const mistakes: FaroutError[] = [];
  const add = (loaded: LoadedPlugin) => mistakes.push(...catalogue.add(loaded));
  for (const { plugin, version } of builtIns) add({ plugin, origin: `${plugin.name} ${version}` });
  for (const reference of plugins) {
    try {
      (await loadPlugin(reference)).forEach(add);
    } catch (error) {
      if (!(error instanceof FaroutError)) throw error;
      mistakes.push(error);
    }
  }
  FaroutErrors.throwIfAny(mistakes);
  return catalogue;
}
