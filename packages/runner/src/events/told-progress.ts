import type { Clock, Progress } from '@farout/core';
import type { RunListener } from '../events.ts';

/** Progress is told at most this often, in milliseconds, however fast the images are. */
const atMostEvery = 1000;

/** Progress that is shown by another, and told as events. */
export class ToldProgress implements Progress {
  readonly #shown: Progress;
  readonly #tell: RunListener;
  readonly #clock: Clock;
  #pass = { pass: '', done: 0, total: 0 };
  #countsImages = true;
  #begun = 0;
  #said = 0;

  constructor(shown: Progress, tell: RunListener, clock: Clock) {
    this.#shown = shown;
    this.#tell = tell;
    this.#clock = clock;
  }

  start(pass: string, total: number, done: number, unit?: string): void {
    this.#shown.start(pass, total, done, unit);
    this.#pass = { pass, done, total };
    this.#countsImages = unit === undefined;
    this.#begun = this.#said = this.#clock.now();
    this.#tell(unit === undefined ? { event: 'pass', ...this.#pass } : { event: 'preparing', what: pass, total, unit });
  }

  advance(more: number): void {
    this.#shown.advance(more);
    this.#pass.done += more;
    const now = this.#clock.now();
    if (!this.#countsImages || now - this.#said < atMostEvery) return;
    this.#said = now;
    this.#tell({ event: 'progress', ...this.#pass });
  }

  stop(): void {
    this.#shown.stop();
    const seconds = (this.#clock.now() - this.#begun) / 1000;
    const ended = { event: 'pass-end', ...this.#pass, seconds } as const;
    this.#tell(this.#countsImages ? ended : { event: 'prepared', what: this.#pass.pass, seconds });
  }
}
