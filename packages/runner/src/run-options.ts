import type { Clock, Logger, Progress, Reporter, RunResults } from '@farout/core';

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

/** The run was stopped by its signal; its store is whole and the next run goes on from it. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';

  constructor() {
    super('The run was interrupted; what is done is kept, and the same command goes on from there.');
  }
}

/** The stages of a run, in their order. */
export type StageName = 'open' | 'extract' | 'fit' | 'score' | 'evaluate' | 'report';

/** Wall-clock seconds of the stages of a run. */
export class Stopwatch {
  readonly #clock: Clock;
  readonly #onStage: (stage: StageName) => void;
  readonly #seconds: Record<string, number> = {};

  /** `onStage` is told when a stage begins. */
  constructor(clock: Clock, onStage: (stage: StageName) => void = () => undefined) {
    this.#clock = clock;
    this.#onStage = onStage;
  }

  get seconds(): Readonly<Record<string, number>> {
    return { ...this.#seconds };
  }

  /** Runs a stage and notes how long it took. */
  async time<T>(stage: StageName, work: () => T | Promise<T>): Promise<T> {
    this.#onStage(stage);
    const start = this.#clock.now();
    try {
      return await work();
    } finally {
      this.#seconds[stage] = (this.#clock.now() - start) / 1000;
    }
  }
}
