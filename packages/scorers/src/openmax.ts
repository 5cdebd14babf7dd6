import { defineScorer, FaroutError, learnsFrom, z, type NDArray, type RowStream } from '@farout/core';
import { constant } from '@farout/tensor';
import { meansByClass, predictedAt, refuseFewer, rowAt } from './class-means.ts';
import { fitWeibull } from './weibull.ts';

/**
 * OpenMax: the log odds against an unknown class. Each of the α largest logits is reduced when the logits lie far from the mean logits of
 * its class, and the unknown class gains what they lose. For the i-th largest logit, of class k, with distance d = ‖f − μₖ‖₂ and
 * ωᵢ = (α + 1 − i) / α:
 *
 * wₖ = 1 − exp(−((d + 1 − tₖ) / λₖ)^κₖ), 0 where d + 1 < tₖ;   f′ₖ = fₖ · (1 − ωᵢ wₖ);   u = Σ ωᵢ wₖ fₖ;
 * S(x) = log Σₖ exp(f′ₖ) − u
 *
 * OpenOOD ranks by the negative probability of the unknown class, 1 / (1 + eˢ), which gives the same ranks. In float32 that probability
 * would be 1 for all images with odds below 10⁻⁸.
 *
 * μₖ is the mean of the logits of the correctly classified fit images of class k; tₖ is the smallest of the `tail` largest distances from
 * it. λₖ and κₖ are the maximum-likelihood Weibull distribution of these distances, shifted by 1 − tₖ, as libmr fits it. A class with fewer
 * than `tail` images uses them all; fitting fails if a class has fewer than three. Equal distances give a step function.
 * `learnt.means`: float64 (K, K); `learnt.scales`, `shapes`, `starts`: λ, κ, t, float64 (K).
 *
 * Bendale and Boult, "Towards Open Set Deep Networks", CVPR 2016; as in OpenOOD, with Euclidean distances of the logits.
 *
 * logits f, shape (N, K), unnormalised → score, shape (N,), log odds, unbounded, higher = more in-distribution.
 */
export const openmax = defineScorer({
  name: 'openmax',
  about: {
    summary:
      'The log odds against an unknown class, which gains what the largest logits lose for lying far from their class’s mean logits.',
    formula:
      'S(x) = log Σₖ exp(f′ₖ) − u,  f′ₖ = fₖ · (1 − ωᵢ wₖ),  u = Σ ωᵢ wₖ fₖ,  wₖ a Weibull distribution of ‖f − μₖ‖₂',
    source: 'Bendale and Boult, "Towards Open Set Deep Networks", CVPR 2016',
    family: 'logits',
    cost: 'α distances between logits per image; learns K mean logits and K distributions in two passes over the logits.',
    defaults: "OpenOOD's",
  },
  params: z.object({
    alpha: z.int().min(1).default(3).describe('α, how many of the largest logits are reduced; 3 in OpenOOD'),
    tail: z
      .int()
      .min(3)
      .default(20)
      .describe('how many of a class’s largest distances the distribution is fitted to; 20 in the paper'),
  }),
  fit: ({ alpha, tail }) =>
    learnsFrom(['logits', 'labels'], async (rows, { classes, signal }) => {
      if (alpha > classes) throw tooMany(alpha, classes);
      const { means, counts } = await meansByClass(
        rows,
        ({ logits, labels }, i) => {
          const y = labels[i]!;
          return predictedAt(logits, i) === y ? { row: rowAt(logits, i), y } : undefined;
        },
        { classes, signal },
      );
      refuseFewer(counts, 3, 'openmax needs three correctly classified images of each class');
      return { means, ...distributions(await tailsOf(rows, means.data, tail)) };
    }),
  score: ({ logits }, { alpha }, { learnt }) => {
    const f = logits.cast('float64');
    const { values, indices } = f.topK(alpha);
    const [means, scales, shapes, starts] = [learnt.means!, learnt.scales!, learnt.shapes!, learnt.starts!].map(
      (each) => each.gather(indices, 0),
    );
    const beyond = f.unsqueeze([1]).sub(means!).norm().add(1).sub(starts!).relu();
    const w = beyond.div(scales!).pow(shapes!).neg().exp().neg().add(1);
    const omega = Float64Array.from({ length: alpha }, (_, i) => (alpha - i) / alpha);
    const lost = values.mul(w).mul(constant({ data: omega, shape: [alpha] }));
    return f.putAlong(indices, values.sub(lost)).logSumExp().sub(lost.sum()).cast('float32');
  },
});

/** For each class, the largest distances of its correctly classified images from their mean, ascending. */
async function tailsOf(
  rows: RowStream<'logits' | 'labels'>,
  means: Float64Array,
  size: number,
): Promise<readonly (readonly number[])[]> {
  const classes = Math.sqrt(means.length);
  const tails = Array.from({ length: classes }, (): number[] => []);
  for await (const { logits, labels } of rows) {
    for (let i = 0; i < labels.length; i++) {
      const y = labels[i]!;
      if (predictedAt(logits, i) !== y) continue;
      const [row, tail] = [rowAt(logits, i), tails[y]!];
      let square = 0;
      for (let k = 0; k < classes; k++) square += (row[k]! - means[y * classes + k]!) ** 2;
      const distance = Math.sqrt(square);
      const above = tail.findIndex((each) => each > distance);
      tail.splice(above < 0 ? tail.length : above, 0, distance);
      if (tail.length > size) tail.shift();
    }
  }
  return tails;
}

/** libmr shifts distances so that the smallest of a tail is 1. */
function distributions(
  tails: readonly (readonly number[])[],
): Readonly<Record<'scales' | 'shapes' | 'starts', NDArray>> {
  const fitted = tails.map((tail) => fitWeibull(tail.map((each) => each + 1 - tail[0]!)));
  const array = (data: readonly number[]) => ({ data: Float64Array.from(data), shape: [data.length] });
  return {
    scales: array(fitted.map(({ scale }) => scale)),
    shapes: array(fitted.map(({ shape }) => shape)),
    starts: array(tails.map((tail) => tail[0]!)),
  };
}

const tooMany = (alpha: number, classes: number) =>
  new FaroutError('OOD_DETECTOR_FAILED', `openmax cannot revise ${alpha} logits: the network has ${classes} classes`, {
    fix: `Set \`alpha\` to ${classes} or less.`,
  });
