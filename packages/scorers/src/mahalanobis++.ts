import { defineScorer, learnsFrom } from '@farout/core';
import { learnGaussians, nearness } from './gaussians.ts';
import { unitLength } from './unit-rows.ts';

/**
 * Mahalanobis++ (MDS++): `mahalanobis` of features of length 1, which are nearer to Gaussians with one covariance,
 *
 * S(x) = maxₖ −(ĥ(x) − μₖ)ᵀ Σ⁺ (ĥ(x) − μₖ),   ĥ = h / ‖h‖₂
 *
 * Müller and Hein, "Mahalanobis++: Improving OOD Detection via Feature Normalization", ICML 2025. It learns the means and the
 * covariance, divided by N, of ĥ from the labels of the fit set, in float64, and with the pseudo-inverse, as `mahalanobis` does.
 *
 * features h, (N, D) → score, (N,), at most 0, the same for all c·h, c > 0; higher = more in-distribution.
 */
export const mahalanobisPlusPlus = defineScorer({
  name: 'mahalanobis++',
  about: {
    summary: 'The Mahalanobis distance of features that are divided by their length.',
    formula: 'S(x) = maxₖ −(ĥ − μₖ)ᵀ Σ⁺ (ĥ − μₖ),  ĥ = h / ‖h‖₂',
    source: 'Müller and Hein, "Mahalanobis++: Improving OOD Detection via Feature Normalization", ICML 2025',
    family: 'distance',
    cost: 'D² + K·D products an image, and D² numbers held',
  },
  fit: () =>
    learnsFrom(['features', 'labels'], async (_, at) =>
      learnGaussians(await at.classMoments('features', { normalised: true }), at),
    ),
  score: ({ features }, _, { learnt }) => nearness(unitLength(features), learnt).cast('float32'),
});
