import path from 'node:path';
import { OodkitError } from '@oodkit/core';
import type { Experiment } from '../experiment.ts';
import type { Catalogue } from '../plugins/catalogue.ts';
import { loadCatalogue, type BuiltIn } from '../plugins/load-catalogue.ts';
import { applyOverride, type OverrideContext } from './apply-override.ts';
import { checkDuplicates } from './check-duplicates.ts';
import { checkKeys } from './check-keys.ts';
import type { ConfigNode, MapNode } from './config-node.ts';
import { displayPath } from './display-path.ts';
import { Mistakes } from './mistakes.ts';
import { parseYaml } from './parse-yaml.ts';
import { pluginReferences } from './plugin-references.ts';
import { readTextFile } from './read-text-file.ts';
import { resolveExperiment } from './resolve-experiment.ts';
import { SourceText } from './source-text.ts';
import type { Environment } from './substitute-variables.ts';

/** An experiment to be loaded, and the surroundings it is loaded in. */
export interface ExperimentRequest {
  /** The YAML file; a relative path is relative to `cwd`. */
  readonly file: string;
  /** Overrides, `path=value`, applied in this order. */
  readonly set: readonly string[];
  /** Absolute folder of the user: what paths in overrides and `store` are relative to. */
  readonly cwd: string;
  readonly env: Environment;
  readonly builtIns: readonly BuiltIn[];
}

/**
 * Loads and checks an experiment: read, parse, replace variables, apply overrides, check keys, load plugins, look up
 * every name, check every parameter, look for every file. Nothing is opened, no image is read.
 *
 * @throws OodkitError or OodkitErrors: every mistake that can be told from the others, each at its place.
 */
export async function loadExperiment(request: ExperimentRequest): Promise<Experiment> {
  const { set, cwd, env, builtIns } = request;
  const file = path.resolve(cwd, request.file);
  const text = await readTextFile(file);
  const mistakes = new Mistakes([text, ...set]);
  const root = readRoot(new SourceText(displayPath(file, cwd), path.dirname(file), text), set, { cwd, env, mistakes });
  const keys = checkKeys(root, mistakes);
  const catalogue = await loadPlugins(root, builtIns, mistakes);
  // Without all plugins nobody knows which names are wrong.
  const experiment = catalogue && (await resolveExperiment(root, keys, file, { catalogue, mistakes, cwd, env }));
  mistakes.throwIfAny();
  return experiment!;
}

function readRoot(source: SourceText, set: readonly string[], context: OverrideContext): MapNode {
  const parsed = parseYaml(source, context.env, context.mistakes);
  if (!parsed) {
    throw new OodkitError('OOD_CONFIG_EMPTY', 'the experiment is empty', { place: source.place(0, 1), fix: shape });
  }
  const root = set.reduce<ConfigNode>((node, text) => applyOverride(node, text, context), parsed);
  if (root.kind === 'map') return root;
  const found = root.kind === 'list' ? 'a list' : 'a single value';
  throw new OodkitError('OOD_CONFIG_TYPE', `an experiment is a map of keys, but this is ${found}`, {
    place: root.place,
    fix: shape,
  });
}

const shape = 'Write keys with values; needed are name, backbone, id, ood and detectors.';

async function loadPlugins(
  { entries }: MapNode,
  builtIns: readonly BuiltIn[],
  mistakes: Mistakes,
): Promise<Catalogue | undefined> {
  const list = entries.get('plugins')?.value;
  checkDuplicates(list, mistakes);
  try {
    return await loadCatalogue({ builtIns, plugins: pluginReferences(list) });
  } catch (error) {
    mistakes.note(error);
    return undefined;
  }
}
