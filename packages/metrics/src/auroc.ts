import { defineMetric } from '@farout/core';

/**
 * Area under the ROC curve: the probability that an ID score exceeds an OOD score, where a tie counts one half;
 * (#(id > ood) + ½ #(id = ood)) / (N_id · N_ood). It does not depend on which set is called positive.
 *
 * Fraction, 0..1, 0.5 = chance, higher is better. Computed from twice the Mann–Whitney U, which is an integer for integer weights, so the
 * final division is the only rounding, up to 67 million images per set.
 */
export const auroc = defineMetric({
  name: 'auroc',
  title: 'AUROC',
  about: {
    summary: 'Area under the ROC curve: how often an ID score exceeds an OOD score; a tie counts one half.',
    formula: '(#(id > ood) + ½ #(id = ood)) / (N_id · N_ood)',
  },
  better: 'higher',
  byDefault: true,
  interval: 'delong',
  value: ({ id, ood, idTotal, oodTotal }) => {
    // Two scores per step, in two independent sums; a bootstrap calls this thousands of times.
    let even = 0;
    let odd = 0;
    let above = 0;
    let at = 0;
    for (; at + 1 < id.length; at += 2) {
      // Counts ID images above this score twice, and those at it once.
      even += ood[at]! * (2 * above + id[at]!);
      above += id[at]!;
      odd += ood[at + 1]! * (2 * above + id[at + 1]!);
      above += id[at + 1]!;
    }
    if (at < id.length) even += ood[at]! * (2 * above + id[at]!);
    return (even + odd) / (2 * idTotal * oodTotal);
  },
});
