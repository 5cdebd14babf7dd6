import type { Clock, Logger, Store } from '@farout/core';
import type { Detector, Experiment } from '../experiment.ts';
import type { RowSet } from '../extraction/row-set.ts';
import type { FittedDetector, Fitting } from '../fit/fit.ts';
import type { DatasetScores } from '../score/on-features.ts';

/** What the stages of a run leave to be drawn from. */
export interface ReportSources {
  readonly experiment: Experiment;
  /** Features by the name of the dataset. */
  readonly sets: ReadonlyMap<string, RowSet>;
  readonly scores: ReadonlyMap<string, DatasetScores>;
  readonly fitting: Fitting;
  readonly fitted: readonly FittedDetector[];
  readonly store: Store;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** A detector that scored every set: what the experiment says of it, and what it learnt. */
export interface ScoredDetector {
  readonly detector: Detector;
  readonly fitted: FittedDetector;
}
