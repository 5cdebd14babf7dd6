import type { Tensor } from '@farout/tensor';

/**
 * cos(2πt), float64, accurate to 10⁻¹² for |t| < 1,000, from products and sums alone: onnxruntime has no float64 cosine, and its sine
 * rounds the same number differently at different positions in a batch.
 */
export function cosineOfTurns(t: Tensor): Tensor {
  const positive = t.add(wholeTurns);
  const nearest = positive.add(0.5).cast('int64').cast('float64');
  const z = positive.sub(nearest).mul(Math.PI);
  const sine = sineOf(z);
  return sine.mul(sine).mul(-2).add(1);
}

const wholeTurns = 1024;

/** sin z for |z| ≤ π/2: z times its series in z² up to z²⁰; the remainder is 10⁻¹⁸. */
function sineOf(z: Tensor): Tensor {
  const square = z.mul(z);
  const [last, next, ...others] = coefficients.toReversed() as [number, number, ...number[]];
  return others.reduce((sum, each) => sum.mul(square).add(each), square.mul(last).add(next)).mul(z);
}

/** (−1)ⁿ / (2n + 1)! */
const coefficients = Array.from({ length: 10 }, (_, i) => i + 1).reduce(
  (all, n) => [...all, all.at(-1)! / (-2 * n * (2 * n + 1))],
  [1],
);
