import { OodkitError, type Dataset, type DatasetDefinition } from '@oodkit/core';
import type { Experiment, Part } from '../experiment.ts';
import { atPlace } from './at-place.ts';

/** Lists the images of every dataset that has a role; reads none. */
export async function openDatasets({ datasets }: Experiment): Promise<Map<string, Dataset>> {
  const opened = new Map<string, Dataset>();
  for (const [name, part] of datasets) opened.set(name, await atPlace(part.place, () => open(name, part)));
  return opened;
}

async function open(name: string, { definition, params }: Part<DatasetDefinition>): Promise<Dataset> {
  const dataset = await definition.open(params);
  const { images } = dataset;
  if (images.length === 0) {
    throw new OodkitError('OOD_DATASET_INVALID', `the dataset "${name}" has no images`, {
      fix: 'Look at its path, and at what kinds of files it reads.',
    });
  }
  const ids = new Set<string>();
  for (const { id } of images) {
    if (ids.has(id))
      throw new OodkitError('OOD_DATASET_INVALID', `the dataset "${name}" has two images called "${id}"`);
    ids.add(id);
  }
  return dataset;
}
