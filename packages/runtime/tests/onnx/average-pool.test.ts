import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { expectAdjoint } from '../parts/like-onnxruntime.ts';
import { numbers } from '../parts/plain.ts';
import { form, small, twice, type Check } from '../parts/property.ts';

const poolings = fc.record({
  kernel: twice(1, 3),
  size: twice(4, 8),
  strides: twice(1, 3),
  include: small(0, 1),
  pads: fc.tuple(small(0, 2), small(0, 2), small(0, 2), small(0, 2)),
});
type Pooling = typeof poolings extends fc.Arbitrary<infer T> ? T : never;

/**
 * As many windows as strides fit are only had of windows that are no smaller than the stride: others onnxruntime refuses,
 * and cannot tell the shapes of, where they hang over along one axis alone.
 */
const covering = poolings.filter(({ kernel, strides }) => kernel.every((size, axis) => size >= strides[axis]!));

/** Large enough for windows whose taps are apart. */
const apart = covering.filter(({ kernel, size }) => kernel.every((taps, axis) => 2 * taps - 1 <= size[axis]!));

/** Padding must be smaller than the kernel. */
const within = ({ kernel, pads }: Pooling) => pads.map((pad, side) => Math.min(pad, kernel[side % 2]! - 1));

const pool = (
  { kernel, size, strides, include }: Pooling,
  seed: number,
  version: number,
  attributes: Record<string, number | string | readonly number[]>,
) => ({
  type: 'AveragePool',
  inputs: [numbers([2, 2, ...size], seed)],
  attributes: { kernel_shape: kernel, strides, count_include_pad: include, ...attributes },
  version,
});

const averages: Record<string, (check: Check) => Promise<void>> = {
  'explicit padding': form(poolings, (each, seed) => pool(each, seed, 10, { pads: within(each) }), 20),
  'a last window that hangs over': form(
    covering,
    (each, seed) => pool(each, seed, 11, { pads: within(each), ceil_mode: 1 }),
    20,
  ),
  'a last window that hangs over, since operator set 19': form(
    covering,
    (each, seed) => pool(each, seed, 19, { pads: within(each), ceil_mode: 1 }),
    20,
  ),
  'taps that are apart': form(
    fc.tuple(covering, twice(1, 2), small(0, 1)),
    ([each, dilations, ceil], seed) => pool(each, seed, 19, { pads: within(each), dilations, ceil_mode: ceil }),
    20,
  ),
  'auto_pad SAME_UPPER': form(covering, (each, seed) => pool(each, seed, 7, { auto_pad: 'SAME_UPPER' })),
  'auto_pad SAME_LOWER': form(covering, (each, seed) => pool(each, seed, 7, { auto_pad: 'SAME_LOWER' })),
  'auto_pad VALID': form(poolings, (each, seed) => pool(each, seed, 7, { auto_pad: 'VALID' })),
  'auto_pad VALID, a last window that hangs over': form(covering, (each, seed) =>
    pool(each, seed, 19, { auto_pad: 'VALID', ceil_mode: 1 }),
  ),
  'auto_pad SAME_UPPER, taps that are apart': form(apart, (each, seed) =>
    pool(each, seed, 19, { auto_pad: 'SAME_UPPER', dilations: [2, 2] }),
  ),
  'of the whole image': form(twice(1, 5), (size, seed) => ({
    type: 'GlobalAveragePool',
    inputs: [numbers([2, 3, ...size], seed)],
  })),
};

describe('AveragePool', () => {
  it.each(Object.entries(averages))('has the values of onnxruntime, and their adjoint: %s', async (_, holds) =>
    holds(expectAdjoint),
  );
});
