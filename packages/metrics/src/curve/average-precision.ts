import type { DetectionCurve } from './detection-curve.ts';

/** Σ (Rₙ − Rₙ₋₁) · Pₙ over the curve's points, with recall R = TP / positives, precision P = TP / (TP + FP) and R₀ = 0. */
export function averagePrecision({ positives, truePositives, falsePositives }: DetectionCurve): number {
  let sum = 0;
  let before = 0;
  for (let point = 0; point < truePositives.length; point++) {
    const caught = truePositives[point]!;
    sum += ((caught - before) * caught) / (caught + falsePositives[point]!);
    before = caught;
  }
  return sum / positives;
}
