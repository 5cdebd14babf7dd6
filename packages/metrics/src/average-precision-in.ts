import { defineMetric } from '@farout/core';
import { averagePrecision, idPositive } from './detection-curve.ts';

/**
 * Average precision with ID positive: Σ (Rₙ − Rₙ₋₁) · Pₙ over the distinct scores, descending, without interpolation.
 * Depends on the sizes of the sets; N_id / (N_id + N_ood) when all scores are equal.
 *
 * Fraction, 0..1, higher is better. Source: scikit-learn's `average_precision_score`. The ReAct paper's trapezoid rule gives a different
 * number: see `aupr-in`.
 */
export const averagePrecisionIn = defineMetric({
  name: 'average-precision-in',
  title: 'Average precision, in',
  about: {
    summary: 'Average precision with ID positive, without interpolation.',
    formula: 'Σ (Rₙ − Rₙ₋₁) · Pₙ',
    source: 'scikit-learn, average_precision_score',
  },
  better: 'higher',
  dependsOnSizes: true,
  fast: true,
  value: (curve) => averagePrecision(idPositive(curve)),
});
