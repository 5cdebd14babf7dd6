import { describe, expect, it } from '@jest/globals';
import { openSession, type Arrays } from '@farout/runtime';
import { onnxOperator, writeOnnx } from '@farout/onnx';
import {
  concat,
  constant,
  firstLargest,
  grad,
  histogram,
  input,
  outer,
  type NDArray,
  type Tensor,
} from '@farout/tensor';
import { floats } from './parts/arrays.ts';
import { numbers } from './parts/plain.ts';

const three = constant(floats([1.1, 2.3, 0.7]));
const squares = constant(floats([1.1, 2.3, 0.7, 0.3], [2, 2]));
const sixths = constant(floats([1.1, 2.3, 0.7, 0.3, 1.7, 0.9], [3, 1, 2]));
const one = (type: string, x: Tensor, settings: Parameters<typeof onnxOperator>[2] = {}) =>
  onnxOperator(type, [x], settings)[0]!;
const norm = (type: string, x: Tensor, size: number) =>
  onnxOperator(type, [x, constant(numbers([size], 2)), constant(numbers([size], 3))])[0]!;
const widthOf = (x: Tensor) => x.shape[1] as number;

/** The loss of ODIN, by the logits. */
const loss = (z: Tensor) =>
  z
    .div(1000)
    .logSumExp()
    .sub(firstLargest(z).where(z.div(1000), 0).sum())
    .sum();

/** Of rows (N, K): what onnxruntime computes in vectors or otherwise for larger batches, and what is made of it. */
const functions: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  sum: (x) => x.neg().sum(),
  'sum of the input itself': (x) => x.sum(),
  mean: (x) => x.neg().mean(),
  max: (x) => x.neg().max(),
  softmax: (x) => x.softmax(),
  logSumExp: (x) => x.logSumExp(),
  'largest probability': (x) => x.softmax().max(),
  energy: (x) => x.div(2).logSumExp().mul(2),
  log: (x) => x.abs().log(),
  Softmax: (x) => one('Softmax', x),
  LogSoftmax: (x) => one('LogSoftmax', x),
  'sum of the middle axis of (N, K, 3)': (x) => x.unsqueeze([2]).mul(three).sum(1),
  'mean of the last two axes of (N, 3, K, 1)': (x) =>
    x
      .unsqueeze([1, 3])
      .mul(three.unsqueeze([1, 2]))
      .mean([2, 3]),
  'sum of the first axis of (K, N)': (x) => x.transpose(1, 0).sum(0),
  'sum of the outer axes of (3, N, K)': (x) =>
    x
      .unsqueeze([0])
      .mul(three.unsqueeze([1, 2]))
      .sum([0, 2]),
  'centred pixels, colours last': (x) => {
    const pixels = x.unsqueeze([2, 3]).mul(squares).transpose(0, 2, 3, 1);
    return pixels.sub(pixels.mean(3, { keepDims: true })).transpose(0, 3, 1, 2);
  },
  'sum of the axes around the middle one of (N, 3, K, 2)': (x) => x.unsqueeze([1, 3]).mul(sixths).sum([1, 3]),
  Softplus: (x) => one('Softplus', x),
  Mish: (x) => one('Mish', x),
  Elu: (x) => one('Elu', x),
  Celu: (x) => one('Celu', x, { alpha: { float: 0.7 } }),
  Selu: (x) => one('Selu', x),
  LRN: (x) => one('LRN', x.unsqueeze([2, 3]), { size: 5, alpha: { float: 0.5 } }),
  LayerNormalization: (x) => norm('LayerNormalization', x, widthOf(x)),
  InstanceNormalization: (x) => norm('InstanceNormalization', x.unsqueeze([1]), 1),
  GlobalAveragePool: (x) => one('GlobalAveragePool', x.unsqueeze([1, 3]).mul(three.unsqueeze([1, 2]))),
  min: (x) => x.neg().min(),
  'standard deviation': (x) => x.std(),
  'L1 norm': (x) => x.norm(-1, { p: 1 }),
  'L2 norm': (x) => x.norm(),
  'third norm': (x) => x.norm(-1, { p: 3 }),
  'cumulative sum': (x) => x.cumSum(),
  'sum of the largest half': (x) => x.topK(Math.ceil(widthOf(x) / 2)).values.sum(),
  sort: (x) => x.sort().values,
  'order of what is rounded': (x) => x.cast('int32').cast('float32').sort().indices.cast('float32'),
  quantile: (x) => x.quantile(0.37),
  'higher quantile': (x) => x.quantile(0.9, -1, { interpolation: 'higher' }),
  'counts per bin': (x) => histogram(x, three.sort().values),
  'concat and gather': (x) => concat([x, x.exp()]).gather([0, -1, 0], 1),
  'largest third kept': (x) => {
    const { values, indices } = x.topK(Math.ceil(widthOf(x) / 3));
    return x
      .filled(0)
      .putAlong(indices, values.mul(x.sum(-1, { keepDims: true }).div(values.sum(-1, { keepDims: true }))));
  },
  'outer product': (x) => outer(x, three),
  'products of matrices of each row': (x) => {
    const matrix = x.unsqueeze([1]).mul(three.unsqueeze([1]));
    return matrix.matmul(matrix.exp().transpose(0, 2, 1));
  },
  'reductions in float64': (x) => {
    const y = x.cast('float64');
    const parts = [y.sum(), y.mean(), y.max(), y.min(), y.std(), y.norm(), y.norm(-1, { p: 3 }), y.quantile(0.37)];
    return concat(parts.map((part) => part.unsqueeze([1])));
  },
  'functions of elements in float64': (x) => {
    const y = x.cast('float64');
    return concat([
      y.exp(),
      y.abs().log(),
      y.sigmoid(),
      one('Celu', y),
      y.softmax(),
      y.cumSum(),
      one('Softmax', y),
      one('LogSoftmax', y),
    ]);
  },
  'products of matrices in float64': (x) => {
    const matrix = x
      .unsqueeze([1])
      .mul(three.unsqueeze([1]))
      .cast('float64');
    return matrix.matmul(matrix.exp().transpose(0, 2, 1));
  },
  'gradient through chosen elements': (x) =>
    grad(
      x
        .topK(Math.ceil(widthOf(x) / 3))
        .values.mul(2)
        .norm()
        .sum(),
      x,
    ),
  'gradient through deviation, cumulative sum and quantile': (x) =>
    grad(x.cumSum().std().add(x.quantile(0.4)).sum(), x),
  'head of 5 classes': (x) => x.linear(constant(numbers([5, widthOf(x)], 4)), constant(numbers([5], 5))),
  "gradient of ODIN's loss": (x) => grad(loss(x), x),
  'gradient through Softmax': (x) => grad(one('Softmax', x).mul(x).sum([0, 1]), x),
  'gradient through LayerNormalization': (x) => grad(norm('LayerNormalization', x, widthOf(x)).mul(x).sum([0, 1]), x),
};

