import { defineHook, z, type FitRows } from '@farout/core';
import { pooledPercentile } from './pooled-percentile.ts';

/** Other libraries count from 0 to 1, and less than one percent of the activations left as they are is no ReAct. */
const meantInPercent = (p: number) =>
  `percentile is in percent: write ${percent(p)} for ${p}, which would cut off ${percent(1 - p / 100)} % of the activations`;

/** A fraction in percent, without the digits that floating point adds. */
const percent = (fraction: number) => Number((100 * fraction).toPrecision(6));

/** What percent of the activations c leaves as they are, to a tenth. */
async function percentUpTo(rows: FitRows, c: number): Promise<number> {
  let [below, all] = [0, 0];
  for await (const { features } of rows) {
    for (const activation of features.data) if (activation <= c) below++;
    all += features.data.length;
  }
  return Number(((100 * below) / all).toFixed(1));
}

/**
 * ReAct, rectified activations: h̄ = min(h, c). What an out-of-distribution image excites beyond c is cut off before it
 * reaches the head.
 *
 * c is given, or learnt as a percentile p of the activations of the fit set, all units and images pooled: p % of them
 * are left as they are; 0, or 1 to 100, so that 0.9 is not taken for 90 %. `learnt.c`: a float64 scalar.
 *
 * Sun et al., "ReAct: Out-of-distribution Detection With Rectified Activations", NeurIPS 2021.
 *
 * features h, shape (N, D) → (N, D), at most c.
 */
export const react = defineHook({
  name: 'react',
  about: {
    summary: 'Cuts off what activations exceed c, before the last layer.',
    formula: 'h̄ = min(h, c),  c given or a percentile of the activations of the fit set',
    source: 'Sun, Guo, Li, "ReAct: Out-of-distribution Detection With Rectified Activations", NeurIPS 2021',
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
        ),
    })
    .refine(({ c, percentile }) => c === undefined || percentile === undefined, {
      path: ['percentile'],
      error: 'c and percentile exclude each other: c is given, or learnt as a percentile',
    }),
  fit: ({ c, percentile = 90 }) =>
    c === undefined
      ? {
          reads: ['features'],
          learn: async (rows) => ({
            c: { data: Float64Array.of(await pooledPercentile(rows, percentile)), shape: [] },
          }),
        }
      : undefined,
  sweep: {
    parameter: 'percentile',
    values: [...Array.from({ length: 19 }, (_, step) => 5 * (step + 1)), 97.5, 99, 100],
    set: (params, percentile) => ({ ...params, c: undefined, percentile }),
    chosen: ({ c, percentile = 90 }, rows) => (c === undefined ? percentile : percentUpTo(rows, c)),
  },
  features: (h, { c }, learnt) => h.minimum(c ?? learnt.c!.cast('float32')),
});
