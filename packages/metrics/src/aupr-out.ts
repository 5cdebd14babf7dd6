import { defineMetric } from '@farout/core';
import { oodPositive, trapezoidArea } from './detection-curve.ts';

/**
 * Area under the precision–recall curve with OOD positive, by the trapezoid rule, starting at recall 0, precision 0, with one point per
 * distinct score. Depends on the sizes of the sets. Starting at precision 0 costs even a perfect detector half a step:
 * 1 − 1 / (2 N_ood) without ties, ½ N_ood / (N_id + N_ood) when all scores are equal.
 *
 * Fraction, 0..1, higher is better. Source: AUOUT in the code of Sun et al., "ReAct", NeurIPS 2021 (`util/metrics.py`). scikit-learn's
 * average precision is a different number: see `average-precision-out`.
 */
export const auprOut = defineMetric({
  name: 'aupr-out',
  title: 'AUPR-out',
  note: 'area under the precision–recall curve, OOD positive; depends on the sizes of the sets',
  about: {
    summary: 'Area under the precision–recall curve with OOD positive, by the trapezoid rule from (0, 0).',
    source: 'Sun, Guo, Li, "ReAct", NeurIPS 2021, code (util/metrics.py)',
  },
  better: 'higher',
  dependsOnSizes: true,
  fast: true,
  value: (curve) => trapezoidArea(oodPositive(curve)),
});
