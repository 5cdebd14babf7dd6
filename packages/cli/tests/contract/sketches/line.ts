import { defineHook, learnsFrom, z, type RowStream } from '@farout/core';
import { constant, input } from '@farout/tensor';

/**
 * LINe: of the predicted class y alone those neurons and weights count that contribute to it. With A (K, D), row y the mean over the
 * fit set's images of class y of h ∘ w_y,
 *
 * fₖ = Σ_d min(h_d, c) · [A_yd > its p_a-th percentile in row y] · W_kd · [|A_yd| · W_kd > their p_w-th percentile, all k and d] + bₖ,
 * y = argmaxₖ (W · min(h, c) + b)ₖ.
 *
 * features (N, D), logits (N, K) → (N, K); needs (N, K, D) numbers at once. Ahn, Park, Kim, "LINe: Out-of-Distribution Detection by
 * Leveraging Important Neurons", CVPR 2023.
 */
export const line = defineHook({
  name: 'line',
  params: z.object({
    c: z.number().positive().default(0.8).describe('where activations are cut off'),
    weights: z.number().min(0).max(100).default(10).describe('p_w, in percent'),
    activations: z.number().min(0).max(100).default(10).describe('p_a, in percent'),
  }),
  fit: ({ weights, activations }) =>
    learnsFrom(['features', 'labels'], async (rows, { head, classes, compile }) => {
      const width = head.weight.shape[1]!;
      const w = constant(head.weight).cast('float64');
      const means = input('means', [classes, width], 'float64');
      const contributions = means.mul(w);
      const run = await compile({
        contributions,
        neurons: contributions
          .greater(contributions.quantile(activations / 100, 1, { keepDims: true }))
          .cast('float32'),
      });
      const learnt = await run({ means: { data: await classMeans(rows, classes, width), shape: [classes, width] } });
      const own = input('own', [1, width], 'float64');
      const one = await compile({
        least: own
          .abs()
          .mul(w)
          .flatten()
          .quantile(weights / 100),
      });
      const data = new Float64Array(classes);
      for (let y = 0; y < classes; y++) {
        const row = learnt.contributions!.data.slice(y * width, (y + 1) * width);
        data[y] = Number((await one({ own: { data: row, shape: [1, width] } })).least!.data[0]);
      }
      return { ...learnt, least: { data, shape: [classes, 1, 1] } };
    }),
  features: (h, { c }) => h.minimum(c),
  logits: (z, _, { features, head, learnt }) => {
    const y = z.argMax();
    const size = learnt.contributions!.abs().gather(y, 0).unsqueeze([1]);
    const counts = size.mul(head.weight.cast('float64')).greater(learnt.least!.gather(y, 0));
    const kept = counts.where(head.weight, 0);
    const active = features.mul(learnt.neurons!.gather(y, 0)).unsqueeze([1]);
    return active.mul(kept).sum().add(head.bias);
  },
});

/** (K, D); zeros for a class without rows. */
async function classMeans(
  rows: RowStream<'features' | 'labels'>,
  classes: number,
  width: number,
): Promise<Float64Array> {
  const sums = new Float64Array(classes * width);
  const counts = new Float64Array(classes);
  for await (const { features, labels } of rows) {
    for (const [i, y] of labels.entries()) {
      counts[y]!++;
      for (let d = 0; d < width; d++) sums[y * width + d]! += features.data[i * width + d]!;
    }
  }
  return sums.map((sum, at) => sum / Math.max(counts[Math.floor(at / width)]!, 1));
}
