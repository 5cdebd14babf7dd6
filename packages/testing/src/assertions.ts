import assert from 'node:assert/strict';
import { writeOnnx } from '@farout/onnx';
import { openSession, type Session } from '@farout/runtime';
import { constant, grad, TensorError, type NDArray, type Tensor } from '@farout/tensor';
import { generatedNumbers } from './sample.ts';

/** Numbers of any kind. */
type Numbers = ArrayLike<number | bigint>;

/** The tolerance for a few operations in float32, relative to the expected number if that is larger than 1. */
const float32Rounding = 1e-6;

/** Asserts that two lists have the same length and equal numbers up to a tolerance; names the first that differs. */
export function assertClose(actual: Numbers, expected: Numbers, what: string, tolerance = float32Rounding): void {
  assert.ok(actual.length === expected.length, `${what}: ${actual.length} numbers instead of ${expected.length}`);
  for (let i = 0; i < expected.length; i++) {
    const [found, wanted] = [Number(actual[i]), Number(expected[i])];
    const close = Object.is(found, wanted) || Math.abs(found - wanted) <= tolerance * Math.max(1, Math.abs(wanted));
    assert.ok(close, `${what}: number ${i} is ${found}, expected ${wanted}`);
  }
}

const directions = 3;
/** Longer steps contain more kinks and curvature; shorter ones suffer more from rounding. The best one is used. */
const steps = [1e-1, 3e-2, 1e-2, 3e-3, 1e-3, 3e-4];
/** The relative rounding error of float32. */
const epsilon = 2 ** -23;

/**
 * Asserts that the gradient of one number per image, (N), with respect to the graph's only input, "image" (N, …), agrees with central
 * differences: at every image, along directions of random signs, up to a tolerance relative to the gradient's length.
 *
 * If an operator has no derivative, `grad` throws a TensorError. That passes too: whatever differentiates it, such as ODIN, then fails with
 * a clear error. A wrong derivative does not pass.
 */
export async function assertGradient(values: Tensor, image: Tensor, at: NDArray, tolerance: number): Promise<void> {
  const gradient = gradientOf(values, image);
  if (!gradient) return;
  const session = await openSession(writeOnnx({ values, gradient }), { threads: 1 });
  try {
    const found = (await session.run({ image: at })).gradient!;
    const lengths = sumsByImage(at, (i) => Number(found.data[i]) ** 2).map(Math.sqrt);
    for (let seed = 1; seed <= directions; seed++) {
      const direction = randomSigns(at.data.length, seed);
      const slopes = sumsByImage(at, (i) => Number(found.data[i]) * direction[i]!);
      const differences: Difference[][] = [];
      for (const step of steps) differences.push(await differencesAlong(direction, step, at, session));
      slopes.forEach((slope, n) => {
        assertOneNear(
          slope,
          differences.map((each) => each[n]!),
          tolerance * lengths[n]!,
          `image ${n}`,
        );
      });
    }
  } finally {
    await session.release();
  }
}

function gradientOf(values: Tensor, image: Tensor): Tensor | undefined {
  try {
    return grad(values.flatten().sum(), image);
  } catch (error) {
    if (error instanceof TensorError) return undefined;
    throw error;
  }
}

/** A central difference, and the possible error by rounding alone. */
interface Difference {
  readonly slope: number;
  readonly rounding: number;
}

/** The difference of each image's number. Images are independent, so one run moves them all. */
async function differencesAlong(direction: Float32Array, step: number, { data, shape }: NDArray, session: Session) {
  const valuesAt = async (by: number) => {
    const moved = direction.map((sign, i) => Number(data[i]) + by * sign);
    return Array.from((await session.run({ image: { data: moved, shape } })).values!.data, Number);
  };
  const [up, down] = [await valuesAt(step), await valuesAt(-step)];
  return up.map((value, n): Difference => {
    const largest = Math.max(Math.abs(value), Math.abs(down[n]!));
    return { slope: (value - down[n]!) / (2 * step), rounding: (epsilon * largest) / step };
  });
}

function assertOneNear(expected: number, differences: readonly Difference[], tolerance: number, what: string): void {
  const near = differences.some(({ slope, rounding }) => Math.abs(slope - expected) <= tolerance + rounding);
  const slopes = differences.map(({ slope }) => slope).join(', ');
  assert.ok(near, `the derivative at ${what} is ${expected}, differences say ${slopes}`);
}

/** Sums a term over the elements of each image. */
function sumsByImage({ data, shape: [count] }: NDArray, term: (i: number) => number): number[] {
  const size = data.length / count!;
  const sums = new Array<number>(count!).fill(0);
  for (let i = 0; i < data.length; i++) sums[Math.floor(i / size)]! += term(i);
  return sums;
}

function randomSigns(length: number, seed: number): Float32Array {
  const draw = generatedNumbers(seed);
  return Float32Array.from({ length }, () => (draw() < 0.5 ? 1 : -1));
}

/** One number per image from all its outputs, (N, K) → (N): Σₖ rₖ · yₖ with fixed r, where adjacent values differ. */
export function weightedSum(outputs: Tensor): Tensor {
  const classes = outputs.shape[1] as number;
  const weights = Float32Array.from({ length: classes }, (_, k) => 1 + ((k * 7) % 5) / 3);
  return outputs.mul(constant({ data: weights, shape: [classes] })).sum();
}
