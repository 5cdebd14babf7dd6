import path from 'node:path';
import { FaroutError, type DatasetImage } from '@farout/core';

/**
 * The images that a dataset lists, which plain JavaScript may have made.
 *
 * @throws FaroutError OOD_DATASET_INVALID naming the dataset and the first image that breaks the contract.
 */
export function checkImages(dataset: string, images: unknown): readonly DatasetImage[] {
  if (!Array.isArray(images)) throw fault(dataset, 'gives no list of images');
  if (images.length === 0)
    throw fault(dataset, 'has no images', 'Look at its path, and at what kinds of files it reads.');
  const ids = new Set<unknown>();
  for (const [index, image] of images.entries()) {
    const what = faultOf((image ?? {}) as Partial<Record<string, unknown>>, index);
    if (what !== undefined) throw fault(dataset, what);
    const { id } = image as DatasetImage;
    if (ids.has(id)) throw fault(dataset, `has two images called "${id}"`);
    ids.add(id);
  }
  return images as DatasetImage[];
}

/** What the contract of `DatasetImage` finds wrong, or nothing. */
function faultOf(image: Partial<Record<string, unknown>>, index: number): string | undefined {
  const { id, label, path: file, version, read } = image;
  if (typeof id !== 'string' || id === '') return `has an image without an id, number ${index}`;
  if (label !== undefined && !(Number.isInteger(label) && (label as number) >= 0)) {
    return `gives the image "${id}" the label ${JSON.stringify(label)}, expected 0, 1, … or none`;
  }
  if (file === undefined) {
    const isSource = typeof version === 'string' && typeof read === 'function';
    return isSource ? undefined : `gives the image "${id}" neither a path nor a version and read()`;
  }
  if (typeof file === 'string' && path.isAbsolute(file)) return undefined;
  return `gives the image "${id}" no absolute path: ${JSON.stringify(file)}`;
}

const fault = (dataset: string, what: string, fix?: string) =>
  new FaroutError('OOD_DATASET_INVALID', `the dataset "${dataset}" ${what}`, fix === undefined ? {} : { fix });
