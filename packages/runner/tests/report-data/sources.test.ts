import { describe, expect, it } from '@jest/globals';
import type { ImageRows } from '../../src/extraction/row-set.ts';
import { sampleRows } from '../../src/report-data/sources.ts';

/** Ten images of two units in blocks of 4, 4 and 2; the features tell the image's number. */
const ten: ImageRows = {
  images: Array.from({ length: 10 }, (_, i) => ({ id: `${i}`, path: `/${i}` })),
  fingerprint: 'ten',
  async *rows() {
    for (const [from, to] of [
      [0, 4],
      [4, 8],
      [8, 10],
    ] as const) {
      const images = ten.images.slice(from, to);
      const data = Float32Array.from(images.flatMap(({ id }) => [Number(id), -Number(id)]));
      yield await Promise.resolve({ images, rows: { data, shape: [to - from, 2] as const }, readings: new Map() });
    }
  },
};

async function read(set: ImageRows) {
  const ids: string[] = [];
  const values: number[] = [];
  for await (const { images, rows: features } of set.rows()) {
    ids.push(...images.map(({ id }) => id));
    values.push(...features.data);
  }
  return { ids, values };
}

describe('sampleRows', () => {
  it('takes images with their features, evenly spread', async () => {
    const sample = sampleRows(ten, 4);
    expect(sample.images.map(({ id }) => id)).toEqual(['0', '2', '5', '7']);
    expect(await read(sample)).toEqual({ ids: ['0', '2', '5', '7'], values: [0, -0, 2, -2, 5, -5, 7, -7] });
  });

  it('can be read twice', async () => {
    const sample = sampleRows(ten, 3);
    expect(await read(sample)).toEqual(await read(sample));
  });

  it('has a fingerprint of its own, by how many it takes', () => {
    const prints = [ten, sampleRows(ten, 4), sampleRows(ten, 3)].map(({ fingerprint }) => fingerprint);
    expect(new Set(prints).size).toBe(3);
  });

  it('gives back a set that has no more', () => {
    expect(sampleRows(ten, 10)).toBe(ten);
  });
});
