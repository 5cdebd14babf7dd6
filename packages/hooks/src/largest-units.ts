import type { Ordered, Tensor } from '@farout/tensor';

/**
 * The units of each image that are left when the smallest p % are pruned, the largest first: exactly n − round(n · p / 100) of n,
 * halves rounded to the even number as NumPy does, and one where that is none; of equals at the cut the first ones.
 * (N, D) → both (N, k).
 */
export function largestUnits(h: Tensor, percentile: number): Ordered {
  const width = Number(h.shape[1]);
  return h.topK(Math.max(width - roundHalfToEven((width * percentile) / 100), 1));
}

/** As NumPy and PyTorch round. */
function roundHalfToEven(x: number): number {
  const floor = Math.floor(x);
  const isUp = x - floor > 0.5 || (x - floor === 0.5 && floor % 2 === 1);
  return isUp ? floor + 1 : floor;
}

/** r = Σ all / Σ some of them, (N, 1); 1 where those some sum up to 0, as they do where all activations are 0. */
export function sumRatio(all: Tensor, some: Tensor): Tensor {
  const [whole, part] = [all, some].map((each) => each.sum(-1, { keepDims: true })) as [Tensor, Tensor];
  const isZero = part.equal(0);
  return isZero.where(1, whole.div(isZero.where(1, part)));
}

/** What float32 holds beside activations, weights and their sums: e⁶⁴ = 6 · 10²⁷. */
const largestExponent = 64;

/**
 * h · eʳ, (N, D) and (N, 1) → (N, D). Where r exceeds 64 it counts as 64, so that logits stay finite: with activations that are not
 * negative r is at most D / k, and reaches 64 only where less than 1 unit in 64 is left.
 */
export const scaledBy = (h: Tensor, r: Tensor): Tensor => h.mul(r.minimum(largestExponent).exp());
