import type { DetectionCurve } from './detection-curve.ts';

/**
 * Area under precision over recall by the trapezoid rule: Σ (Rₙ − Rₙ₋₁) · (Pₙ + Pₙ₋₁) / 2, R = TP / positives,
 * P = TP / (TP + FP). The curve starts at R₀ = 0, P₀ = 0, as in the code of the ReAct paper.
 */
export function trapezoidArea({ positives, truePositives, falsePositives }: DetectionCurve): number {
  let sum = 0;
  let caughtBefore = 0;
  let precisionBefore = 0;
  for (let point = 0; point < truePositives.length; point++) {
    const caught = truePositives[point]!;
    const precision = caught / (caught + falsePositives[point]!);
    sum += ((caught - caughtBefore) * (precision + precisionBefore)) / 2;
    caughtBefore = caught;
    precisionBefore = precision;
  }
  return sum / positives;
}
