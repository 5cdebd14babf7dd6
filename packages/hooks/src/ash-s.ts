import { defineHook, z } from '@farout/core';
import { largestUnits, scaledBy, sumRatio } from './largest-units.ts';
import { percent } from './percent.ts';

/**
 * ASH-S, activation shaping by scaling: of each image the k = D − round(D · p / 100) largest features stay, times eʳ, the others
 * become 0;
 *
 * r = Σ h / Σ_{k largest} h.
 *
 * Djurisic, Bozanic, Ashok, Liu, "Extremely Simple Activation Shaping for Out-of-Distribution Detection", ICLR 2023; code of the
 * authors, `ash.py`. Exactly k stay: of equals at the cut the first ones. An image whose features are all 0 keeps them, where
 * the authors' code gives NaN; an r above 64 counts as 64. With p = 0 all features are multiplied by e.
 *
 * features h, shape (N, D), meant for such as are not negative → (N, D).
 */
export const ashS = defineHook({
  name: 'ash-s',
  about: {
    summary: 'Keeps the largest features of each image and scales them up by what share of the sum the others had.',
    formula:
      'h̄_d = h_d · eʳ if it is one of the k = D − round(D · p / 100) largest, else 0;  r = Σ h / Σ_{k largest} h',
    source: 'Djurisic et al., "Extremely Simple Activation Shaping for Out-of-Distribution Detection", ICLR 2023',
    family: 'features',
    cost: 'A partial sort of the D features of each image.',
    defaults: 'p = 90, as the authors have it for ImageNet',
  },
  params: z.object({
    percentile: percent('percentile').default(90).describe('p, in percent: how many of the features become 0'),
  }),
  features: (h, { percentile }) => {
    const { values, indices } = largestUnits(h, percentile);
    return h.filled(0).putAlong(indices, scaledBy(values, sumRatio(h, values)));
  },
});
