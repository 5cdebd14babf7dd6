import { describe, expect, it } from '@jest/globals';
import { evaluate } from '@farout/runtime';
import { onnxOperator } from '@farout/onnx';
import { grad, input } from '@farout/tensor';
import fc from 'fast-check';
import { between, floats } from '../parts/arrays.ts';
import { expectDerivative } from '../parts/like-onnxruntime.ts';
import type { NodeCase } from '../parts/one-node-model.ts';
import { numbers, shapes } from '../parts/plain.ts';
import { form, small } from '../parts/property.ts';

interface Activation extends Pick<NodeCase, 'attributes' | 'version'> {
  /** Where it has no derivative. */
  readonly corners?: readonly number[];
  /** Where onnxruntime has it in float32 alone. */
  readonly single?: true;
  readonly from?: number;
}

const half = { float: 0.5 };

/** By the operator's name; what stands behind a comma says which form of it is meant. */
const activations: Record<string, Activation> = {
  Relu: { corners: [0] },
  Sigmoid: {},
  Tanh: {},
  Exp: {},
  Log: { from: 0.3 },
  Sqrt: { from: 0.3 },
  Abs: { corners: [0] },
  Neg: {},
  Reciprocal: { from: 0.3 },
  Erf: { single: true },
  Softplus: { single: true },
  Softsign: { single: true },
  'Elu, its default': { corners: [0], single: true },
  'Elu, alpha 0.5': { attributes: { alpha: half }, corners: [0], single: true },
  'Celu, its default': { corners: [0], single: true },
  'Celu, alpha 0.5': { attributes: { alpha: half }, corners: [0], single: true },
  'Celu, a negative alpha': { attributes: { alpha: { float: -2 } }, corners: [0], single: true },
  'Selu, its default': { corners: [0], single: true },
  'Selu, alpha 0.5 and gamma 2': { attributes: { alpha: half, gamma: { float: 2 } }, corners: [0], single: true },
  'LeakyRelu, its default': { corners: [0], single: true },
  'LeakyRelu, alpha 0.5': { attributes: { alpha: half }, corners: [0], single: true },
  'HardSigmoid, its default': { corners: [-2.5, 2.5], single: true },
  'HardSigmoid, alpha 0.5 and beta 0.25': {
    attributes: { alpha: half, beta: { float: 0.25 } },
    corners: [-0.5, 1.5],
    single: true,
  },
  HardSwish: { corners: [-3, 3], single: true },
  Mish: { single: true },
  'Gelu, exact': { single: true },
  'Gelu, by tanh': { attributes: { approximate: 'tanh' }, single: true },
  'Clip, by attributes': {
    attributes: { min: { float: -1 }, max: { float: 2 } },
    version: 6,
    corners: [-1, 2],
    single: true,
  },
  'Clip, by a lower attribute alone': { attributes: { min: { float: -1 } }, version: 6, corners: [-1], single: true },
};

describe('an activation', () => {
  it.each(Object.entries(activations))('has the values and slopes of onnxruntime: %s', async (title, activation) => {
    const { corners = [], single, from = -4, ...rest } = activation;
    const dtype = single ? Float32Array : Float64Array;
    const node = (shape: readonly number[], seed: number): NodeCase => ({
      type: title.split(',')[0]!,
      inputs: [between(from, 4, shape, seed, { dtype, corners })],
      ...rest,
    });
    await form(shapes(1, 4), node)(expectDerivative);
  });
});

const scalar = (value: number) => ({ data: Float64Array.of(value), shape: [] });

const bounds: Record<string, [low: number | undefined, high: number | undefined]> = {
  'both bounds': [-1, 2],
  'a lower bound alone': [-1, undefined],
  'an upper bound alone': [undefined, 2],
  'no bounds': [undefined, undefined],
  'a lower bound above the upper one': [2, -1],
};

describe('Clip with bounds as inputs', () => {
  it.each(Object.entries(bounds))('has the values and slopes of onnxruntime: %s', async (_, [low, high]) => {
    const bound = (value: number | undefined) => (value === undefined ? undefined : scalar(value));
    const node = (shape: readonly number[], seed: number, version: number): NodeCase => ({
      type: 'Clip',
      inputs: [between(-4, 4, shape, seed, { corners: [-1, 2] }), bound(low), bound(high)],
      version,
    });
    const examples = fc.tuple(shapes(1, 3), fc.constantFrom(12, 13));
    await form(examples, ([shape, version], seed) => node(shape, seed, version))(expectDerivative);
  });
});

describe('Clip with a bound that is computed', () => {
  it.each([1, 2])('has the values and slopes of onnxruntime, by the bound at %d', async (by) => {
    const node = (shape: readonly number[], seed: number): NodeCase => ({
      type: 'Clip',
      inputs: [between(-4, 4, shape, seed, { corners: [-1, 2] }), ...[-1, 2].map(scalar)],
      by,
    });
    await form(shapes(1, 3), node)(expectDerivative);
  });
});

describe('PRelu', () => {
  const slopes: Record<string, (channels: number) => readonly number[]> = {
    'one slope': () => [1],
    'a slope per channel': (channels) => [channels, 1, 1],
    'a slope per pixel': () => [1, 3],
  };
  const image = (channels: number, seed: number) =>
    between(-3, 3, [2, channels, 2, 3], seed, { dtype: Float32Array, corners: [0] });

  it.each(Object.entries(slopes))(
    'has the values and slopes of onnxruntime, by x and by slope: %s',
    async (_, shape) => {
      for (const by of [0, 1]) {
        const node = (channels: number, seed: number): NodeCase => ({
          type: 'PRelu',
          inputs: [image(channels, seed), numbers(shape(channels), seed + 1)],
          by,
        });
        await form(small(1, 3), node, 6)(expectDerivative);
      }
    },
  );
});

describe('the corner of an activation', () => {
  const atCorners: Record<string, { at: readonly number[]; slopes: readonly number[] }> = {
    Abs: { at: [0], slopes: [0] },
    Sign: { at: [0, 1], slopes: [0, 0] },
    HardSwish: { at: [-3, 3], slopes: [-0.5, 1.5] },
    HardSigmoid: { at: [-2.5, 2.5], slopes: [0, 0] },
    LeakyRelu: { at: [0], slopes: [Math.fround(0.01)] },
    Elu: { at: [0], slopes: [1] },
    Celu: { at: [0], slopes: [1] },
  };

  it.each(Object.entries(atCorners))("has PyTorch's derivative: %s", async (type, { at, slopes }) => {
    const x = input('x', [at.length]);
    const gradient = grad(onnxOperator(type, [x])[0]!.sum(), x);
    const found = await evaluate({ gradient }, { x: floats(at) });
    expect([...found.gradient!.data]).toEqual(slopes);
  });
});
