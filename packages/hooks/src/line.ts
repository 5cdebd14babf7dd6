import { defineHook, learnsFrom, z, type RowStream } from '@farout/core';
import { concat, type Tensor } from '@farout/tensor';
import { percent } from './percent.ts';
import { percentileInPlace } from './percentile.ts';
import { SortedColumns } from './sorted-columns.ts';

/**
 * LINe, leveraging important neurons: of the predicted class y alone those neurons and weights count that contribute to it,
 *
 * f̄ₖ = Σ_d min(h_d, c) · W_kd · [A_yd > its p_a-th percentile over d] · [|A_yd| · W_kd > their p_w-th percentile over k and d] + bₖ,
 * y = argmaxₖ (W · min(h, c) + b)ₖ,   A_yd = the mean of h_d over the fit set's images of class y, times W_yd.
 *
 * Ahn, Park, Kim, "LINe: Out-of-Distribution Detection by Leveraging Important Neurons", CVPR 2023; code of the authors,
 * `models/route.py`. A is their Taylor score, feature times gradient of the true class's logit, of features that are not cut
 * off. Of a class without images no neuron counts: where it is predicted, f̄ = b, as with a class mean of nothing there. What
 * hooks before it make of the logits only chooses y.
 *
 * features (N, D), logits (N, K) → (N, K). `learnt.least`: float32 (K, D); in channel d the weights above it count for the class,
 * none where it is infinite. It stands for both brackets, exactly: it is the largest weight that drops out.
 */
export const line = defineHook({
  name: 'line',
  about: {
    summary: 'Counts only those neurons and weights that contribute to the predicted class, of features cut off at c.',
    formula:
      'f̄ₖ = Σ_d min(h_d, c) · W_kd · [A_yd > its p_a-th percentile] · [|A_yd| · W_kd > their p_w-th percentile] + bₖ',
    source: 'Ahn, Park, Kim, "LINe: Out-of-Distribution Detection by Leveraging Important Neurons", CVPR 2023',
    family: 'features',
    cost: 'K · D comparisons an image, 64 KB of memory for each at once; it learns by sorting D columns of K weights.',
    defaults: 'c = 0.8, p_w = 10, p_a = 10, as the authors have it for ResNet-50 on ImageNet',
  },
  params: z.object({
    c: z.number().positive().default(0.8).describe('where features are cut off'),
    weights: percent('weights').default(10).describe('p_w, in percent: how many of the weights drop out for a class'),
    neurons: percent('neurons').default(10).describe('p_a, in percent: how many of the neurons drop out for a class'),
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

/** As many numbers an image stand in memory at once, at least one row of the head. */
const numbersAtOnce = 16384;

/** The rows of the head in blocks, so that (N, K, D) masks never stand in memory as a whole. */
function someClasses(weight: Tensor): Tensor[] {
  const [classes, width] = weight.shape.map(Number) as [number, number];
  const size = Math.max(Math.floor(numbersAtOnce / width), 1);
  return Array.from({ length: Math.ceil(classes / size) }, (_, block) =>
    weight.slice(0, block * size, Math.min((block + 1) * size, classes)),
  );
}

/** (K, D), float64, zeros for a class without rows; and how many rows each has. */
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
