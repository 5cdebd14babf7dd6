import { FaroutError, FaroutErrors, type Dataset, type DatasetDefinition, type SourcePlace } from '@farout/core';
import type { Experiment, Part } from '../experiment.ts';
import type { ListedDataset } from '../extraction/listing.ts';
import { atPlace, settled } from '../plugins/failure.ts';
import { checkImages } from './check-images.ts';
import { splitImages } from './split-images.ts';

/**
 * Lists the images of every dataset that has a role; reads none.
 *
 * @throws FaroutError OOD_DATASET_INVALID, and whatever a dataset throws under a code of its own, at its place.
 */
export async function openDatasets({ datasets }: Experiment): Promise<Map<string, ListedDataset>> {
  const opened = new Map<string, ListedDataset>();
  for (const [name, part] of datasets) opened.set(name, await atPlace(part.place, () => open(name, part)));
  return opened;
}

async function open(name: string, part: Part<DatasetDefinition>): Promise<ListedDataset> {
  const dataset: unknown = await list(name, part);
  const { images, notes } = (dataset ?? {}) as Partial<Dataset>;
  return { ...chosen(name, part, checkImages(name, images)), notes: checkNotes(name, notes) };
}

/** Those of a listing's images that a split leaves, all of them without one. */
function chosen(name: string, { split }: Part<DatasetDefinition>, listing: Dataset['images']): ListedDataset {
  if (!split) return { images: listing };
  const images = splitImages(listing, split);
  if (images.length > 0) return { images, listing };
  throw new FaroutError('OOD_DATASET_INVALID', `the split of the dataset "${name}" leaves none of its images`, {
    fix: `It lists ${listing.length}: take a larger share, or fewer parts.`,
  });
}

function checkNotes(name: string, notes: unknown): readonly string[] {
  if (notes === undefined) return [];
  if (Array.isArray(notes) && notes.every((note): note is string => typeof note === 'string')) return notes;
  throw new FaroutError('OOD_DATASET_INVALID', `the dataset "${name}" gives notes that are no list of texts`);
}

/** What the datasets have to say, each sentence behind its dataset's name. */
export const notesOn = (datasets: ReadonlyMap<string, Dataset>): string[] =>
  [...datasets].flatMap(([name, { notes = [] }]) => notes.map((note) => `${name}: ${note}`));

/**
 * Compares the labels of the ID set and the fit set with the classes of the network. Those of OOD sets count other things, and
 * nothing reads them.
 *
 * @throws FaroutError or FaroutErrors OOD_DATASET_INVALID at the place of each dataset that has a label of K or more.
 */
export function refuseForeignLabels(
  { id, fit, datasets: parts }: Experiment,
  opened: ReadonlyMap<string, Dataset>,
  classes: number,
): void {
  const names = new Set([id, ...(fit === undefined ? [] : [fit])]);
  FaroutErrors.throwIfAny(
    [...names].flatMap((name) => {
      const labelled = opened.get(name)?.images.filter(({ label }) => label !== undefined) ?? [];
      const foreign = labelled.filter(({ label }) => label! >= classes);
      return foreign.length === 0 ? [] : [foreignLabels(name, labelled, foreign, classes, parts.get(name)?.place)];
    }),
  );
}

function foreignLabels(
  name: string,
  labelled: Dataset['images'],
  [first, ...others]: Dataset['images'],
  classes: number,
  place: SourcePlace | undefined,
): FaroutError {
  const [least, most] = labelled.reduce(
    ([low, high], { label }) => [Math.min(low, label!), Math.max(high, label!)],
    [Infinity, -Infinity],
  );
  const more = others.length > 0 ? `, and ${others.length} more such labels` : '';
  return new FaroutError(
    'OOD_DATASET_INVALID',
    `the dataset "${name}" gives the image "${first!.id}" the label ${first!.label!}${more}, but the network has ${classes} classes, 0 to ${classes - 1}`,
    {
      ...(place && { place }),
      fix:
        least === 1 && most === classes
          ? 'These labels seem to count from 1: subtract 1 from each.'
          : "Count classes from 0, in the order of the network's training; an unknown class is -1, or no label.",
    },
  );
}

async function list(name: string, { definition, params }: Part<DatasetDefinition>): Promise<Dataset> {
  try {
    return await settled(Promise.resolve(definition.open(params)));
  } catch (error) {
    if (error instanceof FaroutError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new FaroutError('OOD_DATASET_INVALID', `the dataset "${name}" cannot be opened: ${message}`, {
      cause: error,
    });
  }
}
