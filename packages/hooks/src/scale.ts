import { defineHook, z } from '@farout/core';
import type { Tensor } from '@farout/tensor';
import { largestUnits, scaledBy, sumRatio } from './largest-units.ts';
import { percent } from './percent.ts';

/**
 * SCALE: all features of an image times eʳ,
 *
 * r = Σ h / Σ_{k largest} h,   k = D − round(D · p / 100).
 *
 * Xu, Chen, Franchi, Yao, "Scaling for Training Time and Post-hoc Out-of-distribution Detection Enhancement", ICLR 2024; code of the
 * authors, `openood/networks/scale_net.py`. With `largest: quantile` those count that are at least the p-th percentile, which
 * is one of the features ("higher"), as in the code of DAVIS: a feature more where D · p / 100 is hardly a whole number, and all
 * equals at the cut. An image whose features are all 0 keeps them, where the authors' code gives NaN; an r above 64 counts as 64.
 * With p = 0 all features are multiplied by e.
 *
 * features h, shape (N, D), meant for such as are not negative → (N, D).
 */
export const scale = defineHook({
  name: 'scale',
  about: {
    summary: 'Scales all features of an image up by what share of their sum lies outside the largest ones.',
    formula: 'h̄ = h · eʳ,  r = Σ h / Σ_{k largest} h,  k = D − round(D · p / 100)',
    source: 'Xu et al., "Scaling for Training Time and Post-hoc Out-of-distribution Detection Enhancement", ICLR 2024',
    family: 'features',
    cost: 'A partial sort of the D features of each image.',
    defaults: 'p = 85, as the authors have it for ImageNet',
  },
  params: z.object({
    percentile: percent('percentile').default(85).describe('p, in percent: how many of the features count as small'),
    largest: z
      .enum(['count', 'quantile'])
      .default('count')
      .describe('which features are the largest: exactly k of them, or all from the p-th percentile up, as in DAVIS'),
  }),
  presets: {
    // OpenOOD 1.5, configs/postprocessors/scale.yml, `postprocessor_sweep`.
    openood: { percentile: { sweep: [65, 70, 75, 80, 85, 90, 95] } },
  },
  features: (h, { percentile, largest }) =>
    scaledBy(h, sumRatio(h, largest === 'count' ? largestUnits(h, percentile).values : fromQuantile(h, percentile))),
});

/** h where it is at least its p-th percentile, elsewhere 0. */
function fromQuantile(h: Tensor, percentile: number): Tensor {
  const cut = h.quantile(percentile / 100, -1, { interpolation: 'higher', keepDims: true }).detach();
  return h.greaterOrEqual(cut).where(h, 0);
}
