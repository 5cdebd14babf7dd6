import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { between, floats } from '../parts/arrays.ts';
import { expectAdjoint, expectDerivative } from '../parts/like-onnxruntime.ts';
import { numbers } from '../parts/plain.ts';
import { form, small, type Check } from '../parts/property.ts';

const single = { dtype: Float32Array };
const epsilon = { float: 1e-3 };
const positive = (count: number, seed: number) => between(0.3, 2, [count], seed, single);

const images = fc.record({ n: small(1, 2), c: small(1, 4), h: small(2, 3), w: small(2, 3) });

const batch = (shape: (c: number) => readonly number[], version: number) =>
  form(images, ({ c }, seed) => ({
    type: 'BatchNormalization',
    inputs: [numbers(shape(c), seed), ...[1, 2, 3].map((i) => numbers([c], seed + i)), positive(c, seed + 4)],
    attributes: { epsilon },
    version,
  }));

const batchNorms: Record<string, (check: Check) => Promise<void>> = {
  'of images': batch((c) => [2, c, 3, 2], 9),
  'of vectors': batch((c) => [3, c], 14),
  'of sequences': batch((c) => [2, c, 4], 15),
};

describe('BatchNormalization', () => {
  it.each(Object.entries(batchNorms))('has the values of onnxruntime, and their adjoint: %s', async (_, holds) =>
    holds(expectAdjoint),
  );
});

const layer = (axis: number | undefined, biased: boolean) =>
  form(images, ({ n, c, h }, seed) => {
    const shape = [n, c, h + 2];
    const scaled = shape.slice(axis ?? -1);
    return {
      type: 'LayerNormalization',
      inputs: [
        between(-2, 2, shape, seed, single),
        numbers(scaled, seed + 1),
        ...(biased ? [numbers(scaled, seed + 2)] : []),
      ],
      attributes: { epsilon, ...(axis !== undefined && { axis }) },
      version: 17,
    };
  });

const instance = form(images, ({ n, c, h, w }, seed) => ({
  type: 'InstanceNormalization',
  inputs: [between(-2, 2, [n, c, h, w], seed, single), numbers([c], seed + 1), numbers([c], seed + 2)],
  attributes: { epsilon },
}));

/** Scale and bias belong to groups in operator set 18, to channels since 21. */
const group = (version: number) =>
  form(
    fc.record({ groups: small(1, 3), each: small(1, 3), h: small(2, 3) }),
    ({ groups, each, h }, seed) => {
      const channels = groups * each;
      const count = version < 21 ? groups : channels;
      return {
        type: 'GroupNormalization',
        inputs: [
          between(-2, 2, [2, channels, h, 2], seed, single),
          numbers([count], seed + 1),
          numbers([count], seed + 2),
        ],
        attributes: { num_groups: groups, epsilon },
        version,
      };
    },
    8,
  );

const response = (attributes: Readonly<Record<string, { float: number }>>) =>
  form(fc.record({ c: small(1, 6), size: fc.constantFrom(1, 3, 5) }), ({ c, size }, seed) => ({
    type: 'LRN',
    inputs: [between(-2, 2, [2, c, 2, 2], seed, single)],
    attributes: { size, ...attributes },
  }));

const norms: Record<string, (check: Check) => Promise<void>> = {
  'LayerNormalization over the last axis': layer(undefined, true),
  'LayerNormalization over the last two axes': layer(-2, true),
  'LayerNormalization from the second axis on, without bias': layer(1, false),
  InstanceNormalization: instance,
  'GroupNormalization of operator set 18': group(18),
  'GroupNormalization of operator set 21': group(21),
  'LRN, its default': response({}),
  'LRN with strong neighbours': response({ alpha: { float: 0.9 }, beta: { float: 0.6 }, bias: { float: 2 } }),
};

describe('a normalisation', () => {
  it.each(Object.entries(norms))('has the values and slopes of onnxruntime: %s', async (_, holds) =>
    holds(expectDerivative),
  );

  it('has the values of onnxruntime where epsilon is its default', async () => {
    await form(images, ({ c }, seed) => ({
      type: 'InstanceNormalization',
      inputs: [numbers([2, c, 3, 3], seed), floats(Array(c).fill(1) as number[]), floats(Array(c).fill(0) as number[])],
    }))(expectDerivative);
  });
});
