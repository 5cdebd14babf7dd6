import { defineHook, z } from '@farout/core';
import { largestUnits, sumRatio } from './largest-units.ts';
import { percent } from './percent.ts';

/**
 * LTS, logit scaling: multiplies all logits of an image, including their bias, by r²,
 *
 * r = Σ max(h, 0) / Σ_{k largest} max(h, 0),   k = D − round(D · p / 100).
 *
 * Djurisic, Liu, Nikolić, "Logit Scaling for Out-of-Distribution Detection", 2024; code of the authors, `lts.py`. h are the features after
 * the other hooks. If none of them is above 0, r = 1, where the authors' code returns NaN. With p = 0 nothing changes.
 *
 * features h, shape (N, D), and logits, (N, K) → (N, K).
 */
export const lts = defineHook({
  name: 'lts',
  about: {
    summary: 'Scales the logits of an image up, more if less of its feature sum lies in the largest features.',
    formula: 'f̄ = f · r²,  r = Σ max(h, 0) / Σ_{k largest} max(h, 0),  k = D − round(D · p / 100)',
    source: 'Djurisic, Liu, Nikolić, "Logit Scaling for Out-of-Distribution Detection", 2024',
    family: 'features',
    cost: 'A partial sort of the D features of each image.',
    defaults: 'p = 95, the authors’ for all networks',
  },
  params: z.object({
    percentile: percent('percentile').default(95).describe('p, in percent: how many of the features count as small'),
  }),
  logits: (f, { percentile }, { features }) => {
    const h = features.relu();
    return f.mul(sumRatio(h, largestUnits(h, percentile).values).pow(2));
  },
});
