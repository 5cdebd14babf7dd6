import type { Clock, Progress } from '@farout/core';
import type { RunListener } from './run-event.ts';

/** Progress is told at most this often, in milliseconds, however fast the images are. */
const atMostEvery = 1000;

/** Progress that is shown by another, and told as events. */
export class ToldProgress implements Progress {
  readonly #shown: Progress;
  readonly #tell: RunListener;
  readonly #clock: Clock;
  #pass = { pass: '', done: 0, total: 0 };
  #begun = 0;
  #said = 0;

  constructor(shown: Progress, tell: RunListener, clock: Clock) {
    this.#shown = shown;
    this.#tell = tell;
    this.#clock = clock;
  }

  start(pass: string, total: number, done: number): void {
    this.#shown.start(pass, total, done);
    this.#pass = { pass, done, total };
    this.#begun = this.#said = this.#clock.now();
    this.#tell({ event: 'pass', ...this.#pass });
  }

  advance(images: number): void {
    this.#shown.advance(images);
    this.#pass.done += images;
    const now = this.#clock.now();
    if (now - this.#said < atMostEvery) return;
    this.#said = now;
    this.#tell({ event: 'progress', ...this.#pass });
  }

  stop(): void {
    this.#shown.stop();
    this.#tell({ event: 'pass-end', ...this.#pass, seconds: (this.#clock.now() - this.#begun) / 1000 });
  }
}
