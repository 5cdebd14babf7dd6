import { describe, expect, it } from '@jest/globals';
import { evaluate } from '@farout/runtime';
import { onnxOperator } from '@farout/onnx';
import { grad, input } from '@farout/tensor';
import fc from 'fast-check';
import { between } from '../parts/arrays.ts';
import { expectDerivative } from '../parts/like-onnxruntime.ts';
import type { NodeCase } from '../parts/one-node-model.ts';
import { numbers, type Plain } from '../parts/plain.ts';
import { forAll, form, small, twice, type Check } from '../parts/property.ts';

const poolings = fc.record({
  kernel: twice(1, 3),
  size: twice(4, 7),
  strides: twice(1, 3),
  dilations: twice(1, 2),
  pads: fc.tuple(small(0, 2), small(0, 2), small(0, 2), small(0, 2)),
  ceil_mode: small(0, 1),
});
type Pooling = typeof poolings extends fc.Arbitrary<infer T> ? T : never;

/** Padding must be smaller than the kernel. */
const within = ({ kernel, pads }: Pooling) => pads.map((pad, side) => Math.min(pad, kernel[side % 2]! - 1));

const covering = poolings.filter(({ kernel, strides }) => kernel.every((size, axis) => size >= strides[axis]!));

/** Large enough for windows whose taps are apart. */
const apart = covering.filter(({ kernel, size }) => kernel.every((taps, axis) => 2 * taps - 1 <= size[axis]!));

const pool = (
  { kernel, size, strides }: Pooling,
  seed: number,
  version: number,
  attributes: NodeCase['attributes'],
): NodeCase => ({
  type: 'MaxPool',
  inputs: [between(-2, 2, [1, 2, ...size], seed)],
  attributes: { kernel_shape: kernel, strides, ...attributes },
  version,
});

const pools: Record<string, (check: Check) => Promise<void>> = {
  'explicit padding': form(poolings, (each, seed) =>
    pool(each, seed, 10, { pads: within(each), dilations: each.dilations }),
  ),
  'a last window that hangs over': form(covering, (each, seed) =>
    pool(each, seed, 12, { pads: within(each), ceil_mode: 1 }),
  ),
  'auto_pad SAME_UPPER': form(covering, (each, seed) => pool(each, seed, 8, { auto_pad: 'SAME_UPPER' })),
  'auto_pad SAME_LOWER': form(covering, (each, seed) => pool(each, seed, 12, { auto_pad: 'SAME_LOWER' })),
  'auto_pad VALID': form(poolings, (each, seed) => pool(each, seed, 12, { auto_pad: 'VALID' })),
  'auto_pad VALID, a last window that hangs over': form(covering, (each, seed) =>
    pool(each, seed, 12, { auto_pad: 'VALID', ceil_mode: 1 }),
  ),
  'auto_pad SAME_UPPER, taps that are apart': form(apart, (each, seed) =>
    pool(each, seed, 12, { auto_pad: 'SAME_UPPER', dilations: each.dilations }),
  ),
  'auto_pad SAME_LOWER, taps that are apart': form(apart, (each, seed) =>
    pool(each, seed, 12, { auto_pad: 'SAME_LOWER', dilations: each.dilations }),
  ),
  'of the whole image': form(twice(1, 4), (size, seed) => ({
    type: 'GlobalMaxPool',
    inputs: [between(-2, 2, [2, 2, ...size], seed, { dtype: Float32Array })],
  })),
};

describe('MaxPool', () => {
  it.each(Object.entries(pools))('has the values and slopes of onnxruntime: %s', async (_, holds) =>
    holds(expectDerivative),
  );

  it('gives the whole derivative to the first of equals, whatever the padding and where windows hang over', async () => {
    await forAll(fc.tuple(covering, fc.constantFrom(1, 2)), async ([each, levels], seed) => {
      const pads = within(each);
      const raw = numbers([1, 2, ...each.size], seed);
      const x = { ...raw, data: raw.data.map((value) => Math.round((value * levels) / 4)) };
      const symbol = input('x', x.shape);
      const { kernel, strides, dilations, ceil_mode } = each;
      const attributes = { kernel_shape: kernel, strides, dilations, pads, ceil_mode };
      const [pooled] = onnxOperator('MaxPool', [symbol], attributes);
      const y = numbers(pooled!.shape as number[], seed + 1);
      const gradient = grad(pooled!.mul(input('y', y.shape)).flatten().sum(), symbol);
      const found = await evaluate({ gradient }, { x, y });
      shares(x, y, { ...each, pads }).forEach((value, i) => expect(found.gradient!.data[i]).toBeCloseTo(value, 4));
    });
  });
});

/** What reaches each element when the first of the largest under every window takes all of that window's share. */
function shares(x: Plain, y: Plain, { kernel, strides, dilations, pads }: Omit<Pooling, 'pads'> & { pads: number[] }) {
  const [, planes, height, width] = x.shape as [number, number, number, number];
  const [, , rows, columns] = y.shape as [number, number, number, number];
  const taps = Array.from(
    { length: kernel[0] * kernel[1] },
    (_, i) => [Math.floor(i / kernel[1]), i % kernel[1]] as const,
  );
  const gradient = new Float64Array(x.data.length);
  y.data.forEach((share, at) => {
    const [plane, row, column] = [
      Math.floor(at / (rows * columns)) % planes,
      Math.floor(at / columns) % rows,
      at % columns,
    ];
    let best = -1;
    for (const [i, j] of taps) {
      const [r, c] = [
        row * strides[0] - pads[0]! + i * dilations[0],
        column * strides[1] - pads[1]! + j * dilations[1],
      ];
      if (r < 0 || c < 0 || r >= height || c >= width) continue;
      const place = (plane * height + r) * width + c;
      if (best < 0 || x.data[place]! > x.data[best]!) best = place;
    }
    gradient[best]! += share;
  });
  return gradient;
}
