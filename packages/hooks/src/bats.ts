import { defineHook, learnsFrom, z } from '@farout/core';
import { UnitStatistics } from './unit-statistics.ts';

/**
 * BATS, typical features: each feature is clipped to its typical range on the fit set,
 *
 * h̄_d = min(max(h_d, μ_d − λσ_d), μ_d + λσ_d),   μ_d and σ_d its mean and population standard deviation.
 *
 * Zhu et al., "Boosting Out-of-distribution Detection with Typical Features", NeurIPS 2022. The authors take μ and σ from the last batch
 * normalisation. Here they come from the pooled features, which every network has, as in the code of CoRP (`utils_ood.py`).
 *
 * features h, shape (N, D) → (N, D). `learnt.mean` and `learnt.deviation`: float64 (D).
 */
export const bats = defineHook({
  name: 'bats',
  about: {
    summary: 'Clips each feature to within λ standard deviations of its mean on the fit set.',
    formula: 'h̄_d = min(max(h_d, μ_d − λσ_d), μ_d + λσ_d)',
    source: 'Zhu et al., "Boosting Out-of-distribution Detection with Typical Features", NeurIPS 2022',
    family: 'features',
    cost: 'Two comparisons per feature; learns in one pass over the features.',
    defaults: 'λ = 1.25, as in the paper; the code of CoRP uses 1.05 for ImageNet',
  },
  params: z.object({
    lambda: z.number().positive().default(1.25).describe('λ, half the width of the range in standard deviations'),
  }),
  fit: () =>
    learnsFrom(['features'], async (rows) => {
      const statistics = new UnitStatistics();
      for await (const { features } of rows) statistics.add(features);
      const { mean, deviation } = statistics.moments();
      const shape = [mean.length];
      return { mean: { data: mean, shape }, deviation: { data: deviation, shape } };
    }),
  features: (h, { lambda }, { learnt }) => {
    const reach = learnt.deviation!.mul(lambda);
    const [low, high] = [learnt.mean!.sub(reach).cast('float32'), learnt.mean!.add(reach).cast('float32')];
    return h.minimum(high).maximum(low);
  },
});
