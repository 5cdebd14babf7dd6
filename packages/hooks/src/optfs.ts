import { defineHook, FaroutError, learnsFrom, z, type RowBatch, type RowStream } from '@farout/core';
import { pooledPercentile } from './pooled-percentile.ts';

/** The bins span these percentiles of the features of the fit set. */
const [lowest, highest] = [0.1, 99.9];

/** The length of θ, as chosen by the authors; it scales all logits equally. */
const length = 1000;

/**
 * OptFS, optimal feature shaping: multiplies each feature by a factor that depends on its value and is constant within each of B bins,
 *
 * h̄_d = θ(h_d) · h_d,   θ_b = 1000 · I_b / ‖I‖₂,   I_b = the mean over the fit set of Σ_{d: h_d in bin b} W_yd · h_d,   y = argmaxₖ fₖ.
 *
 * The bins have equal width between the 0.1st and the 99.9th percentile of the features of the fit set; θ is 0 outside them. Zhao et al.,
 * "Towards Optimal Feature-Shaping Methods for Out-of-Distribution Detection", ICLR 2024; code of the authors, `detector/ours.py`. Followed
 * by `energy`, it is their variant with the energy score. Their other variant sums W_yd · h̄_d, with y predicted from the unshaped
 * features.
 *
 * features h, shape (N, D) → (N, D). `learnt.theta`: float32 (B); `learnt.low`, `learnt.high`: float64 scalars.
 */
export const optfs = defineHook({
  name: 'optfs',
  about: {
    summary: 'Weights each feature by how much features of its size contribute to the predicted logits of the fit set.',
    formula: 'h̄_d = θ(h_d) · h_d,  θ_b ∝ the mean of Σ_{d: h_d in bin b} W_yd · h_d',
    source: 'Zhao et al., "Towards Optimal Feature-Shaping Methods for Out-of-Distribution Detection", ICLR 2024',
    family: 'features',
    cost: 'One look-up per feature; learns in five passes over the features.',
    defaults: '100 bins, as in the authors’ code',
  },
  params: z.object({
    bins: z.number().int().positive().max(10000).default(100).describe('B, the number of bins'),
  }),
  fit: ({ bins }) =>
    learnsFrom(['features', 'headInput', 'logits'], async (rows, { head }) => {
      const low = await pooledPercentile(rows, lowest);
      const high = await pooledPercentile(rows, highest);
      const theta = await shapingOf(rows, head.weight.data as Float32Array, { low, high, bins });
      const scalar = (value: number) => ({ data: Float64Array.of(value), shape: [] });
      return { theta: { data: theta, shape: [bins] }, low: scalar(low), high: scalar(high) };
    }),
  features: (h, { bins }, { learnt }) => {
    const [low, high] = [learnt.low!, learnt.high!];
    const value = h.cast('float64');
    const place = value.sub(low).mul(bins).div(high.sub(low));
    const theta = learnt.theta!.gather(place.clip(0, bins - 1).cast('int64'), 0);
    return value.less(low).where(0, value.greaterOrEqual(high).where(0, theta)).mul(h);
  },
});

/** The range that is divided into bins. */
interface Bins {
  readonly low: number;
  readonly high: number;
  readonly bins: number;
}

/** θ, float32 (B). */
async function shapingOf(
  rows: RowStream<'features' | 'headInput' | 'logits'>,
  weight: Float32Array,
  into: Bins,
): Promise<Float32Array> {
  const sums = new Float64Array(into.bins);
  for await (const block of rows) addContributions(block, weight, into, sums);
  const norm = Math.hypot(...sums);
  if (norm > 0) return Float32Array.from(sums, (sum) => (length * sum) / norm);
  throw new FaroutError(
    'OOD_DETECTOR_FAILED',
    'the features of the fit set contribute nothing to its predicted logits',
    {
      fix: 'Check the weights and the images of the fit set, and the hooks before this one.',
    },
  );
}

/** Adds W_yd · h_d of all rows and channels, with h_d as the head reads it, to the sum of the bin of h_d. */
function addContributions(
  { features, headInput, logits }: RowBatch<'features' | 'headInput' | 'logits'>,
  weight: Float32Array,
  { low, high, bins }: Bins,
  sums: Float64Array,
): void {
  const [[count, width], [, classes]] = [features.shape, logits.shape];
  for (let row = 0; row < count; row++) {
    const from = firstLargest(logits.data.subarray(row * classes, (row + 1) * classes)) * width;
    for (let d = 0; d < width; d++) {
      const h = features.data[row * width + d]!;
      const bin = Math.trunc(((h - low) * bins) / (high - low));
      if (h >= low && h < high) sums[Math.min(bin, bins - 1)]! += weight[from + d]! * headInput.data[row * width + d]!;
    }
  }
}

function firstLargest(logits: Float32Array): number {
  let best = 0;
  for (let k = 1; k < logits.length; k++) if (logits[k]! > logits[best]!) best = k;
  return best;
}
