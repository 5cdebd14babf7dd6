import { defineHook, z } from '@farout/core';
import { largestUnits } from './largest-units.ts';
import { percent } from './percent.ts';

/**
 * ASH-B, activation shaping by binarising: in each image the k = D − round(D · p / 100) largest features become Σ h / k and the others 0,
 * so the sum stays the same.
 *
 * Djurisic, Bozanic, Ashok, Liu, "Extremely Simple Activation Shaping for Out-of-Distribution Detection", ICLR 2023; code of the authors,
 * `ash.py`. Exactly k are filled; of equal features at the cut, the first ones.
 *
 * features h, shape (N, D) → (N, D).
 */
export const ashB = defineHook({
  name: 'ash-b',
  about: {
    summary: 'Distributes the sum of an image’s features equally among its largest ones and sets the others to 0.',
    formula: 'h̄_d = Σ h / k if h_d is one of the k = D − round(D · p / 100) largest, else 0',
    source: 'Djurisic et al., "Extremely Simple Activation Shaping for Out-of-Distribution Detection", ICLR 2023',
    family: 'features',
    cost: 'A partial sort of the D features of each image.',
    defaults: 'p = 90, as in OpenOOD',
  },
  params: z.object({
    percentile: percent('percentile').default(90).describe('p, in percent: how many of the features are set to 0'),
  }),
  presets: {
    // OpenOOD 1.5, configs/postprocessors/ash.yml, `postprocessor_sweep`.
    openood: { percentile: { sweep: [65, 70, 75, 80, 85, 90, 95] } },
  },
  features: (h, { percentile }) => {
    const { values, indices } = largestUnits(h, percentile);
    const share = h.sum(-1, { keepDims: true }).div(Number(values.shape[1]));
    return h.filled(0).putAlong(indices, share.expandAs(values));
  },
});