const bitsOf = ({ data: { buffer, byteOffset, byteLength } }: NDArray) =>
  new Uint32Array(buffer, byteOffset, byteLength / Uint32Array.BYTES_PER_ELEMENT);

/** The functions that make something else of a row of a batch than of the row alone. */
function astray(together: Arrays, alone: readonly Arrays[]): string[] {
  return Object.keys(functions).filter((name) => {
    const [bits, rows] = [bitsOf(together[name]!), alone.map((each) => bitsOf(each[name]!))];
    const width = rows[0]!.length;
    return (
      bits.length !== width * rows.length || bits.some((each, i) => each !== rows[Math.floor(i / width)]![i % width])
    );
  });
}

/** Runs the functions over rows of K numbers. */
async function withRows(
  k: number,
  threads: number,
  use: (run: (data: Float32Array) => Promise<Arrays>) => Promise<void>,
): Promise<void> {
  const x = input('x', ['N', k]);
  const outputs = Object.fromEntries(Object.entries(functions).map(([name, f]) => [name, f(x)]));
  const session = await openSession(writeOnnx(outputs), { threads });
  try {
    await use((data) => session.run({ x: { data, shape: [data.length / k, k] } }));
  } finally {
    await session.release();
  }
}

/** The same row again and again, in batches of these sizes. */
const expectEqualRows = (k: number, threads: number, counts: readonly number[]) =>
  withRows(k, threads, async (run) => {
    const row = numbers([k], k).data;
    const alone = await run(row);
    for (const count of counts) {
      const data = Float32Array.from({ length: k * count }, (_, i) => row[i % k]!);
      expect([count, astray(await run(data), Array<Arrays>(count).fill(alone))]).toEqual([count, []]);
    }
  });

const upTo = (last: number) => Array.from({ length: last }, (_, i) => i + 1);

describe('what is made of a row', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 100, 101])(
    'has the same bits at every place of every batch: rows of %d numbers',
    (k) => expectEqualRows(k, 1, upTo(40)),
  );

  it.each([2, 6, 12, 101])('has the same bits where threads share a batch: rows of %d numbers', (k) =>
    expectEqualRows(k, 2, [2, 3, 1001]),
  );

  it.each([6, 10, 101])('has the same bits beside other rows: rows of %d numbers', (k) =>
    withRows(k, 1, async (run) => {
      const { data } = numbers([23, k], k);
      const alone: Arrays[] = [];
      for (let n = 0; n < 23; n++) alone.push(await run(data.slice(n * k, (n + 1) * k)));
      expect(astray(await run(data), alone)).toEqual([]);
    }),
  );

  it.each([6, 8, 1000])('has the same bits wherever an array begins in its buffer: rows of %d numbers', (k) =>
    withRows(k, 1, async (run) => {
      const row = numbers([k], k).data;
      const alone = await run(row);
      for (const start of upTo(8)) {
        const data = new Float32Array(k + start);
        data.set(row, start);
        expect([start, astray(await run(data.subarray(start)), [alone])]).toEqual([start, []]);
      }
    }),
  );

  it.each(upTo(12))('is NaN at every place or at none where one of %d numbers is', async (k) => {
    const x = input('x', ['N', k]);
    const session = await openSession(writeOnnx({ largest: x.max(), least: x.min() }), { threads: 1 });
    try {
      for (let at = 0; at < k; at++) {
        const data = Float32Array.from({ length: 9 * k }, (_, i) => (i % k === at ? NaN : 1));
        const { largest, least } = await session.run({ x: { data, shape: [9, k] } });
        for (const { data: rows } of [largest!, least!]) {
          expect([at, new Set(rows as Float32Array).size]).toEqual([at, 1]);
        }
      }
    } finally {
      await session.release();
    }
  });
});
