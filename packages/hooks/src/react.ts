import { defineHook, learnsFrom, z, type LearntContext } from '@farout/core';
import { asPercent } from './percent.ts';
import { pooledPercentile } from './pooled-percentile.ts';
import { activationSection, percentileSection } from './react-page.ts';

/** Other libraries use fractions from 0 to 1, and leaving less than one percent of the activations unchanged is not ReAct. */
const meantInPercent = (p: number) =>
  `percentile is in percent: write ${asPercent(p)} for ${p}, which would cut off ${asPercent(1 - p / 100)} % of the activations`;

/** c, as given or as learnt. */
const threshold = (c: number | undefined, { learnt }: LearntContext) => c ?? learnt.c!.cast('float32');

/**
 * ReAct, rectified activations: h̄ = min(h, c). Activations are clipped at c before they reach the head, which limits the large activations
 * that out-of-distribution images cause.
 *
 * c is given, or learnt as the percentile p of the activations of the fit set, pooled over all units and images: p % of them stay
 * unchanged. p is 0 or 1 to 100, so that 0.9 is not mistaken for 90 %. `learnt.c`: a float64 scalar.
 *
 * Sun et al., "ReAct: Out-of-distribution Detection With Rectified Activations", NeurIPS 2021.
 *
 * features h, shape (N, D) → (N, D), at most c. With `at: map`, the map that the global pooling reads, (N, C, H, W), is clipped at c at
 * every position, and h̄ is the mean of the result: at most min(h, c), and less if some positions lie above c and others below.
 */
export const react = defineHook({
  name: 'react',
  about: {
    summary: 'Clips activations at c before the last layer.',
    formula: 'h̄ = min(h, c),  c given or a percentile of all features of the fit set',
    source: 'Sun, Guo, Li, "ReAct: Out-of-distribution Detection With Rectified Activations", NeurIPS 2021',
    family: 'features',
    cost: 'One minimum per feature; learns c in two passes over the features of the fit set.',
    defaults: 'p = 90, as in the paper',
  },
  params: z
    .object({
      c: z.number().positive().optional().describe('rectification threshold, in units of the activations'),
      percentile: z
        .number()
        .min(0)
        .max(100)
        .refine((p) => p <= 0 || p >= 1, { error: ({ input }) => meantInPercent(input as number) })
        .optional()
        .describe(
          'in percent (90, not 0.9): c is this percentile of all features of all images of the fit set; default without c: 90, as in the paper',
        )
        .meta({ usual: 90 }),
      at: z
        .enum(['features', 'map'])
        .default('features')
        .describe(
          'what is clipped: the pooled features, as in the paper, or each position of the map before the pooling, as in some libraries; either way c is learnt from the pooled features',
        ),
    })
    .refine(({ c, percentile }) => c === undefined || percentile === undefined, {
      path: ['percentile'],
      error: 'c and percentile exclude each other: c is given, or learnt as a percentile',
    }),
  presets: {
    // OpenOOD 1.5, configs/postprocessors/react.yml, `postprocessor_sweep`.
    openood: { percentile: { sweep: [85, 90, 95, 99] } },
  },
  fit: ({ c, percentile = 90 }) =>
    c === undefined
      ? learnsFrom(['features'], async (rows) => ({
          c: { data: Float64Array.of(await pooledPercentile(rows, percentile)), shape: [] },
        }))
      : undefined,
  sections: [activationSection, percentileSection],
  map: ({ at, c }) => (at === 'map' ? (map, learnt) => map.minimum(threshold(c, learnt)) : undefined),
  features: (h, { at, c }, learnt) => (at === 'map' ? h : h.minimum(threshold(c, learnt))),
});
