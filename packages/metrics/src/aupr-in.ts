import { defineMetric } from '@farout/core';
import { idPositive, trapezoidArea } from './detection-curve.ts';

/**
 * Area under the precision–recall curve with ID positive, by the trapezoid rule, starting at recall 0, precision 0, with one point per
 * distinct score. Depends on the sizes of the sets. Starting at precision 0 costs even a perfect detector half a step:
 * 1 − 1 / (2 N_id) without ties, ½ N_id / (N_id + N_ood) when all scores are equal.
 *
 * Fraction, 0..1, higher is better. Source: AUIN in the code of Sun et al., "ReAct", NeurIPS 2021 (`util/metrics.py`). scikit-learn's
 * average precision is a different number: see `average-precision-in`.
 */
export const auprIn = defineMetric({
  name: 'aupr-in',
  title: 'AUPR-in',
  note: 'area under the precision–recall curve, ID positive; depends on the sizes of the sets',
  about: {
    summary: 'Area under the precision–recall curve with ID positive, by the trapezoid rule from (0, 0).',
    source: 'Sun, Guo, Li, "ReAct", NeurIPS 2021, code (util/metrics.py)',
  },
  better: 'higher',
  dependsOnSizes: true,
  fast: true,
  value: (curve) => trapezoidArea(idPositive(curve)),
});
