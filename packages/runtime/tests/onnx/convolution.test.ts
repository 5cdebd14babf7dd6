import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { expectAdjoint } from '../parts/like-onnxruntime.ts';
import { numbers } from '../parts/plain.ts';
import { form, small, twice, type Check } from '../parts/property.ts';

const channels = { group: small(1, 3), inner: small(1, 2), outer: small(1, 3), kernel: twice(1, 3) };

const strided = fc.record({
  ...channels,
  size: twice(5, 8),
  strides: twice(1, 3),
  dilations: twice(1, 2),
  pads: fc.tuple(small(0, 2), small(0, 2), small(0, 2), small(0, 2)),
  biased: fc.boolean(),
});
type Strided = typeof strided extends fc.Arbitrary<infer T> ? T : never;

function conv(example: Strided, seed: number, attributes: Record<string, readonly number[] | string>, dilated = true) {
  const { group, inner, outer, kernel, size, strides, dilations, biased } = example;
  const operands = [numbers([2, inner * group, ...size], seed), numbers([outer * group, inner, ...kernel], seed + 1)];
  return {
    type: 'Conv',
    inputs: biased ? [...operands, numbers([outer * group], seed + 2)] : operands,
    attributes: { group, strides, ...(dilated && { dilations }), ...attributes },
    version: 11,
  };
}

const convolutions: Record<string, (check: Check) => Promise<void>> = {
  'explicit padding': form(strided, (example, seed) => conv(example, seed, { pads: example.pads }), 25),
  'auto_pad SAME_UPPER': form(strided, (example, seed) => conv(example, seed, { auto_pad: 'SAME_UPPER' }, false)),
  'auto_pad SAME_LOWER': form(strided, (example, seed) => conv(example, seed, { auto_pad: 'SAME_LOWER' }, false)),
  'auto_pad VALID': form(strided, (example, seed) => conv(example, seed, { auto_pad: 'VALID' })),
  'all defaults': form(small(1, 3), (count, seed) => ({
    type: 'Conv',
    inputs: [numbers([1, count, 5, 6], seed), numbers([2, count, 3, 2], seed + 1)],
  })),
};

describe('Conv', () => {
  it.each(Object.entries(convolutions))('has the values of onnxruntime, and their adjoint: %s', async (_, holds) =>
    holds(expectAdjoint),
  );
});

const transposed = fc.record({ ...channels, size: twice(2, 4), strides: twice(1, 3), dilations: twice(1, 2) });
type Transposed = typeof transposed extends fc.Arbitrary<infer T> ? T : never;

const convTranspose = (
  { group, inner, outer, kernel, size, strides, dilations }: Transposed,
  seed: number,
  attributes: Record<string, readonly number[]>,
  biased = false,
) => ({
  type: 'ConvTranspose',
  inputs: [
    numbers([2, inner * group, ...size], seed),
    numbers([inner * group, outer, ...kernel], seed + 1),
    ...(biased ? [numbers([outer * group], seed + 2)] : []),
  ],
  attributes: { group, strides, dilations, ...attributes },
  version: 11,
});

const transpositions: Record<string, (check: Check) => Promise<void>> = {
  'no padding': form(transposed, (example, seed) => convTranspose(example, seed, {}, true)),
  padding: form(
    fc
      .tuple(transposed, fc.tuple(small(0, 1), small(0, 1), small(0, 1), small(0, 1)))
      .filter(([{ kernel }]) => Math.min(...kernel) > 1),
    ([example, pads], seed) => convTranspose(example, seed, { pads }),
  ),
  'padding of the output, less than the stride': form(transposed, (example, seed) =>
    convTranspose(example, seed, { output_padding: example.strides.map((stride) => stride - 1) }),
  ),
};

describe('ConvTranspose', () => {
  it.each(Object.entries(transpositions))('has the values of onnxruntime, and their adjoint: %s', async (_, holds) =>
    holds(expectAdjoint),
  );
});
