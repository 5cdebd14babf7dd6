import { readFile } from 'node:fs/promises';
import { decodeText, FaroutError, type DatasetImage } from '@farout/core';
import type { ListedSplit, Split } from '../experiment.ts';

/** How many names an error lists. */
const shown = 3;

/**
 * The images named in a text file, one per line, as scores.csv names them; in the order of the listing.
 *
 * @throws FaroutError OOD_DATASET_INVALID if it is not UTF-8, or names images that do not exist.
 */
export async function listedImages(listing: readonly DatasetImage[], list: string): Promise<DatasetImage[]> {
  const decoded = decodeText(await readFile(list));
  if (!('text' in decoded)) throw invalid(`the list ${list} ${decoded.fault}`, decoded.fix);
  const names = decoded.text.split(/\r?\n/).map((line) => line.trim());
  const wanted = new Set(names.filter((name) => name !== ''));
  const images = listing.filter(({ id }) => wanted.delete(id));
  if (wanted.size === 0) return images;
  const first = [...wanted]
    .slice(0, shown)
    .map((name) => `"${name}"`)
    .join(', ');
  throw invalid(
    `the list ${list} names ${wanted.size} ${wanted.size === 1 ? 'image' : 'images'} that the dataset does not have: ${first}`,
    `Write one image per line, by its name in scores.csv, such as ${listing[0]!.id}.`,
  );
}

const invalid = (message: string, fix: string) => new FaroutError('OOD_DATASET_INVALID', message, { fix });

/** The images of a listing that a split leaves out. */
export function othersThan(taken: readonly DatasetImage[], listing: readonly DatasetImage[]): DatasetImage[] {
  const without = new Set(taken);
  return listing.filter((image) => !without.has(image));
}

/** The error for a split that selects no images. */
export function nothingLeft(
  dataset: string,
  { length }: readonly DatasetImage[],
  split: Split | ListedSplit,
): FaroutError {
  const ofClasses = 'perClass' in split ? 'none with a label' : 'take a larger share, or fewer parts';
  const advice = 'list' in split || 'rest' in split ? 'none is left' : ofClasses;
  return invalid(`the split of the dataset "${dataset}" selects none of its images`, `It lists ${length}: ${advice}.`);
}
