import { defineHook, z } from '@farout/core';
import type { Tensor } from '@farout/tensor';
import { largestUnits, scaledBy, sumRatio } from './largest-units.ts';
import { percent } from './percent.ts';

/**
 * SCALE: multiplies all features of an image by eʳ,
 *
 * r = Σ h / Σ_{k largest} h,   k = D − round(D · p / 100).
 *
 * Xu, Chen, Franchi, Yao, "Scaling for Training Time and Post-hoc Out-of-distribution Detection Enhancement", ICLR 2024; code of the
 * authors, `openood/networks/scale_net.py`. With `largest: quantile`, as in the code of DAVIS, the features from the p-th percentile up
 * count; the percentile is one of the features (method "higher"). This can include one feature more if D · p / 100 is not a whole number,
 * and includes all equal features at the cut. All-zero features stay zero, where the authors' code returns NaN. r is capped at 64. With p =
 * 0 all features are multiplied by e.
 *
 * features h, shape (N, D), meant to be non-negative → (N, D).
 */
export const scale = defineHook({
  name: 'scale',
  about: {
    summary: 'Scales all features of an image up, more if less of their sum lies in the largest ones.',
    formula: 'h̄ = h · eʳ,  r = Σ h / Σ_{k largest} h,  k = D − round(D · p / 100)',
    source: 'Xu et al., "Scaling for Training Time and Post-hoc Out-of-distribution Detection Enhancement", ICLR 2024',
    family: 'features',
    cost: 'A partial sort of the D features of each image.',
    defaults: 'p = 85, the authors’ for ImageNet',
  },
  params: z.object({
    percentile: percent('percentile').default(85).describe('p, in percent: how many of the features count as small'),
    largest: z
      .enum(['count', 'quantile'])
      .default('count')
      .describe(
        'which features count as largest: exactly k (`count`), or all from the p-th percentile up (`quantile`), as in DAVIS',
      ),
  }),
  presets: {
    // OpenOOD 1.5, configs/postprocessors/scale.yml, `postprocessor_sweep`.
    openood: { percentile: { sweep: [65, 70, 75, 80, 85, 90, 95] } },
  },
  features: (h, { percentile, largest }) =>
    scaledBy(h, sumRatio(h, largest === 'count' ? largestUnits(h, percentile).values : fromQuantile(h, percentile))),
});

/** h where it is at least its p-th percentile, otherwise 0. */
function fromQuantile(h: Tensor, percentile: number): Tensor {
  const cut = h.quantile(percentile / 100, -1, { interpolation: 'higher', keepDims: true }).detach();
  return h.greaterOrEqual(cut).where(h, 0);
}
