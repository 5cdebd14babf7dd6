import type { RawPixels } from '@farout/core';
import type { Pixels } from './pixels.ts';
import { withPixels } from './prepare.ts';

/** Cells along each side of the reduced picture. */
const side = 32;

/** Frequencies used along each side, from 0. */
const frequencies = 12;

/** The bits of a hash: one per frequency, except that of the mean. */
export const perceptualBits = frequencies * frequencies - 1;

/**
 * Pictures whose hashes differ in at most this many bits are considered near-duplicates.
 *
 * Of the 3,752,430 pairs among 2,740 photographs, scenes, flowers and textures (ImageNet, SUN, DTD) 5 are within it, all of DTD, and each shows
 * the same picture twice, two of them in other colours. The closest pair of different pictures differs in 36 bits. Simple drawings
 * are closer to each other: of 22 million pairs of the demonstration, one is within it.
 *
 * Of 305 of the photographs, these numbers are not within it after a change: JPEG of quality 50: 2, of 20: 4; half the size: 2; 224 × 224 pixels:
 * 2; a fifth brighter: 4; without colours: 2; without 0.5, 1, 2 or 4 % at each side: 3, 6, 39, 267; cropped to a square: 64. The failures at small
 * changes are textures that are uniform at this scale.
 */
export const nearbyBits = 20;

/** The number of 32-bit words of a hash. */
export const perceptualWords = Math.ceil(perceptualBits / 32);

/** If the grey of the cells, 0 to 255, has a smaller standard deviation, the picture has nothing to recognize. */
const leastDeviation = 2;

/**
 * A perceptual hash of an image, a file's bytes or pixels: copies of a picture with different compression or size differ in few of
 * the `perceptualBits` bits.
 *
 * 1. Grey = 0.299 R + 0.587 G + 0.114 B of each pixel, whatever a profile or the orientation in the file's metadata says.
 * 2. g, (32, 32): the mean grey of equal cells, whatever the proportions of the picture. A pixel on the border of cells counts in each by its
 *    share.
 * 3. C(v, u) = Σ_y Σ_x g(y, x) · cos(π v (2y + 1) / 64) · cos(π u (2x + 1) / 64), for u and v from 0 to 11: the lowest frequencies of
 *    the cosine transform (DCT-II).
 * 4. Bit i is whether the i-th of them, row by row, C(0, 0) left out, exceeds the median of these 143. Bit i is bit i mod 32 of number ⌊i / 32⌋.
 *
 * After pHash (Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions", 2010), which uses 8 × 8 frequencies: with
 * 12 × 12, fewer different pictures are close to each other.
 *
 * Undefined if the standard deviation of g is below 2: a blank picture resembles all others. Waits like `prepare`. Throws OOD_IMAGE_UNREADABLE, like
 * `decode`.
 */
export const perceptualHash = (image: Uint8Array | RawPixels): Promise<Uint32Array | undefined> =>
  withPixels(image, hashOf);

function hashOf(pixels: Pixels): Uint32Array | undefined {
  const cells = greyCells(pixels);
  if (deviation(cells) < leastDeviation) return undefined;
  const [, ...coefficients] = lowestFrequencies(cells);
  const median = coefficients.toSorted((a, b) => a - b)[(perceptualBits - 1) / 2]!;
  const hash = new Uint32Array(perceptualWords);
  coefficients.forEach((value, i) => {
    if (value > median) hash[i >> 5]! |= 1 << (i & 31);
  });
  return hash;
}

/** g, row by row. */
function greyCells({ width, height, data }: Pixels): Float64Array {
  const [across, down] = [cellsOf(width), cellsOf(height)];
  const cells = new Float64Array(side * side);
  const row = new Float64Array(side);
  for (let y = 0; y < height; y++) {
    row.fill(0);
    for (let x = 0, at = y * width * 3; x < width; x++, at += 3) {
      const grey = 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
      for (let i = across.starts[x]!; i < across.starts[x + 1]!; i++)
        row[across.cells[i]!]! += across.shares[i]! * grey;
    }
    for (let i = down.starts[y]!; i < down.starts[y + 1]!; i++)
      for (let x = 0; x < side; x++) cells[down.cells[i]! * side + x]! += down.shares[i]! * row[x]!;
  }
  return cells;
}

/** For each pixel along a side, its cells and its share of their mean: entries `starts[x]` to `starts[x + 1]`. */
function cellsOf(length: number) {
  const starts = new Uint32Array(length + 1);
  const [cells, shares]: [number[], number[]] = [[], []];
  const width = length / side;
  for (let x = 0; x < length; x++) {
    for (let cell = Math.floor(x / width); cell < side && cell * width < x + 1; cell++) {
      const share = (Math.min(x + 1, (cell + 1) * width) - Math.max(x, cell * width)) / width;
      if (share <= 0) continue;
      cells.push(cell);
      shares.push(share);
    }
    starts[x + 1] = cells.length;
  }
  return { starts, cells: Uint32Array.from(cells), shares: Float64Array.from(shares) };
}

function deviation(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

/** cos(π u (2x + 1) / 64) by u and x. */
const cosines = Array.from({ length: frequencies }, (_, u) =>
  Float64Array.from({ length: side }, (_, x) => Math.cos((Math.PI * u * (2 * x + 1)) / (2 * side))),
);

/** C(v, u), row by row. */
function lowestFrequencies(cells: Float64Array): number[] {
  const rows = Array.from({ length: side }, (_, y) =>
    cosines.map((cosine) => cosine.reduce((sum, factor, x) => sum + factor * cells[y * side + x]!, 0)),
  );
  return cosines.flatMap((cosine) =>
    cosines.map((_, u) => cosine.reduce((sum, factor, y) => sum + factor * rows[y]![u]!, 0)),
  );
}
