import { createHash } from 'node:crypto';
import type { DatasetImage } from '@farout/core';
import type { Split } from '../experiment.ts';

/** How finely shares are told apart: more would not fit a double. */
const parts = 2 ** 48;

/**
 * A part of a listing, in its order.
 *
 * `every`, `offset`: the images i with i mod every = offset, i counted from 0 (numpy's `images[offset::every]`).
 *
 * `share`, `from`, `seed`: the images whose u lies in [from, from + share), where u is the number that the first 48 bits of
 * SHA-256("<seed>\n<id>") are in [0, 1). It depends on nothing but the image's own name, so other images that come or go move
 * none, and shares that do not meet have no image in common.
 */
export function splitImages(listing: readonly DatasetImage[], split: Split): DatasetImage[] {
  if ('every' in split) return listing.filter((_, index) => index % split.every === split.offset);
  const { share, from, seed } = split;
  // Rounded, so that where one share ends another begins, though 0.1 + 0.2 is not 0.3.
  const [first, end] = [Math.round(from * parts), Math.round((from + share) * parts)];
  return listing.filter(({ id }) => {
    const u = createHash('sha256').update(`${seed}\n${id}`).digest().readUIntBE(0, 6);
    return u >= first && u < end;
  });
}
