import { describe, expect, it } from '@jest/globals';
import { writeOnnx } from '@farout/onnx';
import { constant, input, type NDArray, type Tensor } from '@farout/tensor';
import { activation, pooling } from '@farout/tensor/graph';
import { openSession } from '../../src/index.ts';

const x = input('x', [2, 3, 4, 6]);
const fed: NDArray = {
  data: Float32Array.from({ length: 144 }, (_, at) => Math.sin(at * 1.7) * 3),
  shape: [2, 3, 4, 6],
};
const window = { kernel_shape: [2, 3], strides: [1, 2], pads: [0, 1, 1, 0], dilations: [1, 1] } as const;

/** What is written in another form for other programs. */
const cases: Readonly<Record<string, Tensor>> = {
  'the largest': x.max([1, 3]),
  'the smallest': x.min(2, { keepDims: true }),
  'a mean': x.mean([2, 3]),
  'a sum': x.sum([0, 2]),
  'the logarithm of a sum of exponentials': x.logSumExp(3),
  'a convolution': x.conv(
    constant({ data: Float32Array.from({ length: 54 }, (_, at) => Math.cos(at)), shape: [3, 3, 2, 3] }),
  ),
  'a mean under a window': x.apply(pooling.averagePool, { ...window, ceil_mode: 1, count_include_pad: 1 }),
  Gelu: x.apply(activation.gelu, { approximate: 'none' }),
  'Gelu by tanh': x.apply(activation.gelu, { approximate: 'tanh' }),
};

async function valuesOf(outputs: Readonly<Record<string, Tensor>>, portable: boolean) {
  const session = await openSession(writeOnnx(outputs, { portable }), { threads: 1 });
  try {
    return await session.run({ x: fed });
  } finally {
    await session.release();
  }
}

describe('what is written for other programs', () => {
  it.each(Object.entries(cases))('gives the same: %s', async (_, y) => {
    const [newest, portable] = await Promise.all([valuesOf({ y }, false), valuesOf({ y }, true)]);
    expect(portable.y!.shape).toEqual(newest.y!.shape);
    for (const [at, value] of Array.from(newest.y!.data as Float32Array).entries())
      expect(portable.y!.data[at]).toBeCloseTo(value, 5);
  });
});
