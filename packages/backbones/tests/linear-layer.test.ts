import { describe, expect, it } from '@jest/globals';
import { onnxOperator } from '@farout/onnx';
import { constant, input, type NDArray, type Tensor } from '@farout/tensor';
import { linearLayer } from '../src/onnx/linear-layer.ts';

const numbers: Readonly<Record<string, NDArray>> = {
  w: { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] },
  turned: { data: Float32Array.of(1, 4, 2, 5, 3, 6), shape: [3, 2] },
  kernel: { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3, 1, 1] },
  b: { data: Float32Array.of(7, 8), shape: [2] },
  one: { data: Float32Array.of(9), shape: [1] },
  wide: { data: new Float32Array(3), shape: [3] },
  counts: { data: Int32Array.of(1, 2, 3, 4, 5, 6), shape: [3, 2] },
};

const map = input('map', ['N', 3, 4, 4]);
const row = input('row', ['N', 3]);
/** What an operator gives whose shape nobody knows. */
const vague = onnxOperator('Fancy', [row], {}, { domain: 'com.example' })[0]!;

/** A layer over an operand, the names of its numbers, its settings and its domain. */
function read(type: string, x: Tensor, names: readonly string[], attributes = {}, domain = '') {
  const operands = names.map((name) => (numbers[name] ? constant(numbers[name]) : input(name, [2])));
  return linearLayer(onnxOperator(type, [x, ...operands], attributes, { domain })[0]!);
}

const weights = (layer: ReturnType<typeof read>) => layer && [[...layer.weight.data], [...layer.bias.data]];

describe('linearLayer', () => {
  it('reads Gemm with its factors, whichever way its weight lies', () => {
    const factors = { alpha: { float: 2 }, beta: { float: 3 } };
    expect(weights(read('Gemm', row, ['w', 'b'], { transB: 1 }))).toEqual([
      [1, 2, 3, 4, 5, 6],
      [7, 8],
    ]);
    expect(weights(read('Gemm', vague, ['w', 'b'], { transB: 1 }))).toEqual([
      [1, 2, 3, 4, 5, 6],
      [7, 8],
    ]);
    expect(weights(read('Gemm', vague, ['turned', 'b'], factors))).toEqual([
      [2, 4, 6, 8, 10, 12],
      [21, 24],
    ]);
  });

  it('reads a product with a matrix, and takes no bias for a zero', () => {
    expect(weights(read('MatMul', row, ['turned']))).toEqual([[1, 2, 3, 4, 5, 6], [0]]);
    expect(weights(read('MatMul', vague, ['turned']))).toEqual([[1, 2, 3, 4, 5, 6], [0]]);
    expect(weights(read('Gemm', vague, ['turned', 'one']))).toEqual([[1, 2, 3, 4, 5, 6], [9]]);
  });

  it('reads a weight that is laid otherwise in the graph', () => {
    const turned = constant(numbers.w!).transpose(1, 0);
    expect(weights(linearLayer(row.matmul(turned)))).toEqual([[1, 2, 3, 4, 5, 6], [0]]);
    const column = constant({ data: Float32Array.of(1, 2, 3), shape: [3] }).unsqueeze([1]);
    expect(weights(linearLayer(row.matmul(column)))).toEqual([[1, 2, 3], [0]]);
  });

  it('reads a convolution of one pixel, whose features lie along the second axis', () => {
    const layer = read('Conv', map, ['kernel', 'b'], { pads: [0, 0, 0, 0], strides: [1, 1], group: 1 });
    expect(weights(layer)).toEqual([
      [1, 2, 3, 4, 5, 6],
      [7, 8],
    ]);
    expect(layer).toMatchObject({ features: map, axis: 1, weight: { shape: [2, 3] } });
  });

  it.each([
    ['another operator', read('Relu', row, [])],
    ['an operator of the same name of somebody else', read('Gemm', row, ['w', 'b'], { transB: 1 }, 'com.microsoft')],
    ['features turned round', read('Gemm', vague, ['w', 'b'], { transA: 1, transB: 1 })],
    ['a weight that is no constant', read('MatMul', vague, ['y'])],
    ['a bias that is no constant', read('Gemm', vague, ['turned', 'y'])],
    ['a weight of whole numbers', read('MatMul', vague, ['counts'])],
    ['a bias of another length', read('Gemm', vague, ['turned', 'wide'])],
    ['a convolution with a border', read('Conv', map, ['kernel', 'b'], { pads: [1, 1, 1, 1] })],
    ['a convolution in steps', read('Conv', map, ['kernel', 'b'], { strides: [2, 2] })],
    ['a convolution in groups', read('Conv', vague, ['kernel', 'b'], { group: 2 })],
  ])('leaves %s alone', (_, layer) => expect(layer).toBeUndefined());
});
