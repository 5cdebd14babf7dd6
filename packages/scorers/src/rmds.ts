import { defineScorer, learnsFrom } from '@farout/core';
import { learnRelativeGaussians, relativeNearness } from './gaussians.ts';

/**
 * Relative Mahalanobis distance (RMDS): how much closer the features are to a class than to the fit set as a whole,
 *
 * S(x) = maxₖ −(h(x) − μₖ)ᵀ Σ⁺ (h(x) − μₖ) + (h(x) − μ)ᵀ Σ₀⁺ (h(x) − μ)
 *
 * Ren, Fort, Liu, Roy, Padhy, Lakshminarayanan, "A Simple Fix to Mahalanobis Distance for Improving Near-OOD Detection", ICML workshop
 * 2021. It learns, from the labels of the fit set, the class means μₖ and the covariance Σ about them, and the mean μ of all images and the
 * covariance Σ₀ about it. Both covariances are divided by N, as in OpenOOD. (pytorch-ood before 2026 does not divide Σ₀, so its second term
 * is N times too small and it ranks like `mahalanobis`.) Inverses are pseudo-inverses, as in `mahalanobis`. The two terms nearly cancel, so
 * they stay float64 until the end.
 *
 * features h, (N, D) → score, (N,), unbounded, near 0; higher = more in-distribution.
 */
export const rmds = defineScorer({
  name: 'rmds',
  about: {
    summary: 'How much closer the features are to a class than to the fit set as a whole, in Mahalanobis distance.',
    formula: 'S(x) = maxₖ −(h − μₖ)ᵀ Σ⁺ (h − μₖ) + (h − μ)ᵀ Σ₀⁺ (h − μ)',
    source:
      'Ren, Fort, Liu, Roy, Padhy, Lakshminarayanan, "A Simple Fix to Mahalanobis Distance for Improving Near-OOD Detection", ICML workshop 2021',
    family: 'distance',
    cost: '2·D² + K·D multiplications per image; holds 2·D² numbers',
  },
  fit: () =>
    learnsFrom(['features', 'labels'], async (_, at) => learnRelativeGaussians(await at.classMoments('features'), at)),
  score: ({ features }, _, { learnt }) => relativeNearness(features.cast('float64'), learnt).cast('float32'),
});
