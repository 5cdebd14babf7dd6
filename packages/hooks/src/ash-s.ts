import { defineHook, z } from '@farout/core';
import { largestUnits, scaledBy, sumRatio } from './largest-units.ts';
import { percent } from './percent.ts';

/**
 * ASH-S, activation shaping by scaling: in each image the k = D − round(D · p / 100) largest features are multiplied by eʳ and the others
 * become 0,
 *
 * r = Σ h / Σ_{k largest} h.
 *
 * Djurisic, Bozanic, Ashok, Liu, "Extremely Simple Activation Shaping for Out-of-Distribution Detection", ICLR 2023; code of the authors,
 * `ash.py`. Exactly k stay; of equal features at the cut, the first ones. All-zero features stay zero, where the authors' code returns NaN.
 * r is capped at 64. With p = 0 all features are multiplied by e.
 *
 * features h, shape (N, D), meant to be non-negative → (N, D).
 */
export const ashS = defineHook({
  name: 'ash-s',
  about: {
    summary:
      'Scales the largest features of an image up, more if less of the sum lies in them, and sets the others to 0.',
    formula:
      'h̄_d = h_d · eʳ if it is one of the k = D − round(D · p / 100) largest, else 0;  r = Σ h / Σ_{k largest} h',
    source: 'Djurisic et al., "Extremely Simple Activation Shaping for Out-of-Distribution Detection", ICLR 2023',
    family: 'features',
    cost: 'A partial sort of the D features of each image.',
    defaults: 'p = 90, the authors’ for ImageNet',
  },
  params: z.object({
    percentile: percent('percentile').default(90).describe('p, in percent: how many of the features are set to 0'),
  }),
  features: (h, { percentile }) => {
    const { values, indices } = largestUnits(h, percentile);
    return h.filled(0).putAlong(indices, scaledBy(values, sumRatio(h, values)));
  },
});
