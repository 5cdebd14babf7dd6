import { defineMetric } from '@farout/core';

/**
 * Youden's J: the largest TPR − FPR over all thresholds, where TPR is the share of ID images that are accepted and FPR that
 * of OOD images. It is the Kolmogorov–Smirnov distance between the two sets of scores as long as ID scores are the higher.
 *
 * Fraction, 0..1, 0 = chance, higher is better.
 */
export const metric = defineMetric({
  name: 'my-metric',
  about: {
    summary: "Youden's J: how far one threshold parts the two sets at best.",
    formula: 'J = maxₜ TPR(t) − FPR(t)',
    source: 'Youden, "Index for rating diagnostic tests", Cancer 3, 1950',
  },
  better: 'higher',
  // A threshold above all scores accepts nothing: 0.
  value: ({ idScores, oodScores, idAccepted, oodAccepted }) =>
    idAccepted.reduce(
      (best, accepted, i) => Math.max(best, accepted / idScores.length - oodAccepted[i] / oodScores.length),
      0,
    ),
});
