import { defineHook, learnsFrom, z, type Learnt, type RowStream } from '@farout/core';
import { channelPercentiles } from './channel-percentiles.ts';
import { percent } from './percent.ts';
import { pooledPercentile } from './pooled-percentile.ts';

const defaults = { low: 0.5, high: 1 };

const params = z
  .object({
    low: z.number().optional().describe('α, in units of the features: what is smaller becomes 0; 0.5 when absent'),
    high: z.number().optional().describe('β, in units of the features: what is larger becomes β; 1 when absent'),
    percentiles: z
      .tuple([percent('percentiles'), z.number().max(100)])
      .refine(([low, high]) => low < high, 'the lower percentile comes first')
      .optional()
      .describe('in percent, such as [10, 90]: α and β are these percentiles of the features of the fit set'),
    per: z
      .enum(['all', 'channel'])
      .default('all')
      .describe('whether the percentiles are those of all features together, or each channel has its own'),
    below: z
      .enum(['zero', 'low'])
      .default('zero')
      .describe('what features below α become: 0, as with the authors, or α, as in OpenOOD'),
    lambda: z.number().default(0).describe('λ, added to the features between α and β; VRA+ of the authors'),
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
 * VRA-P, variational rectified activation, piecewise: small features become 0, large ones are cut off,
 *
 * h̄ = 0 where h < α,   h + λ where α ≤ h ≤ β,   β where h > β.
 *
 * Xu et al., "VRA: Variational Rectified Activation for Out-of-distribution Detection", NeurIPS 2023; code of the authors,
 * `quick_ood.py`, and with λ (VRA+) `models/resnet.py`. OpenOOD's code gives α and not 0 where h < α: `below: low`.
 *
 * α and β are given, or learnt as percentiles of the fit set: of all features, or per channel as in the authors' code for CIFAR.
 * `learnt.low`, `learnt.high`: float64 scalars, or (D).
 *
 * features h, shape (N, D) → (N, D).
 */
export const vraP = defineHook({
  name: 'vra-p',
  about: {
    summary: 'Sets features below α to 0 and cuts off what exceeds β.',
    formula: 'h̄ = 0 where h < α, h where α ≤ h ≤ β, β where h > β',
    source: 'Xu et al., "VRA: Variational Rectified Activation for Out-of-distribution Detection", NeurIPS 2023',
    family: 'features',
    cost: 'Two comparisons a feature; percentiles are learnt in two passes over the features, those of channels in four.',
    defaults: 'α = 0.5 and β = 1, as the authors have it for ResNet-50 on ImageNet',
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
