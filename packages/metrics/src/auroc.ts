import { defineMetric } from '@farout/core';

/**
 * Area under the ROC curve: the probability that an ID score exceeds an OOD score, a tie counting one half;
 * (#(id > ood) + ½ #(id = ood)) / (N_id · N_ood). The same number whichever set is called positive.
 *
 * Fraction, 0..1, 0.5 = chance, higher is better. Counted in integers as twice Mann and Whitney's U, so that the one
 * division is the only rounding, up to 67 million scores a set.
 */
export const auroc = defineMetric({
  name: 'auroc',
  about: {
    summary: 'Area under the ROC curve: how often an ID score exceeds an OOD score, a tie counting one half.',
    formula: '(#(id > ood) + ½ #(id = ood)) / (N_id · N_ood)',
  },
  better: 'higher',
  value: ({ idScores, oodScores, idAccepted, oodAccepted }) => {
    let twiceU = 0;
    for (let group = 0; group < idAccepted.length; group++) {
      const id = idAccepted[group]! - (idAccepted[group - 1] ?? 0);
      // Twice the OOD scores below the group and once those in it.
      twiceU += id * (2 * oodScores.length - oodAccepted[group]! - (oodAccepted[group - 1] ?? 0));
    }
    return twiceU / (2 * idScores.length * oodScores.length);
  },
});
