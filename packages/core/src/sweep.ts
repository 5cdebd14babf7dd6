/**
 * The scores of an ID and an OOD set, sorted and counted once for all metrics. An image counts as accepted (ID) at a
 * threshold t when its score is ≥ t.
 */
export interface Sweep {
  /** ID scores, ascending. */
  readonly idScores: Float32Array;
  /** OOD scores, ascending. */
  readonly oodScores: Float32Array;
  /** The distinct scores of both sets, descending: one entry per group of ties. */
  readonly thresholds: Float32Array;
  /** For each threshold, how many ID scores are ≥ it. */
  readonly idAccepted: Uint32Array;
  /** For each threshold, how many OOD scores are ≥ it. */
  readonly oodAccepted: Uint32Array;
}
