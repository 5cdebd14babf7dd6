import { defineHook, FaroutError, learnsFrom, z, type RowStream } from '@farout/core';
import type { NDArray } from '@farout/tensor';
import { percent } from './percent.ts';
import { pooledPercentile } from './pooled-percentile.ts';

/** The authors keep 1,050 of 1,280 channels. */
const usualShare = 1050 / 1280;

const params = z.object({
  percentiles: z
    .tuple([percent('percentiles'), percent('percentiles')])
    .refine(([low, high]) => low < high, 'the lower percentile comes first')
    .default([20, 90])
    .describe('in percent: features are capped at these percentiles of the features of the fit set'),
  a: z
    .number()
    .min(0)
    .max(1)
    .default(0.8)
    .describe('a, the weight of the similarity between classes; their variance has the weight 1 − a'),
  channels: z.number().int().positive().optional().describe('k, how many channels are kept; default: 82 %'),
});

/**
 * DDCS, discriminability-driven channel selection: caps features at both ends and keeps only the channels that distinguish the classes,
 *
 * h̄_d = s(max(h_d, l)) if J_d is one of the k smallest, else 0,   s(x) = x where x < u,   x / √(1 + (x / u)⁴) + l elsewhere,
 * J_d = a · mean_{i ≠ j} μ_id μ_jd − (1 − a) · var_i μ_id,   μ_i the mean of the capped features of class i, var with n − 1.
 *
 * Yuan, He, Dong, Han, Yin, "Discriminability-Driven Channel Selection for Out-of-Distribution Detection", CVPR 2024; code of the authors
 * (rm1972/DDCS), `models/mobilenet.py` and `get_*.py`. They learn the class means from the ImageNet validation set, on which they also
 * test; here they come from the fit set. Of channels with equal J, the first stay. Classes without images do not count.
 *
 * features h, shape (N, D) → (N, D). `learnt.kept`: uint8 (D); `learnt.low`, `learnt.high`: l and u, float64 scalars.
 */
export const ddcs = defineHook({
  name: 'ddcs',
  about: {
    summary: 'Caps features at both ends and keeps only the channels that distinguish the classes.',
    formula:
      'h̄_d = s(max(h_d, l)) if J_d is one of the k smallest, else 0;  J_d = a · mean_{i ≠ j} μ_id μ_jd − (1 − a) · var_i μ_id',
    source: 'Yuan et al., "Discriminability-Driven Channel Selection for Out-of-Distribution Detection", CVPR 2024',
    family: 'features',
    cost: 'A few operations per feature; learns in five passes over the features.',
    defaults: 'percentiles 20 and 90, a = 0.8, 1,050 of 1,280 channels, the authors’ for MobileNet-v2',
  },
  params,
  fit: (own) =>
    learnsFrom(['features', 'labels'], async (rows, { classes }) => {
      const [low, high] = [
        await pooledPercentile(rows, own.percentiles[0]),
        await pooledPercentile(rows, own.percentiles[1]),
      ];
      const scores = scoresOf(await classMeans(rows, classes, (h) => capped(h, low, high)), own.a);
      const scalar = (value: number): NDArray => ({ data: Float64Array.of(value), shape: [] });
      return { kept: smallest(scores, own.channels), low: scalar(low), high: scalar(high) };
    }),
  features: (h, _, { learnt }) => {
    const [low, high] = [learnt.low!.cast('float32'), learnt.high!.cast('float32')];
    const x = h.maximum(low);
    const square = x.div(high).pow(2);
    const soft = x.div(square.mul(square).add(1).sqrt()).add(low);
    return x.less(high).where(x, soft).mul(learnt.kept!.cast('float32'));
  },
});

/** s(max(h, l)). */
function capped(h: number, low: number, high: number): number {
  const x = Math.max(h, low);
  return x < high ? x : x / Math.sqrt(1 + (x / high) ** 4) + low;
}

/** The mean of each class that has rows, (D) each. */
async function classMeans(
  rows: RowStream<'features' | 'labels'>,
  classes: number,
  value: (h: number) => number,
): Promise<Float64Array[]> {
  const counts = new Float64Array(classes);
  let sums: readonly Float64Array[] = [];
  for await (const { features, labels } of rows) {
    const width = features.shape[1];
    if (sums.length === 0) sums = Array.from({ length: classes }, () => new Float64Array(width));
    for (const [row, y] of labels.entries()) {
      counts[y]!++;
      for (let d = 0; d < width; d++) sums[y]![d]! += value(features.data[row * width + d]!);
    }
  }
  return sums.flatMap((sum, y) => (counts[y]! > 0 ? [sum.map((each) => each / counts[y]!)] : []));
}

/** J, (D). For n numbers with mean m and variance v (with n − 1), the mean product of two different ones is m² − v / n. */
function scoresOf(means: readonly Float64Array[], a: number): Float64Array {
  const count = means.length;
  if (count < 2) {
    throw new FaroutError('OOD_DETECTOR_FAILED', `DDCS compares classes, but the fit set has images of only ${count}`, {
      fix: 'Use a fit set with images of at least two classes.',
    });
  }
  return means[0]!.map((_, d) => {
    const values = means.map((mean) => mean[d]!);
    const mean = values.reduce((sum, each) => sum + each, 0) / count;
    const variance = values.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (count - 1);
    return a * (mean ** 2 - variance / count) - (1 - a) * variance;
  });
}

/** 1 for the k smallest, otherwise 0, (D). */
function smallest(scores: Float64Array, channels: number | undefined): NDArray {
  const width = scores.length;
  const count = Math.min(channels ?? Math.max(Math.round(width * usualShare), 1), width);
  const order = Array.from(scores.keys()).sort((a, b) => scores[a]! - scores[b]! || a - b);
  const kept = new Uint8Array(width);
  for (const d of order.slice(0, count)) kept[d] = 1;
  return { data: kept, shape: [width] };
}
