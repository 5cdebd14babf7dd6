import assert from 'node:assert/strict';
import { openSession, type Session } from '@oodkit/runtime';
import { grad, TensorError, writeOnnx, type NDArray, type Tensor } from '@oodkit/tensor';
import { generatedNumbers } from './generated-numbers.ts';

/** How far the gradient may lie from the differences along a direction, relative to its length. */
const tolerance = 1e-2;
const directions = 3;
/** The longer a step, the more corners and curvature lie within; the shorter, the more rounding counts. The best is taken. */
const steps = [1e-1, 3e-2, 1e-2, 3e-3, 1e-3];
/** What rounding alone may make of a float32, relative to it. */
const epsilon = 2 ** -23;

/**
 * Asserts that the gradient of a number per image, (N), by the graph's only input, "image" (N, …), agrees with central
 * differences of it: at every image, along directions of random signs, to 1 % of the gradient's length.
 *
 * Where an operator has no derivative `grad` says so by a TensorError. That is an answer, too: what would differentiate it,
 * as ODIN does, fails by name. A wrong derivative is no answer.
 */
export async function assertGradient(values: Tensor, image: Tensor, at: NDArray): Promise<void> {
  const gradient = gradientOf(values, image);
  if (!gradient) return;
  const session = await openSession(writeOnnx({ values, gradient }), { threads: 1 });
  try {
    const { gradient: found } = await session.run({ image: at });
    for (let seed = 1; seed <= directions; seed++)
      await compare(session, found!, at, randomSigns(at.data.length, seed));
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

/** Along one direction, which is that of each image on its own: images do not depend on each other. */
async function compare(session: Session, gradient: NDArray, at: NDArray, direction: Float32Array): Promise<void> {
  const count = at.shape[0]!;
  const along = sumsByImage(count, gradient, (g, i) => g * direction[i]!);
  const lengths = sumsByImage(count, gradient, (g) => g * g).map(Math.sqrt);
  const differences: number[][] = along.map(() => []);
  const agrees = along.map(() => false);
  for (const step of steps) {
    const [up, down] = [await valuesAt(session, at, direction, step), await valuesAt(session, at, direction, -step)];
    along.forEach((slope, n) => {
      const difference = (up[n]! - down[n]!) / (2 * step);
      const rounding = (epsilon * Math.max(Math.abs(up[n]!), Math.abs(down[n]!))) / step;
      agrees[n] ||= Math.abs(difference - slope) <= tolerance * lengths[n]! + rounding;
      differences[n]!.push(difference);
    });
  }
  const wrong = agrees.indexOf(false);
  const message = `the derivative at image ${wrong} is ${along[wrong]!}, differences say ${String(differences[wrong]?.join(', '))}`;
  assert.ok(wrong < 0, message);
}

const sumsByImage = (count: number, { data }: NDArray, term: (value: number, i: number) => number): number[] => {
  const size = data.length / count;
  const sums = new Array<number>(count).fill(0);
  data.forEach((value: number | bigint, i: number) => (sums[Math.floor(i / size)]! += term(Number(value), i)));
  return sums;
};

async function valuesAt(session: Session, { data, shape }: NDArray, direction: Float32Array, by: number) {
  const moved = direction.map((sign, i) => Number(data[i]) + by * sign);
  return Array.from((await session.run({ image: { data: moved, shape } })).values!.data, Number);
}

function randomSigns(length: number, seed: number): Float32Array {
  const draw = generatedNumbers(seed);
  return Float32Array.from({ length }, () => (draw() < 0.5 ? 1 : -1));
}
