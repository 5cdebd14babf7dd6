import { defineHook, z } from '@farout/core';

/**
 * DAVIS: features that keep what the mean over places dilutes. In the place of the mean stands, of every channel of the map m that the
 * global pooling reads,
 *
 * h̄ = max m   or   h̄ = mean m + γ · std m,   both over the n places, std with n − 1.
 *
 * Code of DAVIS (epsilon-2007), `utils/score.py`. There a hook such as ReAct, ASH or SCALE follows; of SCALE it is the variant
 * `scale: { largest: quantile }`.
 *
 * map, shape (N, D, H, W) → features (N, D), whatever they were before: so no hook stands before it. Of a map of one place std is 0.
 * `readings.pooled`: (N, D), D · 4 bytes an image.
 */
export const davis = defineHook({
  name: 'davis',
  about: {
    summary: 'Takes the maximum of each channel of the last map, or its mean and standard deviation, for its feature.',
    formula: 'h̄ = max m  or  h̄ = mean m + γ · std m, over the places of the map that is pooled',
    source:
      'DAVIS: Out-of-distribution Detection via Dominant Activation and Variance for Increased Separation (code of epsilon-2007)',
    family: 'maps',
    cost: 'A pass over the images, which keeps as many numbers of each as the features have.',
    defaults: 'max; γ = 0.5, one of the weights of the standard deviation in the scripts of the authors',
  },
  first: true,
  params: z.object({
    pool: z.enum(['max', 'mean-std']).default('max').describe('what stands for the places of a channel'),
    gamma: z.number().default(0.5).describe('γ, the weight of the standard deviation, for mean-std'),
  }),
  readings: ({ tap }, { pool, gamma }) => {
    const map = tap();
    if (pool === 'max') return { pooled: map.max([2, 3]) };
    const places = Number(map.shape[2]) * Number(map.shape[3]);
    const deviation = map.std([2, 3]).mul(Math.sqrt(places / Math.max(places - 1, 1)));
    return { pooled: map.mean([2, 3]).add(deviation.mul(gamma)) };
  },
  features: (_, __, { readings }) => readings.pooled!,
});
