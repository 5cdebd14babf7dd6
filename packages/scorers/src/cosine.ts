import type { Tensor } from '@farout/tensor';

/**
 * cos(2πt), float64, to 10⁻¹² for |t| < 1,000, by products and sums alone: onnxruntime has no cosine in float64, and its sine rounds
 * a number otherwise when it stands elsewhere in a batch.
 */
export function cosineOfTurns(t: Tensor): Tensor {
  const positive = t.add(wholeTurns);
  const nearest = positive.add(0.5).cast('int64').cast('float64');
  const z = positive.sub(nearest).mul(Math.PI);
  const sine = sineOf(z);
  return sine.mul(sine).mul(-2).add(1);
}

const wholeTurns = 1024;

/** sin z for |z| ≤ π/2: its series up to z²¹, what is left of which is 10⁻¹⁸. */
function sineOf(z: Tensor): Tensor {
  const square = z.mul(z);
  let sum = square.filled(1);
  for (let n = 20; n >= 2; n -= 2)
    sum = sum
      .mul(square)
      .div(-n * (n + 1))
      .add(1);
  return sum.mul(z);
}
