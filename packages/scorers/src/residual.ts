import { defineScorer, learnsFrom } from '@farout/core';
import {
  learnResidual,
  principalDimension,
  residualDefaults,
  residualLength,
  residualParams,
} from './residual-space.ts';

/**
 * Residual: how far the features lie from the principal space of those of the fit set,
 *
 * S(x) = −‖R·(h(x) − o)‖₂,   o = −W⁺·b
 *
 * Wang, Li, Feng, Zhang, "ViM: Out-Of-Distribution with Virtual-logit Matching", CVPR 2022, where it is the part of ViM that does not look
 * at the logits. The rows of R, (D − D′, D), are the eigenvectors of Σ (h − o)(h − o)ᵀ over the fit set behind the D′ with the largest
 * eigenvalues; o is where all logits are 0. It learns both in float64 (residual-space.ts); the labels do not matter.
 *
 * features h, (N, D) → score, (N,), at most 0, in units of the features; higher = more in-distribution.
 */
export const residual = defineScorer({
  name: 'residual',
  about: {
    summary: 'How far the features lie from the principal space of those of the fit set.',
    formula: 'S(x) = −‖R·(h − o)‖₂,  o = −W⁺·b',
    source: 'Wang, Li, Feng, Zhang, "ViM: Out-Of-Distribution with Virtual-logit Matching", CVPR 2022',
    family: 'distance',
    cost: 'D·(D − D′) products an image; its fit takes all eigenvectors of a matrix (D, D)',
    defaults: residualDefaults,
  },
  params: residualParams,
  fit: ({ dimension }) =>
    learnsFrom(['headInput'], (_, at) => learnResidual(principalDimension(at.head.weight.shape[1]!, dimension), at)),
  score: ({ headInput }, _, { learnt }) => residualLength(headInput, learnt).neg().cast('float32'),
});
