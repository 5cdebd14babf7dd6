import { defineHook, z } from '@farout/core';

/**
 * DAVIS: features that keep what the mean over places dilutes. In the place of the mean stands, of every channel of the map m that the
 * global pooling reads,
 *
 * h̄ = max m   or   h̄ = mean m + γ · std m,   both over the n places, std with n − 1.
 *
 * Map (N, D, H, W) → features (N, D), whatever they were before: so no hook stands before it. Code of DAVIS (epsilon-2007), `utils/score.py`.
 */
export const davis = defineHook({
  name: 'davis',
  first: true,
  params: z.object({
    pool: z.enum(['max', 'mean-std']).default('max').describe('what stands for the places of a channel'),
    gamma: z.number().default(0.5).describe('γ, the weight of the standard deviation, for mean-std'),
  }),
  readings: ({ tap }, { pool, gamma }) => {
    const map = tap();
    if (pool === 'max') return { pooled: map.max([2, 3]) };
    const places = Number(map.shape[2]) * Number(map.shape[3]);
    const deviation = map.std([2, 3]).mul(Math.sqrt(places / (places - 1)));
    return { pooled: map.mean([2, 3]).add(deviation.mul(gamma)) };
  },
  features: (_, __, { readings }) => readings.pooled!,
});
