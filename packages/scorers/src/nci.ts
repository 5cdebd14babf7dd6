import { defineScorer, learnsFrom, z } from '@farout/core';
import { meanOf } from './class-means.ts';

/**
 * NCI, neural collapse: how closely the features, relative to the mean features μ of the fit set, align with the weights of the predicted
 * class y, and how large they are: S(x) = ⟨w_y, h − μ⟩ / ‖h − μ‖₂ + α · ‖h‖₁,   y = argmaxₖ fₖ. `learnt.mean`: μ, float64 (D).
 *
 * Liu and Qin, "Detecting Out-of-Distribution through the Lens of Neural Collapse", CVPR 2025.
 *
 * features h, shape (N, D), logits f, (N, K), and head W, (K, D) → score, shape (N,), unbounded, in units of the weights, higher = more
 * in-distribution.
 */
export const nci = defineScorer({
  name: 'nci',
  about: {
    summary: 'How closely the features align with the weights of the predicted class, and how large they are.',
    formula: 'S(x) = ⟨w_y, h − μ⟩ / ‖h − μ‖₂ + α · ‖h‖₁,  y = argmaxₖ fₖ(x)',
    source: 'Liu and Qin, "Detecting Out-of-Distribution through the Lens of Neural Collapse", CVPR 2025',
    family: 'features',
    cost: 'One inner product per image; learns a mean.',
    defaults: "the authors' in OpenOOD",
  },
  params: z.object({
    alpha: z
      .number()
      .min(0)
      .default(1e-4)
      .describe(
        'α, how much the size of the features counts relative to their direction; 0.0001 in OpenOOD, which tries 0.0001 to 0.1',
      ),
  }),
  presets: {
    // OpenOOD 1.5, configs/postprocessors/nci.yml, `postprocessor_sweep`.
    openood: { alpha: { sweep: [1e-4, 1e-3, 1e-2, 1e-1] } },
  },
  fit: () => learnsFrom(['headInput'], async (rows, { signal }) => ({ mean: await meanOf('headInput', rows, signal) })),
  score: ({ headInput, logits, head }, { alpha }, { learnt }) => {
    const h = headInput.cast('float64');
    const away = h.sub(learnt.mean!);
    const w = head.weight.gather(logits.argMax(), 0).cast('float64');
    const towards = w.mul(away).sum().div(away.norm().maximum(tiny));
    return towards.add(h.norm(-1, { p: 1 }).mul(alpha)).cast('float32');
  },
});

/** Smaller than any meaningful norm; features equal to the mean have no direction, and the first term is 0. */
const tiny = 1e-12;
