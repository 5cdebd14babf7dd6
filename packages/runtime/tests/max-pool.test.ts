import { describe, expect, it } from '@jest/globals';
import { input } from '@farout/tensor';
import { evaluate } from '@farout/runtime';
import fc from 'fast-check';
import { at, build, difference, indices, numbers, type Plain } from './parts/plain.ts';
import { placesOf, type PlainWindow } from './parts/plain-conv.ts';
import { forAll } from './parts/property.ts';

function plainMaxPool(x: Plain, kernel: number, window: PlainWindow): Plain {
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const { stride, padding } = window;
  return build([n, c, placesOf(h, kernel, window), placesOf(w, kernel, window)], ([image, channel, row, column]) => {
    const pixels = indices([kernel, kernel])
      .map(([i, j]) => [row! * stride - padding + i!, column! * stride - padding + j!] as const)
      .filter(([y, z]) => y >= 0 && y < h && z >= 0 && z < w);
    return Math.max(...pixels.map(([y, z]) => at(x, [image!, channel!, y, z])));
  });
}

const poolings = fc
  .record({ kernel: fc.integer({ min: 1, max: 3 }), stride: fc.integer({ min: 1, max: 3 }), padded: fc.boolean() })
  .map(({ kernel, stride, padded }) => ({ kernel, stride, padding: padded ? Math.floor(kernel / 2) : 0 }));

describe('maxPool', () => {
  it('is the maximum under the window; padding never wins, not even over negative numbers', async () => {
    await forAll(poolings, async ({ kernel, stride, padding }, seed) => {
      const x = numbers([2, 2, 5, 6], seed);
      const negative = { ...x, data: x.data.map((value) => value - 8) };
      const pooled = input('x', ['N', 2, 5, 6]).maxPool({ kernel, stride, padding });
      const expected = plainMaxPool(negative, kernel, { stride, padding });
      expect(difference((await evaluate({ pooled }, { x: negative })).pooled!, expected)).toBe(0);
      expect(pooled.shape).toEqual(['N', ...expected.shape.slice(1)]);
    });
  });

  it('moves by its own size when no stride is given', async () => {
    const x = numbers([1, 1, 5, 5], 4);
    const { pooled } = await evaluate({ pooled: input('x', x.shape).maxPool({ kernel: 2 }) }, { x });
    expect(difference(pooled!, plainMaxPool(x, 2, { stride: 2, padding: 0 }))).toBe(0);
  });
});
