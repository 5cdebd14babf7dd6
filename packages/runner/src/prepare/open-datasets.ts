import { FaroutError, type Dataset, type DatasetDefinition } from '@farout/core';
import type { Experiment, Part } from '../experiment.ts';
import type { ListedDataset } from '../extraction/cut-listing.ts';
import { settled } from '../plugins/settled.ts';
import { atPlace } from '../plugins/at-place.ts';
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
  const listing = checkImages(name, (dataset as Partial<Dataset> | undefined)?.images);
  if (!part.split) return { images: listing };
  const images = splitImages(listing, part.split);
  if (images.length > 0) return { images, listing };
  throw new FaroutError('OOD_DATASET_INVALID', `the split of the dataset "${name}" leaves none of its images`, {
    fix: `It lists ${listing.length}: take a larger share, or fewer parts.`,
  });
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
