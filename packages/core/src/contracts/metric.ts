import type { About } from './part.ts';

/** (ID scores, OOD scores) → one number. */
export interface MetricDefinition {
  /** What experiments call it. */
  readonly name: string;
  /** What lists and editors say of it. */
  readonly about?: About;
  /** Which direction is better, for marking the best value of a column. */
  readonly better: 'higher' | 'lower';
  /** A fraction in 0..1. The sweep is made once and serves all metrics. */
  readonly value: (sweep: Sweep) => number;
}

/** Types a metric. See `MetricDefinition`. */
export const defineMetric = (definition: MetricDefinition): MetricDefinition => definition;

/**
 * The scores of an ID and an OOD set, sorted and counted once for all metrics. An image counts as accepted (ID) at a
 * threshold t when its score is ≥ t. Equal scores form one group: no threshold parts them.
 */
export interface Sweep {
  /** ID scores, ascending. */
  readonly idScores: Float32Array;
  /** OOD scores, ascending. */
  readonly oodScores: Float32Array;
  /** The distinct scores of both sets, descending: one entry per group of ties. */
  readonly thresholds: Float32Array;
  /** For each threshold, how many ID scores are ≥ it; the last entry is their number. */
  readonly idAccepted: Uint32Array;
  /** For each threshold, how many OOD scores are ≥ it; the last entry is their number. */
  readonly oodAccepted: Uint32Array;
}
