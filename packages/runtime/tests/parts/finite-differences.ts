import { openSession } from '@farout/runtime';
import { writeOnnx } from '@farout/onnx';
import { constant, grad, input, type Tensor } from '@farout/tensor';

/** float64 numbers with a shape. */
export interface Plain64 {
  readonly data: Float64Array;
  readonly shape: readonly number[];
}

/** Numbers between 0.5 and 2 in steps of 0.001 without equals, in an order that depends on the seed alone. */
export function distinct(shape: readonly number[], seed: number): Plain64 {
  const size = shape.reduce((product, n) => product * n, 1);
  const ranks = Array.from({ length: size }, (_, i) => i);
  let state = seed >>> 0;
  for (let i = size - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = Math.floor((state / 2 ** 32) * (i + 1));
    [ranks[i], ranks[j]] = [ranks[j]!, ranks[i]!];
  }
  return { data: Float64Array.from(ranks, (rank) => 0.5 + (1.5 * rank) / size), shape };
}

const step = 1e-6;

/**
 * The largest difference between the symbolic gradient of Σ r · f(x) and central differences, in float64, relative to the
 * largest element; r are fixed weights, so that no two outputs count alike.
 */
export async function gradientError(x: Plain64, f: (x: Tensor) => Tensor): Promise<number> {
  const symbol = input('x', x.shape, 'float64');
  const scalarOf = (y: Tensor) => {
    const all = y.flatten();
    return y.shape.length === 0 ? y : all.mul(weights(y)).sum();
  };
  const value = scalarOf(f(symbol));
  const session = await openSession(writeOnnx({ value, gradient: grad(value, symbol) }), { threads: 1 });
  try {
    const at = async (data: Float64Array) => session.run({ x: { data, shape: x.shape } });
    const gradient = (await at(x.data)).gradient!.data as Float64Array;
    if (gradient.length !== x.data.length) return Infinity;
    let [error, scale] = [0, 1e-12];
    for (let i = 0; i < x.data.length; i++) {
      const [up, down] = [x.data.slice(), x.data.slice()];
      up[i]! += step;
      down[i]! -= step;
      const difference = Number((await at(up)).value!.data[0]) - Number((await at(down)).value!.data[0]);
      error = Math.max(error, Math.abs(difference / (2 * step) - gradient[i]!));
      scale = Math.max(scale, Math.abs(gradient[i]!));
    }
    return error / Math.max(scale, 1);
  } finally {
    await session.release();
  }
}

function weights(y: Tensor) {
  const size = y.shape.reduce<number>((product, n) => product * Number(n), 1);
  return constant64(Float64Array.from({ length: size }, (_, i) => 1 + ((i * 7) % 5) / 3));
}

const constant64 = (data: Float64Array) => constant({ data, shape: [data.length] });
