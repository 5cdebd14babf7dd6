import type { Clock } from '@oodkit/core';

/** Wall-clock seconds of the stages of a run. */
export class Stopwatch {
  readonly #clock: Clock;
  readonly #seconds: Record<string, number> = {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get seconds(): Readonly<Record<string, number>> {
    return this.#seconds;
  }

  /** Runs a stage and notes how long it took. */
  async time<T>(stage: string, work: () => T | Promise<T>): Promise<T> {
    const start = this.#clock.now();
    try {
      return await work();
    } finally {
      this.#seconds[stage] = (this.#clock.now() - start) / 1000;
    }
  }
}
