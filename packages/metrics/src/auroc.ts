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
    // Two scores a turn, in two sums that do not wait for each other: a bootstrap asks thousands of times.
    let even = 0;
    let odd = 0;
    let above = 0;
    let at = 0;
    for (; at + 1 < id.length; at += 2) {
      // Twice the ID images above this score and once those at it.
      even += ood[at]! * (2 * above + id[at]!);
      above += id[at]!;
      odd += ood[at + 1]! * (2 * above + id[at + 1]!);
      above += id[at + 1]!;
    }
    if (at < id.length) even += ood[at]! * (2 * above + id[at]!);
    return (even + odd) / (2 * idTotal * oodTotal);
  },
});
