import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { isAddress, schemeOf, type SourcePlace } from '@farout/core';
import type { Experiment } from '../experiment.ts';
import { adviceOnUnreplaced } from '../path-advice.ts';
import type { Catalogue } from '../plugins/catalogue.ts';
import { isFileSpecifier, loadCatalogue, type BuiltIn, type PluginReference } from '../plugins/load.ts';
import { checkKeys } from './check.ts';
import { readRoles, resolveDatasets, type DatasetContext } from './datasets.ts';
import { checkFitSet, ownFitSets, resolveDetectors } from './detectors.ts';
import { checkDuplicates, Faults } from './faults.ts';
import { checkGroups, checkPublished } from './groups.ts';
import { refuseMade, withoutMade } from './made-sets.ts';
import { resolveMetrics } from './metrics.ts';
import type { ConfigNode, MapNode } from './node.ts';
import { applyOverride, environmentOverrides } from './override.ts';
import { checkStored, resolvePart } from './parts.ts';
import { plainExperiment } from './plain.ts';
import { ExperimentReader, readTextFile } from './reader.ts';
import type { ExperimentKeys } from './schema.ts';
import { resolveSelect, selectSets } from './select.ts';
import type { Environment } from './yaml.ts';

/** An experiment to load, and its environment. */
export interface ExperimentRequest {
  /** The YAML file; a relative path is relative to `cwd`. */
  readonly file: string;
  /** Its text, if already read. */
  readonly text?: string;
  /** Overrides, `path=value`, applied in order, after those of the environment variable FAROUT_SET. */
  readonly set: readonly string[];
  /** The user's working directory (absolute). Paths in overrides and `store` are relative to it. */
  readonly cwd: string;
  readonly env: Environment;
  readonly builtIns: readonly BuiltIn[];
  /** Whether files and folders named by parts may be missing. */
  readonly absentPaths?: boolean;
}

/**
 * Loads and checks an experiment: reads it and its bases, substitutes variables, applies overrides, checks keys, loads plugins,
 * looks up every name, checks every parameter and the existence of every file. No model or dataset is opened.
 *
 * @throws FaroutError or FaroutErrors: every independent fault, each at its place.
 */
export async function loadExperiment(request: ExperimentRequest): Promise<Experiment> {
  const { root, file, reader, variables, overrides, ...context } = await readExperiment(request);
  const { faults } = context;
  const keys = checkKeys(root, faults);
  const catalogue = await loadPlugins(root, request.builtIns, faults);
  const folderOf = (place: SourcePlace) => reader.folderOf(place) ?? path.dirname(file);
  // Names can be judged only once all plugins are loaded.
  const experiment = catalogue && (await resolveExperiment(root, keys, file, { ...context, catalogue, folderOf }));
  faults.throwIfAny();
  const written = createHash('sha256')
    .update(JSON.stringify([reader.texts, overrides]))
    .digest('hex');
  return { ...experiment!, variables, written };
}

/**
 * The catalogue of an experiment: all parts that its plugins provide, even if the rest of the experiment has faults.
 *
 * @throws FaroutError or FaroutErrors: faults in its plugins, or in its YAML.
 */
export async function catalogueOf(request: ExperimentRequest): Promise<Catalogue> {
  const { root, faults } = await readExperiment(request);
  const catalogue = await loadPlugins(root, request.builtIns, faults);
  if (!catalogue) faults.throwIfAny();
  return catalogue!;
}

/** Reads an experiment with its bases, and applies overrides. */
async function readExperiment({ set, cwd, absentPaths = false, ...request }: ExperimentRequest) {
  const { env, variables } = noting(request.env);
  const file = path.resolve(cwd, request.file);
  const text = request.text ?? (await readTextFile(file, { written: request.file, folder: cwd }));
  const overrides = [...environmentOverrides(request.env), ...set.map((each) => ({ source: '--set', text: each }))];
  const faults = new Faults([text, ...overrides.map((override) => override.text)]);
  const context = { cwd, env, faults, absentPaths };
  const reader = new ExperimentReader(context);
  const extended = await reader.read(text, [file]);
  // Without one of its bases, later checks would report keys as missing that the base may define.
  if (reader.incomplete) faults.throwIfAny();
  const root = overrides.reduce((node, override) => applyOverride(node, override, context), extended);
  return { ...context, root, file, reader, variables, overrides: overrides.map((override) => override.text) };
}

/** An environment that records which variables are read, with their values. */
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

/** The parts of an experiment. A part that is undefined or absent was faulty, which is recorded. */
interface ResolvedParts extends Pick<Experiment, 'datasets' | 'detectors' | 'select' | 'metrics'> {
  readonly backbone: Experiment['backbone'] | undefined;
}

/**
 * Looks up every name of an experiment and checks every part. Undefined if anything is wrong; every fault is
 * recorded. `keys` is undefined if the experiment failed the schema.
 */
