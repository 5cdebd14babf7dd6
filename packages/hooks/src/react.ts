import { defineHook, learnsFrom, z, type LearntContext } from '@farout/core';
import { asPercent } from './percent.ts';
import { pooledPercentile } from './pooled-percentile.ts';
import { activationSection, percentileSection } from './react-page.ts';

/** Other libraries count from 0 to 1, and less than one percent of the activations left as they are is no ReAct. */
const meantInPercent = (p: number) =>
  `percentile is in percent: write ${asPercent(p)} for ${p}, which would cut off ${asPercent(1 - p / 100)} % of the activations`;

/** c as given, or as learnt. */
const threshold = (c: number | undefined, { learnt }: LearntContext) => c ?? learnt.c!.cast('float32');

/**
 * ReAct, rectified activations: h̄ = min(h, c). What an out-of-distribution image excites beyond c is cut off before it
 * reaches the head.
 *
 * c is given, or learnt as a percentile p of the activations of the fit set, all units and images pooled: p % of them
 * are left as they are; 0, or 1 to 100, so that 0.9 is not taken for 90 %. `learnt.c`: a float64 scalar.
 *
 * Sun et al., "ReAct: Out-of-distribution Detection With Rectified Activations", NeurIPS 2021.
 *
 * features h, shape (N, D) → (N, D), at most c. With `at: map` it is the map that the global pooling reads, (N, C, H, W), whose places
 * are cut off at c, and h̄ their mean: no more than min(h, c), and less where some places lie above c and others below.
 */
export const react = defineHook({
  name: 'react',
  about: {
    summary: 'Cuts off what activations exceed c, before the last layer.',
    formula: 'h̄ = min(h, c),  c given or a percentile of the activations of the fit set',
    source: 'Sun, Guo, Li, "ReAct: Out-of-distribution Detection With Rectified Activations", NeurIPS 2021',
    family: 'features',
    cost: 'A minimum of each feature; c is learnt in two passes over those of the fit set.',
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
          'in percent, 90 and not 0.9: c is this percentile of the activations of the fit set; 90 when c is absent too, as in the paper',
        )
        .meta({ usual: 90 }),
      at: z
        .enum(['features', 'map'])
        .default('features')
        .describe(
          'what is cut off: the pooled features, as in the paper, or each place of the map before the pooling, as some libraries do; c is learnt from the pooled features either way',
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
