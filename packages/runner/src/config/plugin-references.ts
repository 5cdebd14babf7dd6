import path from 'node:path';
import { isFileSpecifier, type PluginReference } from '../plugins/load.ts';
import type { ConfigNode } from './node.ts';

/** The plugins that an experiment lists, each once; what is no text is left to the check of the keys. */
export function pluginReferences(list: ConfigNode | undefined): PluginReference[] {
  const references = new Map<string, PluginReference>();
  for (const node of list?.kind === 'list' ? list.items : []) {
    if (node.kind !== 'scalar' || typeof node.value !== 'string' || node.incomplete) continue;
    const reference = { specifier: node.value, folder: node.folder, place: node.place };
    const key = absoluteSpecifier(reference);
    if (!references.has(key)) references.set(key, reference);
  }
  return [...references.values()];
}

/** A plugin so that it is found from any folder: files by their absolute path. */
export const absoluteSpecifier = ({ specifier, folder }: PluginReference): string =>
  isFileSpecifier(specifier) ? path.resolve(folder, specifier) : specifier;
