import { createHash } from 'node:crypto';
import type { DatasetImage } from '@farout/core';
import type { Split } from '../experiment.ts';

/**
 * A part of a listing, in its order.
 *
 * `every`, `offset`: the images i with i mod every = offset, i counted from 0 (numpy's `images[offset::every]`).
 *
 * `share`, `from`, `seed`: the images whose u lies in [from, from + share), where u in [0, 1) is given by the first
 * 48 bits of SHA-256("<seed>\n<id>"). It depends only on the image's own name, so adding or removing other images
 * changes nothing, and shares that do not overlap have no image in common.
 *
 * `perClass`, `seed`: for each label, this many images with the lowest u. Images without a label are left out.
 */
export function splitImages(listing: readonly DatasetImage[], split: Split): DatasetImage[] {
  if ('every' in split) return listing.filter((_, index) => index % split.every === split.offset);
  if ('perClass' in split) return drawnPerClass(listing, split);
  const { share, from, seed } = split;
  // Rounded, so that one share begins exactly where another ends, although 0.1 + 0.2 is not 0.3.
  const [first, end] = [Math.round(from * parts), Math.round((from + share) * parts)];
  return listing.filter((image) => {
    const u = drawn(image, seed);
    return u >= first && u < end;
  });
}

/** Resolution of shares; more would not fit a double. */
const parts = 2 ** 48;

/** An image's u, in units of 1 / parts. */
const drawn = ({ id }: DatasetImage, seed: number): number =>
  createHash('sha256').update(`${seed}\n${id}`).digest().readUIntBE(0, 6);

function drawnPerClass(
  listing: readonly DatasetImage[],
  { perClass, seed }: Extract<Split, { perClass: number }>,
): DatasetImage[] {
  const classes = new Map<number, { readonly image: DatasetImage; readonly u: number }[]>();
  for (const image of listing) {
    if (image.label === undefined) continue;
    const ofClass = classes.get(image.label);
    const one = { image, u: drawn(image, seed) };
    if (ofClass) ofClass.push(one);
    else classes.set(image.label, [one]);
  }
  const taken = [...classes.values()].flatMap((all) => all.sort((a, b) => a.u - b.u).slice(0, perClass));
  const images = new Set(taken.map(({ image }) => image));
  return listing.filter((image) => images.has(image));
}
