import path from 'node:path';
import { didYouMean, type DatasetDefinition, type SourcePlace } from '@farout/core';
import type { Part } from '../experiment.ts';
import { toPlain, type ConfigNode, type MapNode } from './node.ts';
import { datasetFiles } from './dataset-files.ts';
import type { DatasetRoles, NamedDataset } from './dataset-roles.ts';
import { describeIssue, mostPrecise } from './describe.ts';
import { displayPath } from './display-path.ts';
import { partSchema } from './schema.ts';
import { parseYaml } from './parse-yaml.ts';
import { readTextFile } from './read-text-file.ts';
import { refuseName } from './refuse-key.ts';
import { resolvePart, type PartContext } from './parts.ts';
import { SourceText } from './source-text.ts';
import type { Environment } from './substitute-variables.ts';

/** What datasets are looked up with. */
export interface DatasetContext extends PartContext {
  /** Absolute folder beside and above which a dataset is looked up that is named at this place. */
  readonly folderOf: (place: SourcePlace) => string;
  readonly cwd: string;
  readonly env: Environment;
}

type DatasetPart = Part<DatasetDefinition>;

/**
 * The datasets that have a role, by name: defined in the experiment, else in a file of a `datasets` folder. Datasets
 * without a role are checked too, but need not be there.
 */
export async function resolveDatasets(
  { entries }: MapNode,
  roles: DatasetRoles,
  context: DatasetContext,
): Promise<Map<string, DatasetPart>> {
  const { id, fit, ood } = roles;
  const used = [id, fit, ...ood].filter((dataset) => dataset !== undefined);
  for (const { name, place } of used) refuseName(name, place, context.mistakes);
  const definitions = entries.get('datasets')?.value;
  const defined = definitions?.kind === 'map' ? definitions.entries : new Map<string, never>();
  const resolved = new Map<string, DatasetPart>();
  for (const [name, { value }] of defined) {
    const hasRole = used.some((dataset) => dataset.name === name);
    const part = await resolvePart('dataset', value, context, { paths: hasRole });
    if (part && hasRole) resolved.set(name, part);
  }
  const others = used.filter(({ name }) => !defined.has(name));
  for (const [name, part] of await lookUp(others, [...defined.keys()], context)) resolved.set(name, part);
  return resolved;
}

async function lookUp(
  named: readonly NamedDataset[],
  defined: readonly string[],
  context: DatasetContext,
): Promise<Map<string, DatasetPart>> {
  const found = new Map<string, DatasetPart>();
  for (const dataset of named) {
    const files = await datasetFiles(context.folderOf(dataset.place));
    const file = files.get(dataset.name);
    if (!file) noteUnknown(dataset, [...defined, ...files.keys()], context);
    else if (!found.has(dataset.name)) {
      const part = await resolveFile(file, context);
      if (part) found.set(dataset.name, part);
    }
  }
  return found;
}

function noteUnknown(
  { name, place }: NamedDataset,
  names: readonly string[],
  { mistakes, folderOf }: DatasetContext,
): void {
  const file = path.join('datasets', `${name}.yaml`);
  mistakes.add('OOD_UNKNOWN_DATASET', place, `unknown dataset "${name}"`, {
    fix: didYouMean(name, names) ?? `Define it under "datasets", or in ${file} beside or above ${folderOf(place)}.`,
    ...(names.length > 0 && { choices: { title: 'Datasets here', names } }),
  });
}

/** Reads a file that holds one part. */
async function resolveFile(file: string, context: DatasetContext): Promise<DatasetPart | undefined> {
  const { cwd, env, mistakes } = context;
  try {
    const source = new SourceText(displayPath(file, cwd), path.dirname(file), await readTextFile(file));
    const node = parseYaml(source, env, mistakes);
    if (node && isPart(node, context)) return await resolvePart('dataset', node, context);
    if (!node) mistakes.add('OOD_CONFIG_EMPTY', source.place(0, 1), 'the file is empty', { fix: howToWrite });
  } catch (error) {
    mistakes.note(error);
  }
  return undefined;
}

const howToWrite = 'Write one dataset, for example: image-folder: { root: ../data/textures }';

function isPart(node: ConfigNode, { mistakes }: DatasetContext): boolean {
  const [issue] = partSchema.safeParse(toPlain(node)).error?.issues ?? [];
  if (issue) {
    const message = `the dataset ${describeIssue(mostPrecise(issue), toPlain(node))}`;
    mistakes.add('OOD_CONFIG_TYPE', node.place, message, { fix: howToWrite });
  }
  return !issue;
}
