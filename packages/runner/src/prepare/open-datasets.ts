import { FaroutError, type Dataset, type DatasetDefinition } from '@farout/core';
import type { Experiment, Part } from '../experiment.ts';
import { settled } from '../plugins/settled.ts';
import { atPlace } from '../plugins/at-place.ts';
import { checkImages } from './check-images.ts';

/**
 * Lists the images of every dataset that has a role; reads none.
 *
 * @throws FaroutError OOD_DATASET_INVALID, and whatever a dataset throws under a code of its own, at its place.
 */
export async function openDatasets({ datasets }: Experiment): Promise<Map<string, Dataset>> {
  const opened = new Map<string, Dataset>();
  for (const [name, part] of datasets) opened.set(name, await atPlace(part.place, () => open(name, part)));
  return opened;
}

async function open(name: string, part: Part<DatasetDefinition>): Promise<Dataset> {
  const dataset: unknown = await list(name, part);
  return { images: checkImages(name, (dataset as Partial<Dataset> | undefined)?.images) };
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
