import { defineHook, learnsFrom, z, type RowStream } from '@farout/core';
import { concat, type Tensor } from '@farout/tensor';
import { percent } from './percent.ts';
import { percentileInPlace } from './percentile.ts';
import { SortedColumns } from './sorted-columns.ts';

/**
 * LINe, leveraging important neurons: only the neurons and weights that contribute to the predicted class y count,
 *
 * f̄ₖ = Σ_d min(h_d, c) · W_kd · [A_yd > its p_a-th percentile over d] · [|A_yd| · W_kd > their p_w-th percentile over k and d] + bₖ,
 * y = argmaxₖ (W · min(h, c) + b)ₖ,   A_yd = the mean of h_d over the fit set's images of class y, times W_yd.
 *
 * Ahn, Park, Kim, "LINe: Out-of-Distribution Detection by Leveraging Important Neurons", CVPR 2023; code of the authors, `models/route.py`.
 * A is their Taylor score, the feature times the gradient of the true class's logit, computed from unclipped features. For a class without
 * images no neuron counts: where it is predicted, f̄ = b, as with the empty class mean in their code. Earlier hooks on the logits only
 * affect the choice of y.
 *
 * features (N, D), logits (N, K) → (N, K). `learnt.least`: float32 (K, D); in channel d the weights above it count for the class; none
 * count where it is infinite. It is the largest weight that is dropped, so it represents both brackets exactly.
 */
export const line = defineHook({
  name: 'line',
  about: {
    summary: 'Clips features at c and counts only the neurons and weights that contribute to the predicted class.',
    formula:
      'f̄ₖ = Σ_d min(h_d, c) · W_kd · [A_yd > its p_a-th percentile] · [|A_yd| · W_kd > their p_w-th percentile] + bₖ',
    source: 'Ahn, Park, Kim, "LINe: Out-of-Distribution Detection by Leveraging Important Neurons", CVPR 2023',
    family: 'features',
    cost: 'K · D comparisons and 64 KB of memory per image; learns by sorting D columns of K weights.',
    defaults: 'c = 0.8, p_w = 10, p_a = 10, the authors’ for ResNet-50 on ImageNet',
  },
  params: z.object({
    c: z.number().positive().default(0.8).describe('c, the value that features are clipped at'),
    weights: percent('weights').default(10).describe('p_w, in percent: how many weights are dropped for a class'),
    neurons: percent('neurons').default(10).describe('p_a, in percent: how many neurons are dropped for a class'),
  }),
  fit: ({ weights, neurons }) =>
    learnsFrom(['headInput', 'labels'], async (rows, { head, classes, signal }) => {
      const width = head.weight.shape[1]!;
      const w = head.weight.data as Float32Array;
      const { means, counts } = await classMeans(rows, classes, width);
      const columns = new SortedColumns(w, width);
      const least = new Float32Array(classes * width).fill(Infinity);
      for (let y = 0; y < classes; y++) {
        signal.throwIfAborted();
        if (counts[y] === 0) continue;
        const own = means.subarray(y * width, (y + 1) * width).map((mean, d) => mean * w[y * width + d]!);
        const sizes = own.map(Math.abs);
        const largest = columns.largestUpTo(sizes, columns.percentile(sizes, weights));
        const unimportant = percentileInPlace(own.slice(), neurons);
        own.forEach((each, d) => {
          if (each > unimportant) least[y * width + d] = largest[d]!;
        });
      }
      return { least: { data: least, shape: [classes, width] } };
    }),
  features: (h, { c }) => h.minimum(c),
  logits: (z, _, { headInput, head, learnt }) => {
    const least = learnt.least!.gather(z.argMax(), 0).unsqueeze([1]);
    const column = headInput.unsqueeze([2]);
    const parts = someClasses(head.weight).map((w) => w.greater(least).where(w, 0).matmul(column));
    return concat(parts, 1).reshape(z.shape).add(head.bias);
  },
});

/** Numbers per image in memory at a time; at least one row of the head. */
const numbersAtOnce = 16384;

/** The rows of the head in blocks, so that the whole (N, K, D) mask is never in memory. */
function someClasses(weight: Tensor): Tensor[] {
  const [classes, width] = weight.shape.map(Number) as [number, number];
  const size = Math.max(Math.floor(numbersAtOnce / width), 1);
  return Array.from({ length: Math.ceil(classes / size) }, (_, block) =>
    weight.slice(0, block * size, Math.min((block + 1) * size, classes)),
  );
}

/** The class means, float64 (K, D), zeros for a class without rows; and the number of rows of each class. */
async function classMeans(
  rows: RowStream<'headInput' | 'labels'>,
  classes: number,
  width: number,
): Promise<{ readonly means: Float64Array; readonly counts: Float64Array }> {
  const sums = new Float64Array(classes * width);
  const counts = new Float64Array(classes);
  for await (const { headInput, labels } of rows) {
    for (const [i, y] of labels.entries()) {
      counts[y]!++;
      for (let d = 0; d < width; d++) sums[y * width + d]! += headInput.data[i * width + d]!;
    }
  }
  return { means: sums.map((sum, at) => sum / Math.max(counts[Math.floor(at / width)]!, 1)), counts };
}
