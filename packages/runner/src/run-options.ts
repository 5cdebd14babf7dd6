import type { Logger, Progress, Reporter, RunResults } from '@farout/core';
import type { StageName } from './stopwatch.ts';

/** What a run needs besides its experiment. */
export interface RunOptions {
  /** Absolute path of the run folder; the files of a former run in it are replaced once the results are there. */
  readonly out: string;
  readonly logger: Logger;
  readonly progress: Progress;
  /** Files of the run folder that are made from the results. */
  readonly reporters: readonly Reporter[];
  /** Whether the report is made; true when absent. */
  readonly withReport?: boolean;
  /** Is told when the results are written, before the report is made. */
  readonly onResults?: (run: FinishedRun) => void;
  /** Is told when a stage begins. */
  readonly onStage?: (stage: StageName) => void;
  /** Stops the run at the next batch; what is done stays in the store. */
  readonly signal?: AbortSignal;
}

/** A finished run. */
export interface FinishedRun {
  readonly results: RunResults;
  /** The run folder. */
  readonly out: string;
}
