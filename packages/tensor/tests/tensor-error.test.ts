import { describe, expect, it } from '@jest/globals';
import { concat, constant, foldBatchNorm, histogram, input, outer, TensorError } from '../src/index.ts';

const x = input('x', ['N', 3]);
const row = input('row', [4]);
const empty = input('empty', ['N', 0]);
const places = (...shape: (number | string)[]) => input('places', shape, 'int64');
const double = input('double', ['N', 3], 'float64');
const image = input('image', ['N', 8, 6, 6]);
const kernel = (...shape: (number | string)[]) => input('kernel', shape);
const channels = (size: number) => constant({ data: new Float32Array(size), shape: [size] });
const norm = (size: number) => ({
  scale: channels(size),
  shift: channels(size),
  mean: channels(size),
  variance: channels(size),
});
const weight = constant({ data: new Float32Array(16), shape: [2, 2, 2, 2] });

const misuse: [operator: string, use: () => unknown, message: string][] = [
  ['add', () => x.add(row), 'Add: shapes (N, 3) and (4) do not broadcast'],
  ['sub', () => x.sub(input('m', ['M', 3])), 'Sub: shapes (N, 3) and (M, 3) do not broadcast'],
  ['mul', () => x.mul(double), 'Mul: dtypes differ, float32 (N, 3) and float64 (N, 3); cast one of them'],
  ['div', () => x.div(row), 'Div: shapes (N, 3) and (4) do not broadcast'],
  ['minimum', () => x.minimum(double), 'Min: dtypes differ, float32 (N, 3) and float64 (N, 3); cast one of them'],
  [
    'a number',
    () => input('n', [2], 'int32').add(0.5),
    '0.5 is not a valid int32; cast the tensor it is combined with',
  ],
  [
    'a number too large',
    () => input('n', [2], 'uint8').add(256),
    '256 is not a valid uint8; cast the tensor it is combined with',
  ],
  [
    'clip',
    () => input('n', [2], 'int32').clip(0, 1.5),
    '1.5 is not a valid int32; cast the tensor it is combined with',
  ],
  ['sum', () => x.sum(2), 'ReduceSum: no axis 2 in shape (N, 3)'],
  ['sum of nothing', () => x.sum([]), 'ReduceSum: [] must name at least one axis of (N, 3), and none twice'],
  ['mean', () => x.mean(-3), 'ReduceMean: no axis -3 in shape (N, 3)'],
  [
    'mean over one axis twice',
    () => x.mean([1, -1]),
    'ReduceMean: [1, -1] must name at least one axis of (N, 3), and none twice',
  ],
  ['max', () => input('scalar', []).max(), 'ReduceMax: no axis -1 in shape ()'],
  ['max of half an axis', () => x.max(0.5), 'ReduceMax: no axis 0.5 in shape (N, 3)'],
  ['min', () => x.min([0, 0]), 'ReduceMin: [0, 0] must name at least one axis of (N, 3), and none twice'],
  ['max of nothing', () => empty.max(), 'ReduceMax: axis 1 of (N, 0) has no elements'],
  ['min of nothing', () => empty.min(), 'ReduceMin: axis 1 of (N, 0) has no elements'],
  ['mean of nothing', () => empty.mean([0, 1]), 'ReduceMean: axis 1 of (N, 0) has no elements'],
  ['std of nothing', () => empty.std(), 'ReduceMean: axis 1 of (N, 0) has no elements'],
  ['argMax of nothing', () => empty.argMax(), 'ArgMax: axis 1 of (N, 0) has no elements'],
  ['quantile of nothing', () => empty.quantile(0.5), 'quantile: axis 1 of (N, 0) has no elements'],
  ['norm', () => x.norm(-1, { p: 0.5 }), 'norm: p must be a number from 1 on, not 0.5'],
  ['norm without end', () => x.norm(-1, { p: Infinity }), 'norm: p must be a number from 1 on, not Infinity'],
  ['cumSum', () => x.cumSum(2), 'CumSum: no axis 2 in shape (N, 3)'],
  ['topK of more than there are', () => x.topK(4), 'TopK: there are no 4 elements along axis 1 of (N, 3)'],
  ['topK of half an element', () => x.topK(0.5), 'TopK: there are no 0.5 elements along axis 1 of (N, 3)'],
  ['topK of less than none', () => x.topK(-1, 0), 'TopK: there are no -1 elements along axis 0 of (N, 3)'],
  ['topK along no axis', () => x.topK(1, 2), 'TopK: no axis 2 in shape (N, 3)'],
  ['sort along the batch', () => x.sort(0), 'sort: the size of the sorted axis must be known, not N'],
  ['quantile', () => x.quantile(90), 'quantile: q must be from 0 to 1, not 90'],
  ['quantile along the batch', () => x.quantile(0.5, 0), 'quantile: the size of the axis must be known, not N'],
  ['histogram', () => histogram(x, input('e', [1])), 'histogram: edges must be (B + 1) with at least one bin, not (1)'],
  [
    'histogram with edges in another order',
    () => histogram(x, constant({ data: Float32Array.of(0, 2, 1), shape: [3] })),
    'histogram: edges must be in ascending order',
  ],
  [
    'histogram with edges of another dtype',
    () => histogram(double, input('e', [3])),
    'GreaterOrEqual: dtypes differ, float64 (N, 3) and float32 (1); cast one of them',
  ],
  ['concat of nothing', () => concat([]), 'Concat: there must be at least one tensor'],
  ['concat', () => concat([x, row]), 'Concat: (N, 3), (4) differ in other axes than 1'],
  ['concat along the batch', () => concat([x, x], 0), 'Concat: a joined size must be known, not N'],
  [
    'concat of two dtypes',
    () => concat([x, double]),
    'Concat: dtypes differ, float32 (N, 3) and float64 (N, 3); cast one of them',
  ],
  ['gather', () => x.gather([0, 3], 1), 'Gather: no element 3 along axis 1 of (N, 3)'],
  ['gather before the first', () => x.gather([-4], -1), 'Gather: no element -4 along axis 1 of (N, 3)'],
  ['gather by fractions', () => x.gather(row, 1), 'Gather: indices must be int64 or int32, not float32 (4)'],
  [
    'takeAlong',
    () => x.takeAlong(places(2, 3)),
    'GatherElements: indices (2, 3) must have the sizes of (N, 3) but along axis 1',
  ],
  [
    'takeAlong with fewer axes',
    () => x.takeAlong(places(3)),
    'GatherElements: indices (3) must have the sizes of (N, 3) but along axis 1',
  ],
  [
    'takeAlong by fractions',
    () => x.takeAlong(x),
    'GatherElements: indices must be int64 or int32, not float32 (N, 3)',
  ],
  [
    'putAlong',
    () => x.putAlong(places('N', 2), x),
    'ScatterElements: indices and values must have one shape, not (N, 2) and (N, 3)',
  ],
  [
    'putAlong of another dtype',
    () => x.putAlong(places('N', 3), double),
    'ScatterElements: dtypes differ, float32 (N, 3) and float64 (N, 3); cast one of them',
  ],
  [
    'scatterAdd',
    () => x.scatterAdd(places('M', 3), x),
    'ScatterElements: indices (M, 3) must have the sizes of (N, 3) but along axis 1',
  ],
  ['outer', () => outer(x, input('s', [])), 'outer: operands must be (…, N) and (…, M), not (N, 3) and ()'],
  ['outer of two batches', () => outer(x, kernel('M', 2)), 'Mul: shapes (N, 3, 1) and (M, 1, 2) do not broadcast'],
  [
    'a size of 0 beside a name',
    () => input('y', ['N', 3, 0]).reshape(['N', 0]),
    'Reshape: the elements of (N, 3, 0) do not fill (N, 0)',
  ],
  ['argMax', () => x.argMax(5), 'ArgMax: no axis 5 in shape (N, 3)'],
  ['logSumExp', () => x.logSumExp(5), 'ReduceMax: no axis 5 in shape (N, 3)'],
  ['softmax', () => x.softmax(5), 'ReduceMax: no axis 5 in shape (N, 3)'],
  ['transpose', () => x.transpose(0), 'Transpose: [0] is not a permutation of the axes of (N, 3)'],
  [
    'transpose with an axis twice',
    () => x.transpose(1, 1),
    'Transpose: [1, 1] is not a permutation of the axes of (N, 3)',
  ],
  [
    'linear',
    () => x.linear(kernel(5, 4), channels(5)),
    'Gemm: x, weight, bias must be (N, D), (K, D), (K), not (N, 3), (5, 4), (5)',
  ],
  [
    'linear with another bias',
    () => x.linear(kernel(5, 3), channels(4)),
    'Gemm: x, weight, bias must be (N, D), (K, D), (K), not (N, 3), (5, 3), (4)',
  ],
  [
    'linear with another dtype',
    () => double.linear(kernel(5, 3), channels(5)),
    'Gemm: dtypes differ, float64 (N, 3) and float32 (5, 3); cast one of them',
  ],
  [
    'conv',
    () => image.conv(kernel(2, 3, 1, 1)),
    'Conv: x, weight, bias must be (N, C, H, W), (O, C / groups, kH, kW), (O), not (N, 8, 6, 6), (2, 3, 1, 1) with groups = 1',
  ],
  [
    'conv with groups that do not divide its outputs',
    () => image.conv(kernel(3, 4, 1, 1), { groups: 2 }),
    'Conv: x, weight, bias must be (N, C, H, W), (O, C / groups, kH, kW), (O), not (N, 8, 6, 6), (3, 4, 1, 1) with groups = 2',
  ],
  [
    'conv with another bias',
    () => image.conv(kernel(2, 8, 1, 1), { bias: channels(3) }),
    'Conv: x, weight, bias must be (N, C, H, W), (O, C / groups, kH, kW), (O), not (N, 8, 6, 6), (2, 8, 1, 1), (3) with groups = 1',
  ],
  [
    'conv with a kernel too large',
    () => image.conv(kernel(2, 8, 7, 1)),
    'Conv: a window of 7 does not fit into 6 padded by 0 and 0',
  ],
  [
    'conv over an unknown size',
    () => input('any', ['N', 8, 'H', 6]).conv(kernel(2, 8, 1, 1)),
    'Conv: a spatial size must be known, not H',
  ],
  [
    'conv with another dtype',
    () => image.conv(input('kernel', [2, 8, 1, 1], 'float64')),
    'Conv: dtypes differ, float32 (N, 8, 6, 6) and float64 (2, 8, 1, 1); cast one of them',
  ],
  ['maxPool', () => x.maxPool({ kernel: 2 }), 'MaxPool: x must be (N, C, H, W), not (N, 3)'],
  [
    'maxPool with a window too large',
    () => image.maxPool({ kernel: 9, padding: 1 }),
    'MaxPool: a window of 9 does not fit into 6 padded by 1 and 1',
  ],
  [
    'constant',
    () => constant({ data: new Float32Array(5), shape: [2, 3] }),
    'constant: 5 elements do not fill the shape (2, 3)',
  ],
  [
    'foldBatchNorm',
    () => foldBatchNorm(weight, norm(3)),
    'foldBatchNorm: weight and norm must be (O, …) and four times (O), not (2, 2, 2, 2), (3), (3), (3), (3)',
  ],
  [
    'foldBatchNorm with one vector of another size',
    () => foldBatchNorm(weight, { ...norm(2), mean: channels(3) }),
    'foldBatchNorm: weight and norm must be (O, …) and four times (O), not (2, 2, 2, 2), (2), (2), (3), (2)',
  ],
  [
    'foldBatchNorm of inputs',
    () => foldBatchNorm(kernel(2, 2, 1, 1), norm(2)),
    'foldBatchNorm: only float32 constants can be folded',
  ],
];

describe('TensorError', () => {
  it.each(misuse)('is thrown where %s is written, with operator and shapes', (_, use, message) => {
    expect(use).toThrow(new TensorError(message));
    expect(use).toThrow(TensorError);
  });

  it('carries a stable code', () => {
    expect(new TensorError('').code).toBe('OOD_SHAPE');
  });
});
