import { defineScorer, learnsFrom } from '@farout/core';
import { learnRelativeGaussians, relativeNearness } from './gaussians.ts';
import { unitLength } from './unit-rows.ts';

/**
 * RMDS++: `rmds` on features of length 1,
 *
 * S(x) = maxₖ −(ĥ(x) − μₖ)ᵀ Σ⁺ (ĥ(x) − μₖ) + (ĥ(x) − μ)ᵀ Σ₀⁺ (ĥ(x) − μ),   ĥ = h / ‖h‖₂
 *
 * Müller and Hein, "Mahalanobis++: Improving OOD Detection via Feature Normalization", ICML 2025. It learns the means of ĥ and both
 * covariances, divided by N, from the labels of the fit set, in float64 and with pseudo-inverses, as `rmds` does.
 *
 * features h, (N, D) → score, (N,), unbounded, near 0, the same for all c·h, c > 0; higher = more in-distribution.
 */
export const rmdsPlusPlus = defineScorer({
  name: 'rmds++',
  about: {
    summary: 'The relative Mahalanobis distance of features scaled to length 1.',
    formula: 'S(x) = maxₖ −(ĥ − μₖ)ᵀ Σ⁺ (ĥ − μₖ) + (ĥ − μ)ᵀ Σ₀⁺ (ĥ − μ),  ĥ = h / ‖h‖₂',
    source: 'Müller and Hein, "Mahalanobis++: Improving OOD Detection via Feature Normalization", ICML 2025',
    family: 'distance',
    cost: '2·D² + K·D multiplications per image; holds 2·D² numbers',
  },
  fit: () =>
    learnsFrom(['features', 'labels'], async (_, at) =>
      learnRelativeGaussians(await at.classMoments('features', { normalised: true }), at),
    ),
  score: ({ features }, _, { learnt }) => relativeNearness(unitLength(features), learnt).cast('float32'),
});
