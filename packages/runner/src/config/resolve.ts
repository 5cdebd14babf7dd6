import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Experiment } from '../experiment.ts';
import { adviceOnUnreplaced } from '../path-advice.ts';
import { checkDuplicates } from './check-duplicates.ts';
import { checkPublished } from './check-published.ts';
import type { MapNode } from './node.ts';
import { readRoles } from './dataset-roles.ts';
import { defaultMetrics, type ExperimentKeys } from './schema.ts';
import { absoluteSpecifier, pluginReferences } from './plugin-references.ts';
import { resolveDatasets, type DatasetContext } from './datasets.ts';
import { checkFitSet, resolveDetectors } from './resolve-detectors.ts';
import { resolveMetrics } from './resolve-metrics.ts';
import { resolvePart } from './parts.ts';
import { resolvedExperiment } from './resolved-experiment.ts';

/** The parts of an experiment; what is undefined or absent here was wrong, and is noted. */
interface ResolvedParts extends Pick<Experiment, 'datasets' | 'detectors' | 'metrics'> {
  readonly backbone: Experiment['backbone'] | undefined;
}

/**
 * Looks up every name of an experiment and checks every part. Undefined when anything is wrong, which is noted: `keys`
 * is undefined when it was the shape.
 */
export async function resolveExperiment(
  root: MapNode,
  keys: ExperimentKeys | undefined,
  file: string,
  context: DatasetContext,
): Promise<Experiment | undefined> {
  const { backbone, ...parts } = await resolveParts(root, context);
  await checkStore(root, context);
  if (context.mistakes.any || !keys || !backbone) return undefined;
  const { name, seed, device, id, fit, ood, published, onUnreadable, allowOverlap } = keys;
  const store = keys.store === undefined ? undefined : path.resolve(context.cwd, keys.store);
  const devicePlace = root.entries.get('device')?.value.place ?? root.place;
  const sets = { id, fit, ood, onUnreadable, allowOverlap };
  const checked = { name, seed, device, devicePlace, backbone, ...parts, ...sets, published, store };
  const plugins = pluginReferences(root.entries.get('plugins')?.value).map(absoluteSpecifier);
  const sections = context.catalogue.entries('section').map(({ definition }) => definition);
  const { services } = context.catalogue;
  return { ...checked, file, sections, services, resolved: resolvedExperiment(checked, plugins) };
}

/** A folder that is made where it is missing must not be called `~` or `$HOME`, unless it is there already. */
async function checkStore({ entries }: MapNode, { cwd, mistakes }: DatasetContext): Promise<void> {
  const node = entries.get('store')?.value;
  if (node?.kind !== 'scalar' || typeof node.value !== 'string' || node.incomplete) return;
  const fix = adviceOnUnreplaced(node.value);
  if (fix === undefined || (await stat(path.resolve(cwd, node.value)).catch(() => undefined))) return;
  mistakes.add('OOD_CONFIG_TYPE', node.place, `"store" would be a new folder called "${node.value}"`, { fix });
}

async function resolveParts(root: MapNode, context: DatasetContext): Promise<ResolvedParts> {
  const valueOf = (key: string) => root.entries.get(key)?.value;
  const [backbone, detectors, ood] = [valueOf('backbone'), valueOf('detectors'), valueOf('ood')];
  checkDuplicates(ood, context.mistakes);
  checkPublished(root, context.mistakes);
  const roles = readRoles(root, context.mistakes);
  const parts = {
    // That its parameters hold the image's recipe is part of a backbone's contract, kept by `defineBackbone`.
    backbone: backbone && ((await resolvePart('backbone', backbone, context)) as Experiment['backbone'] | undefined),
    datasets: await resolveDatasets(root, roles, context),
    detectors: detectors?.kind === 'map' ? await resolveDetectors(detectors, context) : [],
    metrics: resolveMetrics(valueOf('metrics'), { names: defaultMetrics, place: root.place }, context),
  };
  if (!valueOf('fit')) checkFitSet(parts.detectors, roles.id?.name ?? 'name', context);
  return parts;
}
