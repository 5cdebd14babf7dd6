import { defineHook, z } from '@farout/core';

/**
 * DAVIS: features that keep what a spatial mean dilutes. For every channel of the map m that the global pooling reads, the mean is replaced
 * by
 *
 * h̄ = max m   or   h̄ = mean m + γ · std m,   both over the n positions, std with n − 1.
 *
 * Code of DAVIS (epsilon-2007), `utils/score.py`. There it is followed by a hook such as ReAct, ASH or SCALE; for SCALE it is the variant
 * `scale: { largest: quantile }`.
 *
 * map, shape (N, D, H, W) → features (N, D). It ignores the features it is given, so it must be the first hook. For a map with one
 * position, std is 0. `readings.pooled`: (N, D), D · 4 bytes per image.
 */
export const davis = defineHook({
  name: 'davis',
  about: {
    summary: 'Uses the maximum of each channel of the last map as the feature, or its mean plus γ standard deviations.',
    formula: 'h̄ = max m  or  h̄ = mean m + γ · std m, over the positions of the pooled map',
    source:
      'DAVIS: Out-of-distribution Detection via Dominant Activation and Variance for Increased Separation (code of epsilon-2007)',
    family: 'maps',
    cost: 'A pass over the images; keeps D numbers per image.',
    defaults: 'max; γ = 0.5, one of the values in the authors’ scripts',
  },
  first: true,
  params: z.object({
    pool: z.enum(['max', 'mean-std']).default('max').describe('what replaces the spatial mean of a channel'),
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
