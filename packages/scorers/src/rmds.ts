import { defineScorer, learnsFrom } from '@farout/core';
import { learnRelativeGaussians, relativeNearness } from './gaussians.ts';

/**
 * Relative Mahalanobis distance (RMDS): how much nearer the features are to a class than to all images,
 *
 * S(x) = maxₖ −(h(x) − μₖ)ᵀ Σ⁺ (h(x) − μₖ) + (h(x) − μ)ᵀ Σ₀⁺ (h(x) − μ)
 *
 * Ren, Fort, Liu, Roy, Padhy, Lakshminarayanan, "A Simple Fix to Mahalanobis Distance for Improving Near-OOD Detection", ICML workshop
 * 2021. It learns, from the labels of the fit set, the class means μₖ and the covariance Σ about them, the mean μ of all images and the
 * covariance Σ₀ about that; both are divided by N, as in OpenOOD. (A Σ₀ that is not divided, as in pytorch-ood before 2026, makes the
 * second term N times too small, and the score that of `mahalanobis`.) Inverses are pseudo-inverses, as in `mahalanobis`. The two terms
 * nearly cancel: they stay float64 until the end.
 *
 * features h, (N, D) → score, (N,), unbounded, near 0; higher = more in-distribution.
 */
export const rmds = defineScorer({
  name: 'rmds',
  about: {
    summary: 'How much nearer the features are to a class than to all images, in Mahalanobis distance.',
    formula: 'S(x) = maxₖ −(h − μₖ)ᵀ Σ⁺ (h − μₖ) + (h − μ)ᵀ Σ₀⁺ (h − μ)',
    source:
      'Ren, Fort, Liu, Roy, Padhy, Lakshminarayanan, "A Simple Fix to Mahalanobis Distance for Improving Near-OOD Detection", ICML workshop 2021',
    family: 'distance',
    cost: '2·D² + K·D products an image, and 2·D² numbers held',
  },
  fit: () =>
    learnsFrom(['features', 'labels'], async (_, at) => learnRelativeGaussians(await at.classMoments('features'), at)),
  score: ({ features }, _, { learnt }) => relativeNearness(features.cast('float64'), learnt).cast('float32'),
});
