import { describe, expect, it } from '@jest/globals';
import type { NDArray, OnnxNode } from '@farout/tensor';
import { linearLayer } from '../src/onnx/linear-layer.ts';

const constants = new Map<string, NDArray>([
  ['w', { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] }],
  ['turned', { data: Float32Array.of(1, 4, 2, 5, 3, 6), shape: [3, 2] }],
  ['kernel', { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3, 1, 1] }],
  ['b', { data: Float32Array.of(7, 8), shape: [2] }],
  ['one', { data: Float32Array.of(9), shape: [1] }],
  ['wide', { data: new Float32Array(3), shape: [3] }],
  ['counts', { data: Int32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] }],
]);

const read = (type: string, inputs: readonly string[], attributes: OnnxNode['attributes'] = {}, domain = '') =>
  linearLayer({ name: type, type, domain, inputs, outputs: ['y'], attributes }, constants);

const weights = (layer: ReturnType<typeof read>) => layer && [[...layer.weight.data], [...layer.bias]];

describe('linearLayer', () => {
  it('reads Gemm with its factors, whichever way its weight lies', () => {
    const factors = { alpha: { float: 2 }, beta: { float: 3 } };
    expect(weights(read('Gemm', ['x', 'w', 'b'], { transB: 1 }))).toEqual([
      [1, 2, 3, 4, 5, 6],
      [7, 8],
    ]);
    expect(weights(read('Gemm', ['x', 'turned', 'b'], factors))).toEqual([
      [2, 4, 6, 8, 10, 12],
      [21, 24],
    ]);
  });

  it('spreads a bias of one element, and takes none for zeros', () => {
    expect(weights(read('Gemm', ['x', 'turned', 'one']))).toEqual([
      [1, 2, 3, 4, 5, 6],
      [9, 9],
    ]);
    expect(weights(read('MatMul', ['x', 'turned']))).toEqual([
      [1, 2, 3, 4, 5, 6],
      [0, 0],
    ]);
  });

  it('reads a convolution of one pixel, whose features lie along the second axis', () => {
    const layer = read('Conv', ['x', 'kernel', 'b'], { pads: [0, 0, 0, 0], strides: [1, 1], group: 1 });
    expect(weights(layer)).toEqual([
      [1, 2, 3, 4, 5, 6],
      [7, 8],
    ]);
    expect(layer).toMatchObject({ features: 'x', axis: 1, weight: { shape: [2, 3] } });
  });

  it.each([
    ['another operator', read('Relu', ['x'])],
    ['an operator of the same name of somebody else', read('Gemm', ['x', 'w', 'b'], { transB: 1 }, 'com.microsoft')],
    ['features turned round', read('Gemm', ['x', 'w', 'b'], { transA: 1, transB: 1 })],
    ['a weight that is no constant', read('MatMul', ['x', 'y'])],
    ['a bias that is no constant', read('Gemm', ['x', 'turned', 'y'])],
    ['a weight of whole numbers', read('MatMul', ['x', 'counts'])],
    ['a bias of another length', read('Gemm', ['x', 'turned', 'wide'])],
    ['a convolution with a border', read('Conv', ['x', 'kernel', 'b'], { pads: [1, 1, 1, 1] })],
    ['a convolution in steps', read('Conv', ['x', 'kernel', 'b'], { strides: [2, 2] })],
    ['a convolution in groups', read('Conv', ['x', 'kernel', 'b'], { group: 2 })],
    ['a convolution with settings of another kind', read('Conv', ['x', 'kernel', 'b'], { pads: 'none' })],
  ])('leaves %s alone', (_, layer) => expect(layer).toBeUndefined());
});
