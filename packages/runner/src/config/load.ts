import path from 'node:path';
import type { SourcePlace } from '@farout/core';
import type { Experiment } from '../experiment.ts';
import type { Catalogue } from '../plugins/catalogue.ts';
import { loadCatalogue, type BuiltIn } from '../plugins/load.ts';
import { checkKeys } from './check.ts';
import { checkDuplicates, Faults } from './faults.ts';
import type { MapNode } from './node.ts';
import { applyOverride, environmentOverrides } from './override.ts';
import { ExperimentReader, readTextFile } from './reader.ts';
import { pluginReferences, resolveExperiment } from './resolve.ts';
import type { Environment } from './yaml.ts';

/** An experiment to be loaded, and the surroundings it is loaded in. */
export interface ExperimentRequest {
  /** The YAML file; a relative path is relative to `cwd`. */
  readonly file: string;
  /** What it says, where that is known already. */
  readonly text?: string;
  /** Overrides, `path=value`, applied in this order and after those of the variable FAROUT_SET. */
  readonly set: readonly string[];
  /** Absolute folder of the user: what paths in overrides and `store` are relative to. */
  readonly cwd: string;
  readonly env: Environment;
  readonly builtIns: readonly BuiltIn[];
}

/**
 * Loads and checks an experiment: read it and what it extends, replace variables, apply overrides, check keys, load plugins, look up
 * every name, check every parameter, look for every file. Nothing is opened, no image is read.
 *
 * @throws FaroutError or FaroutErrors: every mistake that can be told from the others, each at its place.
 */
export async function loadExperiment(request: ExperimentRequest): Promise<Experiment> {
  const { set, cwd, builtIns } = request;
  const { env, variables } = noting(request.env);
  const file = path.resolve(cwd, request.file);
  const text = request.text ?? (await readTextFile(file, { written: request.file, folder: cwd }));
  const overrides = [...environmentOverrides(request.env), ...set.map((each) => ({ source: '--set', text: each }))];
  const faults = new Faults([text, ...overrides.map((override) => override.text)]);
  const reader = new ExperimentReader({ cwd, env, faults });
  const extended = await reader.read(text, [file]);
  // Without all of its bases nobody knows what it lacks.
  if (reader.incomplete) faults.throwIfAny();
  const root = overrides.reduce((node, override) => applyOverride(node, override, { cwd, env, faults }), extended);
  const keys = checkKeys(root, faults);
  const catalogue = await loadPlugins(root, builtIns, faults);
  const folderOf = (place: SourcePlace) => reader.folderOf(place) ?? path.dirname(file);
  // Without all plugins nobody knows which names are wrong.
  const experiment =
    catalogue && (await resolveExperiment(root, keys, file, { catalogue, faults, cwd, env, folderOf }));
  faults.throwIfAny();
  return { ...experiment!, variables };
}

/** An environment that notes which variables are read, with their values. */
function noting(env: Environment): { env: Environment; variables: Record<string, string> } {
  const variables: Record<string, string> = {};
  const get = (of: Environment, name: string) => {
    const value = of[name];
    if (value !== undefined) variables[name] = value;
    return value;
  };
  return { env: new Proxy(env, { get }), variables };
}

async function loadPlugins(
  { entries }: MapNode,
  builtIns: readonly BuiltIn[],
  faults: Faults,
): Promise<Catalogue | undefined> {
  const list = entries.get('plugins')?.value;
  checkDuplicates(list, faults);
  try {
    return await loadCatalogue({ builtIns, plugins: pluginReferences(list) });
  } catch (error) {
    faults.note(error);
    return undefined;
  }
}
