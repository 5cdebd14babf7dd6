import type { Curve } from '@farout/core';

/**
 * A curve as it is read when one set is to be found among both: score by score, from the one that looks most like that set
 * on. What has one score is caught together. Nothing caught, the point (0, 0), is not listed.
 */
export interface DetectionCurve {
  /** The weight of the set to be found, at each score. */
  readonly positives: Float64Array;
  /** The weight of the other set, at each score. */
  readonly negatives: Float64Array;
  /** The weight of all that is to be found. */
  readonly total: number;
  /** The index that is read first, and the step to the next. */
  readonly first: number;
  readonly step: 1 | -1;
}

/** ID is to be found: caught is a score ≥ t, and t falls. */
export const idPositive = ({ id, ood, idTotal }: Curve): DetectionCurve => ({
  positives: id,
  negatives: ood,
  total: idTotal,
  first: 0,
  step: 1,
});

/** OOD is to be found: caught is a score ≤ t, and t rises. */
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
 * Area under precision over recall by the trapezoid rule: Σ (Rₙ − Rₙ₋₁) · (Pₙ + Pₙ₋₁) / 2, R = TP / total,
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
