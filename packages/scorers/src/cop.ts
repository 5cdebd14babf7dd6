import { defineScorer, learnsFrom, z } from '@farout/core';
import { learnPrincipal, nearPrincipal } from './principal.ts';
import { unitLength } from './unit-rows.ts';

/**
 * Cosine PCA: minus the distance of the normalised features from the subspace in which the normalised features of the fit set vary most,
 *
 * S(x) = −‖(ĥ − μ) − VᵀV (ĥ − μ)‖₂,   ĥ = h(x) / ‖h(x)‖₂,
 *
 * which is principal component analysis with a cosine kernel. It learns, in float64, the mean μ, `mean` (D), and V, `axes` (q, D): the
 * fewest principal directions that explain more than `ratio` of the variance of ĥ over the fit set.
 *
 * Fang, Tao, Lv, He, Huang, Yang, "Kernel PCA for Out-of-Distribution Detection", NeurIPS 2024. The authors' code uses a ratio of 0.99 for
 * ResNet-50 on ImageNet, 0.7 when it is trained contrastively, and 0.85 for CIFAR-10. A row of zeros has no direction and stays zero.
 *
 * features h, shape (N, D) → score, (N,), in −2..0, higher = more in-distribution.
 */
export const cop = defineScorer({
  name: 'cop',
  about: {
    summary: 'Minus the distance of the normalised features from the subspace in which those of the fit set vary most.',
    formula: 'S(x) = −‖(ĥ − μ) − VᵀV (ĥ − μ)‖₂,  ĥ = h(x) / ‖h(x)‖₂',
    source: 'Fang, Tao, Lv, He, Huang, Yang, "Kernel PCA for Out-of-Distribution Detection", NeurIPS 2024',
    family: 'distance',
    cost: '2 · q · D multiplications per image; fitting computes a (D, D) covariance and its leading eigenvectors.',
    defaults: 'the authors’ code, for ResNet-50 on ImageNet',
  },
  params: z.object({
    ratio: z
      .number()
      .gt(0)
      .lt(1)
      .default(0.99)
      .describe(
        'share of the variance that the subspace explains, 0.99 for 99 %; a larger share needs more directions',
      ),
  }),
  fit: ({ ratio }) =>
    learnsFrom(['features'], async (_, { moments }) =>
      learnPrincipal(await moments('features', { normalised: true }), ratio),
    ),
  score: ({ features }, _, { learnt }) => nearPrincipal(unitLength(features), learnt),
});
