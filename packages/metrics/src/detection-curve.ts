import type { Curve } from '@farout/core';

/**
 * A curve for detecting one of the two sets (the positive one): score by score, starting at the score most typical of that set. Images with
 * equal scores are detected together. The point (0, 0), where nothing is detected, is not listed.
 */
export interface DetectionCurve {
  /** The weight of the positive set at each score. */
  readonly positives: Float64Array;
  /** The weight of the other set at each score. */
  readonly negatives: Float64Array;
  /** The total weight of the positive set. */
  readonly total: number;
  /** The first index to read, and the step to the next. */
  readonly first: number;
  readonly step: 1 | -1;
}

/** ID is positive: scores ≥ t are detected, and t decreases. */
export const idPositive = ({ id, ood, idTotal }: Curve): DetectionCurve => ({
  positives: id,
  negatives: ood,
  total: idTotal,
  first: 0,
  step: 1,
});

/** OOD is positive: scores ≤ t are detected, and t increases. */
export const oodPositive = ({ id, ood, oodTotal }: Curve): DetectionCurve => ({
  positives: ood,
  negatives: id,
  total: oodTotal,
  first: ood.length - 1,
  step: -1,
});

/** Σ (Rₙ − Rₙ₋₁) · Pₙ over the scores, with recall R = TP / total, precision P = TP / (TP + FP) and R₀ = 0. */
export function averagePrecision({ positives, negatives, total, first, step }: DetectionCurve): number {
  let sum = 0;
  let truePositives = 0;
  let caught = 0;
  for (let at = first; at >= 0 && at < positives.length; at += step) {
    truePositives += positives[at]!;
    caught += positives[at]! + negatives[at]!;
    sum += (positives[at]! * truePositives) / caught;
  }
  return sum / total;
}

/**
 * Area under the precision–recall curve by the trapezoid rule: Σ (Rₙ − Rₙ₋₁) · (Pₙ + Pₙ₋₁) / 2, R = TP / total,
 * P = TP / (TP + FP). The curve starts at R₀ = 0, P₀ = 0, as in the code of the ReAct paper.
 */
export function trapezoidArea({ positives, negatives, total, first, step }: DetectionCurve): number {
  let sum = 0;
  let truePositives = 0;
  let caught = 0;
  let before = 0;
  for (let at = first; at >= 0 && at < positives.length; at += step) {
    truePositives += positives[at]!;
    caught += positives[at]! + negatives[at]!;
    const precision = truePositives / caught;
    sum += (positives[at]! * (precision + before)) / 2;
    before = precision;
  }
  return sum / total;
}
