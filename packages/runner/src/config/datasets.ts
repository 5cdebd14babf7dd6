import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { averageOfSets, didYouMean, type DatasetDefinition, type SourcePlace } from '@farout/core';
import type { Part } from '../experiment.ts';
import { resolveFile, type DatasetFile } from './dataset-file.ts';
import { refuseName, type Faults } from './faults.ts';
import type { ConfigNode, MapNode } from './node.ts';
import { resolvePart, type PartContext } from './parts.ts';
import type { ReadingContext } from './yaml.ts';

/** A dataset name as it appears in `id`, `fit`, `ood` or `select`. */
export interface NamedDataset {
  readonly name: string;
  readonly place: SourcePlace;
}

/** Which datasets an experiment uses in which role. */
export interface DatasetRoles {
  readonly id: readonly NamedDataset[];
  readonly fit: NamedDataset | undefined;
  readonly ood: readonly NamedDataset[];
}

/** Reads the roles. A dataset that is both in and out of distribution is a fault. */
export function readRoles({ entries }: MapNode, faults: Faults): DatasetRoles {
  const id = namedIn(entries.get('id')?.value);
  const fit = named(entries.get('fit')?.value);
  const ood = namedIn(entries.get('ood')?.value);
  for (const { name, place } of ood) {
    if (name === averageOfSets) {
      const message = `"${name}" is the name that results use for the mean over all OOD sets`;
      faults.add('OOD_DUPLICATE_NAME', place, message, { fix: 'Give this dataset another name.' });
    }
    const other = id.some((each) => each.name === name) ? 'id' : name === fit?.name ? 'fit' : undefined;
    if (!other) continue;
    faults.add('OOD_DUPLICATE_NAME', place, `"${name}" is in "ood", but is also the "${other}" dataset`, {
      fix: `Remove it from "ood", or name another dataset in "${other}".`,
    });
  }
  return { id, fit, ood };
}

/** The datasets named by a single name or a list; anything else is reported by the check of the keys. */
export const namedIn = (node: ConfigNode | undefined): NamedDataset[] =>
  (node?.kind === 'list' ? node.items : [node]).map(named).filter((dataset) => dataset !== undefined);

function named(node: ConfigNode | undefined): NamedDataset | undefined {
  if (node?.kind !== 'scalar' || node.incomplete || typeof node.value !== 'string') return undefined;
  return { name: node.value, place: node.place };
}

/** Context for looking up datasets. */
export interface DatasetContext extends PartContext, ReadingContext {
  /** Absolute folder from which datasets named at this place are looked up: there and in the folders above. */
  readonly folderOf: (place: SourcePlace) => string;
}

type DatasetPart = Part<DatasetDefinition>;

/**
 * The datasets that have a role, by name: defined in the experiment, or else in a file of a `datasets` folder. `own`
 * are the fit sets named by individual parts. Datasets without a role are checked too, but their files need not exist.
 */
export async function resolveDatasets(
  { entries }: MapNode,
  roles: DatasetRoles & { readonly own: readonly NamedDataset[] },
  context: DatasetContext,
): Promise<Map<string, DatasetPart>> {
  const { id, fit, ood, own } = roles;
  const used = [...id, fit, ...ood, ...own].filter((dataset) => dataset !== undefined);
  for (const { name, place } of used) refuseName(name, place, context.faults);
  const definitions = entries.get('datasets')?.value;
  const defined = definitions?.kind === 'map' ? definitions.entries : new Map<string, never>();
  const resolved = new Map<string, DatasetPart>();
  for (const [name, { value }] of defined) {
    const hasRole = used.some((dataset) => dataset.name === name);
    const part = await resolvePart('dataset', value, hasRole ? context : { ...context, absentPaths: true });
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
    const files = await namedFiles(context.folderOf(dataset.place), context);
    const place = files.get(dataset.name);
    if (!place) noteUnknown(dataset, [...defined, ...files.keys()], context);
    else if (!found.has(dataset.name)) {
      const part = await resolveFile(place, context);
      if (part) found.set(dataset.name, part);
    }
  }
  return found;
}

/** Dataset files by name. Files in `datasets` folders beside or above the experiment take precedence over those of plugins. */
async function namedFiles(
  folder: string,
  { catalogue }: Pick<DatasetContext, 'catalogue'>,
): Promise<ReadonlyMap<string, DatasetFile>> {
  const here = [...(await datasetFiles(folder))].map(
    ([name, file]) => [name, { file, folder: path.dirname(file) }] as const,
  );
  const brought = [...catalogue.manifests].filter(([, place]) => path.basename(place.folder) === 'datasets');
  return new Map<string, DatasetFile>([...here, ...brought.filter(([name]) => here.every(([own]) => own !== name))]);
}

/** The YAML files in the `datasets` folders beside and above an experiment: dataset name → absolute path. */
export async function datasetFiles(folder: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (let above = folder, below = ''; above !== below; below = above, above = path.dirname(above)) {
    const datasets = path.join(above, 'datasets');
    for (const file of await filesIn(datasets)) {
      const { name, ext } = path.parse(file);
      // The nearest folder wins.
      if (ext === '.yaml' && !files.has(name)) files.set(name, path.join(datasets, file));
    }
  }
  return files;
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch {
    // Most folders contain no `datasets` folder, and some of those above may not be readable.
    return [];
  }
}

function noteUnknown(
  { name, place }: NamedDataset,
  names: readonly string[],
  { faults, folderOf }: DatasetContext,
): void {
  const file = path.join('datasets', `${name}.yaml`);
  faults.add('OOD_UNKNOWN_DATASET', place, `unknown dataset "${name}"`, {
    fix: didYouMean(name, names) ?? `Define it under "datasets", or in ${file} in or above ${folderOf(place)}.`,
    ...(names.length > 0 && { choices: { title: 'Available datasets', names } }),
  });
}
