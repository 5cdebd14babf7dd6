import { defineScorer, z } from '@farout/core';
import { firstLargest, type Tensor } from '@farout/tensor';

/**
 * GEN, a generalised entropy of the M largest softmax probabilities: S(x) = −Σ pᵞ (1 − p)ᵞ,   p = softmax(f).
 *
 * For the largest probability, 1 − p is computed as the sum of the others, in float64. Subtracting it from 1 would lose all digits on
 * images of which the network is sure, where pᵞ (1 − p)ᵞ is steep.
 *
 * Liu, Lochman, Zach, "GEN: Pushing the Limits of Softmax-Based Out-of-Distribution Detection", CVPR 2023.
 *
 * logits f, shape (N, K), unnormalised → score, shape (N,), −M / 4ᵞ..0, unitless, higher = more in-distribution.
 */
export const gen = defineScorer({
  name: 'gen',
  about: {
    summary: 'The negative generalised entropy of the largest softmax probabilities.',
    formula: 'S(x) = −Σ pᵞ (1 − p)ᵞ over the M largest p of softmax(f(x))',
    source: 'Liu, Lochman, Zach, "GEN: Pushing the Limits of Softmax-Based Out-of-Distribution Detection", CVPR 2023',
    family: 'logits',
    cost: 'Little more than a softmax per image; learns nothing.',
    defaults: "the authors' for ImageNet",
  },
  params: z.object({
    gamma: z
      .number()
      .positive()
      .max(10)
      .default(0.1)
      .describe('γ; 0.1 in the paper, where it lies in 0..1; OpenOOD tries up to 10'),
    M: z
      .int()
      .min(1)
      .default(100)
      .describe('how many of the largest probabilities count; all if there are fewer; 100 in the paper for ImageNet'),
  }),
  presets: {
    // OpenOOD 1.5, configs/postprocessors/gen.yml, `postprocessor_sweep`.
    openood: { gamma: { sweep: [0.01, 0.1, 0.5, 1, 2, 5, 10] }, M: { sweep: [10, 50, 100, 200, 500, 1000] } },
  },
  score: ({ logits }, { gamma, M }) => generalisedEntropy(logits, { gamma, M }).neg().cast('float32'),
});

/** Σ pᵞ (1 − p)ᵞ over the M largest probabilities, float64 (N). */
export function generalisedEntropy(logits: Tensor, { gamma, M }: { gamma: number; M: number }): Tensor {
  const z = logits.cast('float64');
  const e = z.sub(z.max(-1, { keepDims: true })).exp();
  const largest = firstLargest(z);
  const others = largest.where(0, e).sum(-1, { keepDims: true });
  const sum = others.add(1);
  const terms = e
    .div(sum)
    .mul(largest.where(others, sum.sub(e)).div(sum))
    .pow(gamma);
  // Among the probabilities of one image, p (1 − p) grows with p, so the largest terms belong to the largest probabilities.
  return (M < Number(logits.shape[1]) ? terms.topK(M).values : terms).sum();
}
