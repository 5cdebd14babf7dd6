import { describe, expect, it } from '@jest/globals';
import { onnxOperator } from '@farout/onnx';
import { grad, input } from '@farout/tensor';
import { between, bools, ints } from '../parts/arrays.ts';
import { expectValues } from '../parts/like-onnxruntime.ts';
import type { NodeCase } from '../parts/one-node-model.ts';

const x = between(-2, 2, [2, 3, 4], 1, { dtype: Float32Array });
const y = between(0.3, 1, [3, 1], 2, { dtype: Float32Array });

const withEvery = (value: number) => ({
  ...x,
  data: Float32Array.from(x.data as Float32Array, (each, i) => (i % 5 ? each : value)),
});

const numbers: Record<string, NodeCase> = {
  IsNaN: {
    type: 'IsNaN',
    inputs: [withEvery(NaN)],
  },
  IsInf: {
    type: 'IsInf',
    inputs: [withEvery(Infinity)],
  },
  'Mod of fractions': { type: 'Mod', inputs: [x, y], attributes: { fmod: 1 } },
  TopK: { type: 'TopK', inputs: [x, ints([2])], attributes: { axis: 1, largest: 0 }, results: 2 },
  'TopK of operator set 9': { type: 'TopK', inputs: [x], attributes: { k: 2 }, results: 2, version: 9 },
  ArgMin: { type: 'ArgMin', inputs: [x], attributes: { axis: -1 } },
  'ArgMin without its axis': { type: 'ArgMin', inputs: [x], attributes: { axis: 1, keepdims: 0 } },
  ReduceProd: { type: 'ReduceProd', inputs: [x, ints([1, -1])], attributes: { keepdims: 0 } },
  'ReduceProd of all': { type: 'ReduceProd', inputs: [x] },
  GatherND: { type: 'GatherND', inputs: [x, ints([1, 2, 0, 1], [2, 2])] },
  GatherElements: { type: 'GatherElements', inputs: [x, ints([2, 0, 1, 1], [1, 1, 4])], attributes: { axis: 1 } },
  NonZero: { type: 'NonZero', inputs: [x] },
  Einsum: { type: 'Einsum', inputs: [x, y], attributes: { equation: 'bij,ik->bkj' } },
  'Einsum without its result': { type: 'Einsum', inputs: [x, y], attributes: { equation: 'bij, ik' } },
  'Einsum with an ellipsis': { type: 'Einsum', inputs: [x, y], attributes: { equation: '...ij,ik->...kj' } },
  'Einsum of a diagonal': {
    type: 'Einsum',
    inputs: [between(0, 1, [3, 3], 1, { dtype: Float32Array })],
    attributes: { equation: 'ii->i' },
  },
};

describe('what looks for elements', () => {
  it.each(Object.entries(numbers))('gives what onnxruntime does: %s', async (_, node) => expectValues(node));
});

describe('truth', () => {
  it.each(['And', 'Or', 'Xor'])('of two: %s', async (type) => {
    await expectValues({ type: 'Where', inputs: [bools([2, 3, 4], 1), x, y], bools: [0], by: 1 });
    const [a, b] = [input('a', ['N', 3], 'bool'), input('b', [3], 'bool')];
    const [both] = onnxOperator(type, [a, b]);
    expect([both!.dtype, both!.shape]).toEqual(['bool', ['N', 3]]);
  });

  it('has no slope, so that a gradient passes it by', () => {
    const image = input('x', ['N', 3]);
    const [within] = onnxOperator('And', [image.greater(0), image.less(1)]);
    const [chosen] = onnxOperator('Where', [within!, image, image.mul(2)]);
    expect(grad(chosen!.flatten().sum(), image).shape).toEqual(['N', 3]);
  });
});
