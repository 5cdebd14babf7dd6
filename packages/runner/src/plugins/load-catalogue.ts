import { OodkitError, OodkitErrors, type PluginDefinition } from '@oodkit/core';
import { Catalogue, type LoadedPlugin } from './catalogue.ts';
import { loadPlugin, type PluginReference } from './load-plugin.ts';

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
 * @throws OodkitError or OodkitErrors, every mistake at once: OOD_PLUGIN_FAILED, OOD_PLUGIN_INVALID, OOD_PLUGIN_CLASH.
 */
export async function loadCatalogue({ builtIns, plugins }: CatalogueSources): Promise<Catalogue> {
  const catalogue = new Catalogue();
  const mistakes: OodkitError[] = [];
  const add = (loaded: LoadedPlugin) => mistakes.push(...catalogue.add(loaded));
  for (const { plugin, version } of builtIns) add({ plugin, origin: `${plugin.name} ${version}` });
  for (const reference of plugins) {
    try {
      (await loadPlugin(reference)).forEach(add);
    } catch (error) {
      if (!(error instanceof OodkitError)) throw error;
      mistakes.push(error);
    }
  }
  OodkitErrors.throwIfAny(mistakes);
  return catalogue;
}
