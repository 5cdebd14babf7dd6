import { describe, expect, it } from '@jest/globals';
import type { DatasetImage } from '@farout/core';
import { splitImages } from '../../src/prepare/split.ts';

const listing: DatasetImage[] = Array.from({ length: 10 }, (_, i) => ({ id: `${i}.png`, path: `/${i}.png` }));
const taken = (...words: Parameters<typeof splitImages>) => splitImages(...words).map(({ id }) => Number.parseInt(id));

describe('splitImages', () => {
  it("takes every second image as Python's images[offset::2] does", () => {
    expect(taken(listing, { every: 2, offset: 0 })).toEqual([0, 2, 4, 6, 8]);
    expect(taken(listing, { every: 2, offset: 1 })).toEqual([1, 3, 5, 7, 9]);
    expect(taken(listing, { every: 4, offset: 3 })).toEqual([3, 7]);
  });

  // int.from_bytes(hashlib.sha256(b"<seed>\n<id>").digest()[:6], "big") / 2**48 in Python: 0.4183, 0.3147, 0.3487, 0.5711, 0.4457,
  // 0.0142, 0.4531, 0.6842, 0.9047, 0.7530 for seed 0.
  it("takes the share that Python's SHA-256 of seed and name tells", () => {
    expect(taken(listing, { share: 0.45, from: 0, seed: 0 })).toEqual([0, 1, 2, 4, 5]);
    expect(taken(listing, { share: 0.25, from: 0.45, seed: 0 })).toEqual([3, 6, 7]);
    expect(taken(listing, { share: 0.3, from: 0.7, seed: 0 })).toEqual([8, 9]);
  });

  it('draws others by another seed', () => {
    expect(taken(listing, { share: 0.3, from: 0, seed: 7 })).toEqual([1, 2, 8]);
  });

  it('cuts shares that meet without a gap and without an image in both, though 0.1 + 0.2 is not 0.3', () => {
    const many: DatasetImage[] = Array.from({ length: 20_000 }, (_, i) => ({
      id: `folder/${i}.jpg`,
      path: `/${i}.jpg`,
    }));
    const parts = [
      [0, 0.1],
      [0.1, 0.2],
      [0.3, 0.7],
    ].map(([from, share]) => splitImages(many, { share: share!, from: from!, seed: 3 }));
    expect(parts.flat().sort((a, b) => many.indexOf(a) - many.indexOf(b)).length).toBe(many.length);
    expect(new Set(parts.flat()).size).toBe(many.length);
    expect(parts[0]!.length / many.length).toBeCloseTo(0.1, 1);
  });

  it('takes of each class the images with the lowest numbers, all of a small class, and none without a label', () => {
    const labels = [0, 1, 2, 0, 1, 2, 0, 1, 2, 3];
    const labelled: DatasetImage[] = listing.map((image, i) => ({ ...image, label: labels[i]! }));
    const images = [...labelled, { id: 'none.png', path: '/none.png' }];
    expect(taken(images, { perClass: 2, seed: 0 })).toEqual([0, 1, 2, 4, 5, 6, 9]);
    expect(taken(images, { perClass: 1, seed: 0 })).toEqual([0, 1, 5, 9]);
    expect(taken(images, { perClass: 9, seed: 0 })).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('leaves an image of a share where it is when others come', () => {
    const more = [{ id: 'a.png', path: '/a.png' }, ...listing, { id: 'z.png', path: '/z.png' }];
    const half = splitImages(listing, { share: 0.5, from: 0, seed: 0 });
    const ofMore = splitImages(more, { share: 0.5, from: 0, seed: 0 });
    expect(ofMore.filter((image) => listing.includes(image))).toEqual(half);
  });
});
