import { describe, it } from '@jest/globals';
import { between, bools, floats, ints } from '../parts/arrays.ts';
import { expectDerivative } from '../parts/like-onnxruntime.ts';
import type { NodeCase } from '../parts/one-node-model.ts';
import { numbers } from '../parts/plain.ts';

const corners = [-1, 0, 1];
const image = between(-2, 2, [2, 4, 4, 4], 1, { dtype: Float32Array, corners });
const sequence = between(-2, 2, [2, 3, 4], 1, { dtype: Float32Array, corners });
const window = { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] };
const perChannel = [2, 3, 4].map((seed) => numbers([4], seed));

/** One form of every operator that takes images or sequences, on a batch. */
const nodes: Record<string, NodeCase> = {
  Relu: { type: 'Relu', inputs: [image] },
  PRelu: { type: 'PRelu', inputs: [image, numbers([4, 1, 1], 2)] },
  Clip: { type: 'Clip', inputs: [image, floats([-1], []), floats([1], [])] },
  Softmax: { type: 'Softmax', inputs: [sequence], attributes: { axis: 1 }, version: 11 },
  LogSoftmax: { type: 'LogSoftmax', inputs: [sequence] },
  'Add of a vector': { type: 'Add', inputs: [sequence, numbers([4], 2)] },
  Where: { type: 'Where', inputs: [bools([3, 1], 1), sequence, numbers([4], 2)], bools: [0], by: 1 },
  Conv: {
    type: 'Conv',
    inputs: [image, numbers([2, 4, 3, 3], 2)],
    attributes: { strides: [2, 2], auto_pad: 'SAME_UPPER' },
  },
  ConvTranspose: { type: 'ConvTranspose', inputs: [image, numbers([4, 2, 2, 2], 2)], attributes: { strides: [2, 2] } },
  MaxPool: { type: 'MaxPool', inputs: [between(-2, 2, [2, 4, 4, 4], 1)], attributes: { ...window, ceil_mode: 1 } },
  AveragePool: { type: 'AveragePool', inputs: [image], attributes: { ...window, count_include_pad: 1 } },
  GlobalAveragePool: { type: 'GlobalAveragePool', inputs: [image] },
  GlobalMaxPool: { type: 'GlobalMaxPool', inputs: [between(-2, 2, [2, 2, 2, 3], 1, { dtype: Float32Array })] },
  'MatMul with a matrix': { type: 'MatMul', inputs: [sequence, numbers([4, 2], 2)] },
  'MatMul with a vector': { type: 'MatMul', inputs: [sequence, numbers([4], 2)] },
  Gemm: { type: 'Gemm', inputs: [numbers([2, 4], 1), numbers([4, 3], 2), numbers([3], 3)] },
  BatchNormalization: {
    type: 'BatchNormalization',
    inputs: [image, ...perChannel, between(0.3, 2, [4], 5, { dtype: Float32Array })],
  },
  LayerNormalization: { type: 'LayerNormalization', inputs: [sequence, numbers([4], 2), numbers([4], 3)] },
  InstanceNormalization: { type: 'InstanceNormalization', inputs: [image, perChannel[0], perChannel[1]] },
  GroupNormalization: {
    type: 'GroupNormalization',
    inputs: [image, perChannel[0], perChannel[1]],
    attributes: { num_groups: 2 },
    version: 21,
  },
  LRN: { type: 'LRN', inputs: [image], attributes: { size: 3, alpha: { float: 0.5 } } },
  Slice: { type: 'Slice', inputs: [sequence, ints([-1]), ints([-9]), ints([2]), ints([-2])] },
  Split: { type: 'Split', inputs: [sequence], attributes: { axis: 2, num_outputs: 2 }, results: 2 },
  'Gather of the first token': { type: 'Gather', inputs: [sequence, ints([0], [])], attributes: { axis: 1 } },
  'Gather of several': { type: 'Gather', inputs: [sequence, ints([2, 0, 2])], attributes: { axis: 1 } },
  Pad: { type: 'Pad', inputs: [image, ints([0, 0, 1, 2, 0, 0, -1, 1])] },
  'Pad by mirroring': { type: 'Pad', inputs: [image, ints([0, 0, 1, 2, 0, 0, 1, 1])], attributes: { mode: 'reflect' } },
  Transpose: { type: 'Transpose', inputs: [sequence], attributes: { perm: [2, 0, 1] } },
  Flatten: { type: 'Flatten', inputs: [image] },
  'Reshape that keeps the batch': { type: 'Reshape', inputs: [image, ints([0, -1])] },
  'Reshape that leaves the batch open': { type: 'Reshape', inputs: [image, ints([-1, 8, 8])] },
  Squeeze: { type: 'Squeeze', inputs: [numbers([2, 1, 3], 1), ints([1])] },
  DepthToSpace: { type: 'DepthToSpace', inputs: [image], attributes: { blocksize: 2 } },
  SpaceToDepth: { type: 'SpaceToDepth', inputs: [image], attributes: { blocksize: 2 } },
  ReduceMean: { type: 'ReduceMean', inputs: [sequence, ints([-1])] },
  ReduceL2: { type: 'ReduceL2', inputs: [sequence, ints([1, 2])], attributes: { keepdims: 0 } },
  Resize: {
    type: 'Resize',
    inputs: [image, undefined, floats([1, 1, 2, 0.5])],
    attributes: { mode: 'linear' },
  },
  Upsample: { type: 'Upsample', inputs: [image, floats([1, 1, 2, 2])], version: 9 },
};

describe('on a batch whose size is only known when the graph runs', () => {
  it.each(Object.entries(nodes))('an operator has the values and slopes of onnxruntime: %s', async (_, node) => {
    await expectDerivative({ ...node, batched: true });
  });
});
