import { defineScorer, learnsFrom } from '@farout/core';
import { learnGaussians, nearness } from './gaussians.ts';
import { unitLength } from './unit-rows.ts';

/**
 * Mahalanobis++ (MDS++): `mahalanobis` on features of length 1, which fit Gaussians with a shared covariance better,
 *
 * S(x) = maxₖ −(ĥ(x) − μₖ)ᵀ Σ⁺ (ĥ(x) − μₖ),   ĥ = h / ‖h‖₂
 *
 * Müller and Hein, "Mahalanobis++: Improving OOD Detection via Feature Normalization", ICML 2025. It learns the means of ĥ and its
 * covariance, divided by N, from the labels of the fit set, in float64 and with the pseudo-inverse, as `mahalanobis` does.
 *
 * features h, (N, D) → score, (N,), at most 0, the same for all c·h, c > 0; higher = more in-distribution.
 */
export const mahalanobisPlusPlus = defineScorer({
  name: 'mahalanobis++',
  about: {
    summary: 'The Mahalanobis distance of features scaled to length 1.',
    formula: 'S(x) = maxₖ −(ĥ − μₖ)ᵀ Σ⁺ (ĥ − μₖ),  ĥ = h / ‖h‖₂',
    source: 'Müller and Hein, "Mahalanobis++: Improving OOD Detection via Feature Normalization", ICML 2025',
    family: 'distance',
    cost: 'D² + K·D multiplications per image; holds D² numbers',
  },
  fit: () =>
    learnsFrom(['features', 'labels'], async (_, at) =>
      learnGaussians(await at.classMoments('features', { normalised: true }), at),
    ),
  score: ({ features }, _, { learnt }) => nearness(unitLength(features), learnt).cast('float32'),
});
