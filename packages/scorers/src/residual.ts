import { defineScorer, learnsFrom } from '@farout/core';
import {
  learnResidual,
  principalDimension,
  residualDefaults,
  residualLength,
  residualParams,
} from './residual-space.ts';

/**
 * Residual: minus the distance of the features from the principal space of the fit set's features,
 *
 * S(x) = −‖R·(h(x) − o)‖₂,   o = −W⁺·b
 *
 * Wang, Li, Feng, Zhang, "ViM: Out-Of-Distribution with Virtual-logit Matching", CVPR 2022, where it is the part of ViM that does not use
 * the logits. The rows of R, (D − D′, D), are the eigenvectors of Σ (h − o)(h − o)ᵀ over the fit set, without the D′ with the largest
 * eigenvalues; o is the point where all logits are 0. It learns both in float64 (residual-space.ts); labels are not needed.
 *
 * features h, (N, D) → score, (N,), at most 0, in units of the features; higher = more in-distribution.
 */
export const residual = defineScorer({
  name: 'residual',
  about: {
    summary: 'Minus the distance of the features from the principal space of the fit set’s features.',
    formula: 'S(x) = −‖R·(h − o)‖₂,  o = −W⁺·b',
    source: 'Wang, Li, Feng, Zhang, "ViM: Out-Of-Distribution with Virtual-logit Matching", CVPR 2022',
    family: 'distance',
    cost: 'D·(D − D′) multiplications per image; fitting computes all eigenvectors of a (D, D) matrix',
    defaults: residualDefaults,
  },
  params: residualParams,
  fit: ({ dimension }) =>
    learnsFrom(['headInput'], (_, at) => learnResidual(principalDimension(at.head.weight.shape[1]!, dimension), at)),
  score: ({ headInput }, _, { learnt }) => residualLength(headInput, learnt).neg().cast('float32'),
});
