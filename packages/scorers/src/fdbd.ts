import { defineScorer, learnsFrom, z } from '@farout/core';
import { meanOf } from './class-means.ts';

/**
 * fDBD: the distance of the features from the decision boundaries between the predicted class y and all others, relative to their distance
 * from the mean features μ of the fit set: S(x) = Σₖ (f_y − fₖ) / ‖w_y − wₖ‖₂ / ‖h − μ‖₂,   y = argmaxₖ fₖ.
 *
 * The paper takes the mean over the classes, the authors' code the sum, as here. A class without a boundary to y, because it has the same
 * weights or is masked by a logit of −∞, contributes nothing. `learnt.mean`: float64 (D); `learnt.distances`: ‖wᵢ − wⱼ‖₂, float64 (K, K), ∞
 * where it is 0.
 *
 * Liu and Qin, "Fast Decision Boundary based Out-of-Distribution Detector", ICML 2024; `normaliser: norm`, ‖h‖₂ instead of ‖h − μ‖₂, is a
 * variant from OpenOOD.
 *
 * features h, shape (N, D), and logits f, (N, K) → score, shape (N,), unitless, from 0 up, higher = more in-distribution.
 */
export const fdbd = defineScorer({
  name: 'fdbd',
  about: {
    summary:
      'The distance of the features from the decision boundaries, relative to their distance from the mean features.',
    formula: 'S(x) = Σₖ (f_y − fₖ) / ‖w_y − wₖ‖₂ / ‖h − μ‖₂,  y = argmaxₖ fₖ(x)',
    source: 'Liu and Qin, "Fast Decision Boundary based Out-of-Distribution Detector", ICML 2024',
    family: 'distance',
    cost: 'One sum over the classes per image; learns a mean and the K × K distances between the rows of the head.',
  },
  params: z.object({
    normaliser: z
      .enum(['distance', 'norm'])
      .default('distance')
      .describe('what the distances are divided by: ‖h − μ‖₂ (`distance`), as in the paper, or ‖h‖₂ (`norm`)'),
  }),
  presets: {
    // OpenOOD 1.5, configs/postprocessors/fdbd.yml, `postprocessor_sweep`.
    openood: { normaliser: { sweep: ['distance', 'norm'] } },
  },
  fit: () =>
    learnsFrom(['headInput'], async (rows, { head, signal }) => ({
      mean: await meanOf('headInput', rows, signal),
      distances: distancesBetween(head.weight.data as Float32Array, head.weight.shape[0]!),
    })),
  score: ({ headInput, logits }, { normaliser }, { learnt }) => {
    const f = logits.cast('float64');
    const gap = f.max(-1, { keepDims: true }).sub(f);
    const apart = learnt.distances!.gather(logits.argMax(), 0);
    const margins = gap.equal(Infinity).where(0, gap).div(apart).sum();
    const h = headInput.cast('float64');
    const away = normaliser === 'norm' ? h : h.sub(learnt.mean!);
    return margins.div(away.norm().maximum(tiny)).cast('float32');
  },
});

/** Smaller than any meaningful feature norm; keeps the score finite where the norm is 0. */
const tiny = 1e-12;

/** ‖wᵢ − wⱼ‖₂ between the rows of a matrix. It subtracts the rows, so that equal rows have a distance of exactly 0, stored as ∞. */
function distancesBetween(weight: Float32Array, classes: number) {
  const width = weight.length / classes;
  const data = new Float64Array(classes * classes).fill(Infinity);
  for (let i = 0; i < classes; i++) {
    for (let j = 0; j < i; j++) {
      let square = 0;
      for (let d = 0; d < width; d++) square += (weight[i * width + d]! - weight[j * width + d]!) ** 2;
      if (square > 0) data[i * classes + j] = data[j * classes + i] = Math.sqrt(square);
    }
  }
  return { data, shape: [classes, classes] };
}
