import type { About } from './about.ts';
import type { Sweep } from '../sweep.ts';

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
