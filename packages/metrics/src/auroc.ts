import { defineMetric } from '@farout/core';

/**
 * Area under the ROC curve: the probability that an ID score exceeds an OOD score, a tie counting one half;
 * (#(id > ood) + ½ #(id = ood)) / (N_id · N_ood). The same number whichever set is called positive.
 *
 * Fraction, 0..1, 0.5 = chance, higher is better. Counted as twice Mann and Whitney's U: where weights are whole
 * numbers an integer, so that the one division is the only rounding, up to 67 million images a set.
 */
export const auroc = defineMetric({
  name: 'auroc',
  title: 'AUROC',
  about: {
    summary: 'Area under the ROC curve: how often an ID score exceeds an OOD score, a tie counting one half.',
    formula: '(#(id > ood) + ½ #(id = ood)) / (N_id · N_ood)',
  },
  better: 'higher',
  byDefault: true,
  interval: 'delong',
  value: ({ id, ood, idTotal, oodTotal }) => {
    let twiceU = 0;
    let above = 0;
    for (let at = 0; at < id.length; at++) {
      // Twice the OOD images below this score and once those at it.
      twiceU += id[at]! * (2 * (oodTotal - above) - ood[at]!);
      above += ood[at]!;
    }
    return twiceU / (2 * idTotal * oodTotal);
  },
});
