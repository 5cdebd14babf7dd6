import { defineScorer, learnsFrom } from '@farout/core';
import { predictedMeans } from './class-means.ts';

/**
 * CARef, class-aware relative features: how far the features lie from the mean of the predicted class, relative to their size,
 *
 * S(x) = −‖h − μ_y‖₁ / ‖h‖₁,   y = argmaxₖ fₖ.
 *
 * μₖ is the mean of the features of the fit images predicted as class k, whatever their labels; fitting fails if no image is predicted as
 * some class. `learnt.means`: float64 (K, D).
 *
 * Ling et al., "CADRef: Robust Out-of-Distribution Detection via Class-Aware Decoupled Relative Feature Leveraging", CVPR 2025.
 *
 * features h, shape (N, D), and logits f, (N, K) → score, shape (N,), unitless, at most 0, higher = more in-distribution.
 */
export const caref = defineScorer({
  name: 'caref',
  about: {
    summary: 'The distance of the features from the mean of the predicted class, relative to their size.',
    formula: 'S(x) = −‖h − μ_y‖₁ / ‖h‖₁,  μₖ the mean h of the fit images predicted as class k,  y = argmaxₖ fₖ(x)',
    source:
      'Ling et al., "CADRef: Robust Out-of-Distribution Detection via Class-Aware Decoupled Relative Feature Leveraging", CVPR 2025',
    family: 'distance',
    cost: 'One distance per image; learns K feature means.',
  },
  fit: () =>
    learnsFrom(['features', 'logits'], async (rows, at) => ({
      means: await predictedMeans('features', rows, 'caref', at),
    })),
  score: ({ features, logits }, _, { learnt }) => {
    const h = features.cast('float64');
    const away = h.sub(learnt.means!.gather(logits.argMax(), 0));
    return away
      .norm(-1, { p: 1 })
      .div(h.norm(-1, { p: 1 }).maximum(tiny))
      .neg()
      .cast('float32');
  },
});

/** Smaller than any meaningful feature norm; keeps the score of all-zero features finite. */
const tiny = 1e-12;
