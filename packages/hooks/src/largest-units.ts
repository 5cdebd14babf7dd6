import type { Ordered, Tensor } from '@farout/tensor';

/**
 * The units of each image that remain after pruning the smallest p %, largest first: exactly n − round(n · p / 100) of n, at least one,
 * with halves rounded to even as in NumPy; of equal units at the cut, the first ones.
 * (N, D) → both (N, k).
 */
export function largestUnits(h: Tensor, percentile: number): Ordered {
  const width = Number(h.shape[1]);
  return h.topK(Math.max(width - roundHalfToEven((width * percentile) / 100), 1));
}

/** Rounds as NumPy and PyTorch do. */
function roundHalfToEven(x: number): number {
  const floor = Math.floor(x);
  const isUp = x - floor > 0.5 || (x - floor === 0.5 && floor % 2 === 1);
  return isUp ? floor + 1 : floor;
}

/** r = Σ all / Σ some, (N, 1); 1 where Σ some is 0, which happens when all activations are 0. */
export function sumRatio(all: Tensor, some: Tensor): Tensor {
  const [whole, part] = [all, some].map((each) => each.sum(-1, { keepDims: true })) as [Tensor, Tensor];
  const isZero = part.equal(0);
  return isZero.where(1, whole.div(isZero.where(1, part)));
}

/** e⁶⁴ = 6 · 10²⁷ leaves room in float32 for activations, weights and their sums. */
const largestExponent = 64;

/**
 * h · eʳ, (N, D) and (N, 1) → (N, D). r is capped at 64, so that logits stay finite. With non-negative activations r is at most D / k,
 * which exceeds 64 only if fewer than 1 unit in 64 is kept.
 */
export const scaledBy = (h: Tensor, r: Tensor): Tensor => h.mul(r.minimum(largestExponent).exp());
