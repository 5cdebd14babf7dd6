import { defineScorer, headLogits, z } from '@farout/core';

/**
 * VRA++: the energy of features rectified as in VRA-P, minus the squared distance of the features from a typical value m,
 *
 * S(x) = log Σₖ exp(W · h̄ + b)ₖ − a · Σ_d (h_d − m)²,
 * h̄ = 0 where h < α,   h where α ≤ h ≤ β,   β where h > β.
 *
 * Xu et al., "VRA: Variational Rectified Activation for Out-of-distribution Detection", NeurIPS 2023; code of the authors, `quick_ood.py`.
 * It rectifies the features itself, because it needs both h and h̄, so do not combine it with `vra-p`. Hooks on logits have no effect on
 * it.
 *
 * features h, shape (N, D), and head → score, shape (N,), unbounded, higher = more in-distribution.
 */
export const vraPlusPlus = defineScorer({
  name: 'vra++',
  about: {
    summary: 'The energy of rectified features, minus the squared distance of the features from a typical value.',
    formula: 'S(x) = log Σₖ exp(W · h̄ + b)ₖ − a · Σ_d (h_d − m)²,  h̄ = 0 where h < α, h where α ≤ h ≤ β, β where h > β',
    source: 'Xu et al., "VRA: Variational Rectified Activation for Out-of-distribution Detection", NeurIPS 2023',
    family: 'features',
    cost: 'One product with the head.',
    defaults: 'a = 0.001, m = 1.5, α = 0.3, β = 0.8, the authors’ for ResNet-50 on ImageNet',
  },
  params: z
    .object({
      low: z.number().default(0.3).describe('α, in units of the features: smaller values become 0'),
      high: z.number().default(0.8).describe('β, in units of the features: larger values become β'),
      a: z.number().min(0).default(0.001).describe('a, the weight of the distance'),
      m: z
        .number()
        .default(1.5)
        .describe('m, in units of the features: the typical value that distances are measured from'),
    })
    .refine(({ low, high }) => low <= high, { path: ['low'], error: 'low must not exceed high' }),
  score: ({ features: h, head }, { low, high, a, m }) => {
    const rectified = h.less(low).where(0, h.minimum(high));
    const away = h.sub(m).pow(2).sum().mul(a);
    return headLogits(rectified, head).logSumExp().sub(away);
  },
});
