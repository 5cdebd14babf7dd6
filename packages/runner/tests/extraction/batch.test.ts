import { describe, expect, it } from '@jest/globals';
import { openSession } from '@farout/runtime';
import { grad, input } from '@farout/tensor';
import { pixelsInput, runOnPixels } from '../../src/extraction/batch.ts';
import { readingGraph, type Reading } from '../../src/extraction/graphs.ts';

const side = 4;
const pixels = input(pixelsInput, ['N', side, side, 3], 'uint8').cast('float32');
// 3 · Σ pixel² of an image, from the gradient of Σ pixel³.
const tensor = grad(pixels.pow(3).sum([0, 1, 2, 3]), pixels)
  .sum([1, 2, 3])
  .reshape(['N', 1]);
const reading: Reading = { key: 'cubes', what: 'a gradient', tensor, graph: 'image' };

const imagesOf = (count: number) => Uint8Array.from({ length: count * side * side * 3 }, (_, i) => (i * 37) % 251);

const expected = (count: number) =>
  Array.from({ length: count }, (_, n) =>
    imagesOf(count)
      .subarray(n * side * side * 3, (n + 1) * side * side * 3)
      .reduce((sum, pixel) => sum + 3 * pixel * pixel, 0),
  );

describe('runOnPixels', () => {
  it.each([1, 2, 3, 8])('gives a row for each of %d images where a graph takes two at once', async (count) => {
    const session = await openSession(Buffer.concat(readingGraph([reading], 'cpu')), { threads: 1 });
    expect(session.inputs[pixelsInput]).toEqual([2, side, side, 3]);
    const { reading_cubes: rows } = await runOnPixels(session, {
      data: imagesOf(count),
      shape: [count, side, side, 3],
    });
    expect(rows!.shape).toEqual([count, 1]);
    expect(Array.from(rows!.data)).toEqual(expected(count));
    await session.release();
  });

  it('takes all images of a batch at once on a device that is made for many', async () => {
    const session = await openSession(Buffer.concat(readingGraph([reading], 'webgpu')), { threads: 1 });
    expect(session.inputs[pixelsInput]).toEqual(['N', side, side, 3]);
    await session.release();
  });

  it('takes all at once where nothing is differentiated', async () => {
    const forward = { ...reading, graph: 'forward' } as const;
    const session = await openSession(Buffer.concat(readingGraph([forward], 'cpu')), { threads: 1 });
    expect(session.inputs[pixelsInput]).toEqual(['N', side, side, 3]);
    await session.release();
  });
});
