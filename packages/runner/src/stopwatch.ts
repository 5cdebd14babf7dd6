import type { Clock } from '@farout/core';

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
