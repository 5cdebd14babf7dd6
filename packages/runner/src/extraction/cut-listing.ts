import type { Dataset, DatasetImage } from '@farout/core';
import { hashData } from '../store/entries.ts';

/** Images per shard: the unit of finding, and the most that one entry of the store holds of a listing. */
export const shardSize = 256;

/** A dataset that was opened, and the listing that its images were chosen from. */
export interface ListedDataset extends Dataset {
  /** All images of the source in their order; absent where none was left out. */
  readonly listing?: readonly DatasetImage[];
}

/** A stretch of a listing, and those of its images that are wanted. */
export interface Cut {
  /** Where the store keeps what is known of the stretch: a hash of its first image. */
  readonly place: string;
  readonly images: readonly DatasetImage[];
}

/**
 * Cuts a dataset into shards. They are cut from the whole listing, so that half of a set, or its beginning, lies in the
 * same places as the whole. A stretch is known by its first image: a place is only where to look first, and what lies
 * there is told by content.
 */
export function cutListing({ images, listing = images }: ListedDataset): Cut[] {
  const wanted = listing === images ? undefined : new Set(images);
  const cuts: Cut[] = [];
  for (let start = 0; start < listing.length; start += shardSize) {
    const stretch = listing.slice(start, start + shardSize);
    const chosen = wanted ? stretch.filter((image) => wanted.has(image)) : stretch;
    if (chosen.length > 0) cuts.push({ place: placeOf(stretch[0]!), images: chosen });
  }
  return cuts;
}

const placeOf = (image: DatasetImage) => hashData('path' in image ? ['path', image.path] : ['version', image.version]);
