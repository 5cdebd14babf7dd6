import { defineHook, learnsFrom, z, type Learnt, type RowStream } from '@farout/core';
import { channelPercentiles } from './channel-percentiles.ts';
import { percent } from './percent.ts';
import { pooledPercentile } from './pooled-percentile.ts';

const defaults = { low: 0.5, high: 1 };

const params = z
  .object({
    low: z.number().optional().describe('α, in units of the features: smaller values become 0; default: 0.5'),
    high: z.number().optional().describe('β, in units of the features: larger values become β; default: 1'),
    percentiles: z
      .tuple([percent('percentiles'), z.number().max(100)])
      .refine(([low, high]) => low < high, 'the lower percentile comes first')
      .optional()
      .describe('in percent, such as [10, 90]: α and β are these percentiles of the features of the fit set'),
    per: z
      .enum(['all', 'channel'])
      .default('all')
      .describe('whether the percentiles are taken over all features together, or per channel'),
    below: z
      .enum(['zero', 'low'])
      .default('zero')
      .describe('what features below α become: 0, as in the authors’ code, or α, as in OpenOOD'),
    lambda: z.number().default(0).describe('λ, added to the features between α and β; the authors’ VRA+'),
  })
  .refine(({ percentiles, low, high }) => percentiles === undefined || (low === undefined && high === undefined), {
    path: ['percentiles'],
    error: 'percentiles and low or high exclude each other: α and β are given, or learnt',
  })
  .refine(({ low = defaults.low, high = defaults.high }) => low <= high, {
    path: ['low'],
    error: 'low must not exceed high',
  });

/**
 * VRA-P, piecewise variational rectified activation: small features become 0, large ones are clipped,
 *
 * h̄ = 0 where h < α,   h + λ where α ≤ h ≤ β,   β where h > β.
 *
 * Xu et al., "VRA: Variational Rectified Activation for Out-of-distribution Detection", NeurIPS 2023; code of the authors, `quick_ood.py`,
 * and with λ (VRA+) `models/resnet.py`. OpenOOD's code returns α instead of 0 where h < α: `below: low`.
 *
 * α and β are given, or learnt as percentiles of the fit set: over all features, or per channel as in the authors' code for CIFAR.
 * `learnt.low`, `learnt.high`: float64 scalars, or (D).
 *
 * features h, shape (N, D) → (N, D).
 */
export const vraP = defineHook({
  name: 'vra-p',
  about: {
    summary: 'Sets features below α to 0 and clips those above β.',
    formula: 'h̄ = 0 where h < α, h where α ≤ h ≤ β, β where h > β',
    source: 'Xu et al., "VRA: Variational Rectified Activation for Out-of-distribution Detection", NeurIPS 2023',
    family: 'features',
    cost: 'Two comparisons per feature; learns percentiles in two passes over the features, per-channel percentiles in four.',
    defaults: 'α = 0.5 and β = 1, the authors’ for ResNet-50 on ImageNet',
  },
  params,
  presets: {
    // OpenOOD 1.5, configs/postprocessors/vra.yml, `postprocessor_sweep`.
    openood: {
      percentiles: {
        sweep: [85, 90, 95, 99].flatMap((high) => [1, 5, 10, 15].map((low): [number, number] => [low, high])),
      },
      below: 'low',
    },
  },
  fit: ({ percentiles, per }) =>
    percentiles && learnsFrom(['features'], (rows) => (per === 'all' ? pooled : perChannel)(rows, percentiles)),
  features: (h, { low = defaults.low, high = defaults.high, below, lambda }, { learnt }) => {
    const [alpha, beta] = [learnt.low?.cast('float32') ?? low, learnt.high?.cast('float32') ?? high];
    const small = below === 'zero' ? h.filled(0) : h.filled(0).add(alpha);
    return h.greater(beta).where(h.filled(0).add(beta), h.less(alpha).where(small, h.add(lambda)));
  },
});

async function pooled(rows: RowStream<'features'>, [low, high]: readonly [number, number]): Promise<Learnt> {
  const at = async (p: number) => ({ data: Float64Array.of(await pooledPercentile(rows, p)), shape: [] });
  return { low: await at(low), high: await at(high) };
}

async function perChannel(rows: RowStream<'features'>, percentiles: readonly [number, number]): Promise<Learnt> {
  const [low, high] = (await channelPercentiles(rows, percentiles)) as [Float64Array, Float64Array];
  return { low: { data: low, shape: [low.length] }, high: { data: high, shape: [high.length] } };
}
