import { describe, expect, it } from '@jest/globals';
import type { StoredArray } from '@farout/core';
import { faultOfArrays, GivenRows } from '../../src/extraction/given-rows.ts';

const rows = 5000;
const width = 3;

/** An array whose row r is r, r + ½, r + ¼; `read` notes which stretches were asked for. */
function recorded(read: [number, number][]): StoredArray {
  return {
    shape: [rows, width],
    read: (from, count) => {
      read.push([from, count]);
      const data = Float32Array.from(
        { length: count * width },
        (_, i) => from + Math.floor(i / width) + [0, 0.5, 0.25][i % width]!,
      );
      return Promise.resolve({ data, shape: [count, width] });
    },
  };
}

const listed = (chosen: readonly number[]) => chosen.map((row) => ({ id: String(row), row }));

async function firstOfRows(set: GivenRows): Promise<number[]> {
  const found: number[] = [];
  for await (const { rows: block } of set.rows()) {
    for (let at = 0; at < block.shape[0]; at++) found.push(block.data[at * width]!);
  }
  return found;
}

describe('GivenRows', () => {
  it.each([
    ['all', Array.from({ length: rows }, (_, row) => row)],
    ['every hundredth', Array.from({ length: rows / 100 }, (_, n) => n * 100)],
    ['far apart and out of order', [4999, 0, 2500, 1, 4998]],
  ])('gives the rows that are listed, and never reads many others with them: %s', async (_, chosen) => {
    const read: [number, number][] = [];
    const set = await GivenRows.open({ images: listed(chosen), arrays: { features: recorded(read) } });
    expect(await firstOfRows(set)).toEqual(chosen);
    expect(Math.max(...read.map(([, count]) => count))).toBeLessThanOrEqual(1024);
    expect(set.images.map(({ id }) => id)).toEqual(chosen.map(String));
  });

  it('knows an image by its features, and a set by all that it brings', async () => {
    const open = (arrays: Record<string, StoredArray>) => GivenRows.open({ images: listed([3, 4]), arrays });
    const [bare, more] = [
      await open({ features: recorded([]) }),
      await open({ features: recorded([]), map: recorded([]) }),
    ];
    expect(more.contents).toEqual(bare.contents);
    expect(bare.contents[0]).not.toBe(bare.contents[1]);
    expect(more.fingerprint).not.toBe(bare.fingerprint);
  });

  it.each([
    ['float64', Float64Array.of(0.5, 1, 1e300)],
    ['int64', BigInt64Array.of(-3n, 0n, 7n)],
    ['uint8', Uint8Array.of(0, 128, 255)],
  ])('makes float32 of %s', async (_, data) => {
    const features: StoredArray = { shape: [1, 3], read: () => Promise.resolve({ data, shape: [1, 3] }) };
    const set = await GivenRows.open({ images: listed([0]), arrays: { features } });
    for await (const { rows: block } of set.rows()) {
      expect([...block.data]).toEqual(Array.from<number | bigint, number>(data, (value) => Math.fround(Number(value))));
    }
    expect.assertions(1);
  });

  it('says what is wrong with arrays', () => {
    const features = recorded([]);
    const array = (shape: number[]): StoredArray => ({ ...features, shape });
    expect(faultOfArrays({ images: listed([0]) })).toContain('no array "features"');
    expect(faultOfArrays({ images: listed([0]), arrays: { features: array([5, 2, 2]) } })).toContain('(5, 2, 2)');
    expect(faultOfArrays({ images: listed([5000]), arrays: { features } })).toContain('the row 5000 of 5000');
    expect(faultOfArrays({ images: listed([0]), arrays: { features } }, 4)).toContain('the last layer reads 4');
  });
});
