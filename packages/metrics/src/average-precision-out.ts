import { defineMetric } from '@farout/core';
import { averagePrecision, oodPositive } from './detection-curve.ts';

/**
 * Average precision with OOD positive: Σ (Rₙ − Rₙ₋₁) · Pₙ over the distinct scores, ascending, without interpolation.
 * Depends on the sizes of the sets; N_ood / (N_id + N_ood) when all scores are equal.
 *
 * Fraction, 0..1, higher is better. Source: scikit-learn's `average_precision_score` on the negated scores. The ReAct paper's trapezoid
 * rule gives a different number: see `aupr-out`.
 */
export const averagePrecisionOut = defineMetric({
  name: 'average-precision-out',
  title: 'Average precision, out',
  about: {
    summary: 'Average precision with OOD positive, without interpolation.',
    formula: 'Σ (Rₙ − Rₙ₋₁) · Pₙ',
    source: 'scikit-learn, average_precision_score on negated scores',
  },
  better: 'higher',
  dependsOnSizes: true,
  fast: true,
  value: (curve) => averagePrecision(oodPositive(curve)),
});