async function resolveExperiment(
  root: MapNode,
  keys: ExperimentKeys | undefined,
  file: string,
  context: DatasetContext,
): Promise<Experiment | undefined> {
  const { backbone, ...parts } = await resolveParts(root, keys, context);
  await checkStore(root, context);
  if (context.faults.any || !keys || !backbone) return undefined;
  const { name, seed, seeds, device, id, fit, ood, groups, published, onUnreadable, allowOverlap, allowLargeReadings } =
    keys;
  const store = keys.store === undefined ? undefined : storePlace(keys.store, context.cwd);
  const devicePlace = root.entries.get('device')?.value.place ?? root.place;
  const sets = { id: [id].flat(), fit, ood, groups, onUnreadable, allowOverlap, allowLargeReadings };
  const checked = { name, seed, seeds, device, devicePlace, backbone, ...parts, ...sets, published, store };
  const plugins = pluginReferences(root.entries.get('plugins')?.value).map(absoluteSpecifier);
  const sections = context.catalogue.entries('section').map(({ definition }) => definition);
  const { services, reporters } = context.catalogue;
  const metricModules = context.catalogue.modulesOf('metric');
  return {
    ...checked,
    file,
    sections,
    reporters,
    services,
    metricModules,
    resolved: plainExperiment(checked, plugins),
  };
}

/** An address stays as it is; a folder is relative to the user's working directory. */
const storePlace = (store: string, cwd: string) => (schemeOf(store) === undefined ? path.resolve(cwd, store) : store);

/** Guards against creating a store folder literally called `~` or `$HOME`. One that already exists is accepted. */
async function checkStore({ entries }: MapNode, { cwd, faults }: DatasetContext): Promise<void> {
  const node = entries.get('store')?.value;
  if (node?.kind !== 'scalar' || typeof node.value !== 'string' || node.incomplete) return;
  if (isAddress(node.value)) {
    const fix = 'Name a folder on this machine, or one mounted on it.';
    faults.add('OOD_CONFIG_TYPE', node.place, '"store" is a web address, but must be a folder', { fix });
    return;
  }
  if (schemeOf(node.value) !== undefined) return checkStored(node.value, node.place, faults);
  const fix = adviceOnUnreplaced(node.value);
  if (fix === undefined || (await stat(path.resolve(cwd, node.value)).catch(() => undefined))) return;
  faults.add('OOD_CONFIG_TYPE', node.place, `"store" would be a new folder called "${node.value}"`, { fix });
}

async function resolveParts(
  root: MapNode,
  keys: ExperimentKeys | undefined,
  context: DatasetContext,
): Promise<ResolvedParts> {
  const valueOf = (key: string) => root.entries.get(key)?.value;
  const [backbone, detectors, ood] = [valueOf('backbone'), valueOf('detectors'), valueOf('ood')];
  checkDuplicates(ood, context.faults);
  checkDuplicates(valueOf('id'), context.faults);
  const { defaultMetrics } = context.catalogue;
  checkGroups(root, context.faults);
  const roles = readRoles(root, context.faults);
  const prepared = detectors?.kind === 'map' ? await resolveDetectors(detectors, context) : [];
  const points = prepared.filter(({ point }) => point).map(({ name }) => name);
  checkPublished(root, { defaultMetrics, points }, context.faults);
  const parts = {
    // `defineBackbone` guarantees that a backbone's parameters contain the image recipe.
    backbone: backbone && ((await resolvePart('backbone', backbone, context)) as Experiment['backbone'] | undefined),
    datasets: await resolveDatasets(
      root,
      { ...roles, ood: withoutMade(root, roles.ood), own: [...ownFitSets(prepared), ...selectSets(root)] },
      context,
    ),
    detectors: prepared,
    metrics: await resolveMetrics(valueOf('metrics'), { names: defaultMetrics, place: root.place }, context),
  };
  if (!valueOf('fit')) checkFitSet(parts.detectors, roles.id[0]?.name ?? 'name', context);
  if (parts.backbone) refuseMade(root, roles, parts.backbone, context.faults);
  const select = await resolveSelect(root, keys, { ...parts, roles }, context);
  return { ...parts, ...(select && { select }) };
}

/** The plugins that an experiment lists, each once. Entries that are not text are reported by the check of the keys. */
function pluginReferences(list: ConfigNode | undefined): PluginReference[] {
  const references = new Map<string, PluginReference>();
  for (const node of list?.kind === 'list' ? list.items : []) {
    if (node.kind !== 'scalar' || typeof node.value !== 'string' || node.incomplete) continue;
    const reference = { specifier: node.value, folder: node.folder, place: node.place };
    const key = absoluteSpecifier(reference);
    if (!references.has(key)) references.set(key, reference);
  }
  return [...references.values()];
}

/** The specifier of a plugin, valid from any folder: files by their absolute paths. */
const absoluteSpecifier = ({ specifier, folder }: PluginReference): string =>
  isFileSpecifier(specifier) ? path.resolve(folder, specifier) : specifier;
