import type { Sweep } from '@farout/core';

/**
 * What is caught when one set is to be found among both: a point per group of ties, from the scores that look most like
 * the positive set on. A group is caught as a whole. Nothing caught, the point (0, 0), is not listed.
 */
export interface DetectionCurve {
  /** Size of the positive set. */
  readonly positives: number;
  /** Size of the other set. */
  readonly negatives: number;
  /** At each point, how many positives are caught; ends at `positives`. */
  readonly truePositives: Uint32Array;
  /** At each point, how many of the others are caught; ends at `negatives`. */
  readonly falsePositives: Uint32Array;
}

/** ID is to be found: caught is a score ≥ t, and t falls. */
export const idPositive = ({ idScores, oodScores, idAccepted, oodAccepted }: Sweep): DetectionCurve => ({
  positives: idScores.length,
  negatives: oodScores.length,
  truePositives: idAccepted,
  falsePositives: oodAccepted,
});

/** OOD is to be found: caught is a score ≤ t, and t rises. */
export const oodPositive = ({ idScores, oodScores, idAccepted, oodAccepted }: Sweep): DetectionCurve => ({
  positives: oodScores.length,
  negatives: idScores.length,
  truePositives: rejected(oodAccepted),
  falsePositives: rejected(idAccepted),
});

/** Counts of scores ≤ t for rising t, out of the counts of scores ≥ t for falling t. */
function rejected(accepted: Uint32Array): Uint32Array {
  const counts = new Uint32Array(accepted.length);
  const last = accepted.length - 1;
  for (let group = 0; group < last; group++) counts[group] = accepted[last]! - accepted[last - 1 - group]!;
  counts[last] = accepted[last]!;
  return counts;
}

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
