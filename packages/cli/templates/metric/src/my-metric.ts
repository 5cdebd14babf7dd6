import { defineMetric } from '@farout/core';

/**
 * Youden's J: the largest TPR − FPR over all thresholds, where TPR is the share of ID images that are accepted and FPR that
 * of OOD images. It is the Kolmogorov–Smirnov distance between the two sets of scores as long as ID scores are the higher.
 *
 * Fraction, 0..1, 0 = chance, higher is better.
 */
export const metric = defineMetric({
  name: 'my-metric',
  title: "Youden's J",
  about: {
    summary: "Youden's J: how far one threshold parts the two sets at best.",
    formula: 'J = maxₜ TPR(t) − FPR(t)',
    source: 'Youden, "Index for rating diagnostic tests", Cancer 3, 1950',
  },
  better: 'higher',
  // From the highest score down; a threshold above all of them accepts nothing, and J is 0 there.
  value: ({ id, ood, idTotal, oodTotal }) => {
    let best = 0;
    let idAccepted = 0;
    let oodAccepted = 0;
    for (let at = 0; at < id.length; at++) {
      idAccepted += id[at];
      oodAccepted += ood[at];
      best = Math.max(best, idAccepted / idTotal - oodAccepted / oodTotal);
    }
    return best;
  },
});
