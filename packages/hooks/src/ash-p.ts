import { defineHook, z } from '@farout/core';
import { largestUnits } from './largest-units.ts';
import { percent } from './percent.ts';

/**
 * ASH-P, activation shaping by pruning: in each image the k = D − round(D · p / 100) largest features stay and the others become 0.
 *
 * Djurisic, Bozanic, Ashok, Liu, "Extremely Simple Activation Shaping for Out-of-Distribution Detection", ICLR 2023; code of the authors,
 * `ash.py`. Exactly k stay; of equal features at the cut, the first ones. With p = 0 nothing changes.
 *
 * features h, shape (N, D) → (N, D).
 */
export const ashP = defineHook({
  name: 'ash-p',
  about: {
    summary: 'Keeps the largest features of an image and sets the others to 0.',
    formula: 'h̄_d = h_d if it is one of the k = D − round(D · p / 100) largest, else 0',
    source: 'Djurisic et al., "Extremely Simple Activation Shaping for Out-of-Distribution Detection", ICLR 2023',
    family: 'features',
    cost: 'A partial sort of the D features of each image.',
    defaults: 'p = 90, which the authors use for ASH-S on ImageNet',
  },
  params: z.object({
    percentile: percent('percentile').default(90).describe('p, in percent: how many of the features are set to 0'),
  }),
  features: (h, { percentile }) => {
    const { values, indices } = largestUnits(h, percentile);
    return h.filled(0).putAlong(indices, values);
  },
});
