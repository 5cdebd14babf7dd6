import type { Clock } from '@farout/core';
import type { Display } from './display.ts';
import { isWorthALine, Stage } from './stage.ts';

/** A stage says how far it is after a tenth of its images, but not more often than this, in seconds … */
const atMostEvery = 1;
/** … and in any case after this long. */
const atLeastEvery = 10;

/** Progress as plain lines, for log files and pipes. */
export class LineProgress implements Display {
  readonly print: (line: string) => void;
  readonly #clock: Clock;
  #stage: Stage | undefined;
  #said = { done: 0, at: 0 };

  constructor(print: (line: string) => void, clock: Clock) {
    this.print = print;
    this.#clock = clock;
  }

  start(name: string, total: number, done: number, unit?: string): void {
    this.#stage = new Stage({ name, total, done, unit }, this.#clock);
    this.#remember(this.#stage);
    if (this.#stage.countsImages)
      this.print(`${this.#stage.name}: ${total} images${done > 0 ? `, ${done} of them done before` : ''}`);
    else this.print(`${this.#stage.name}: ${total} ${this.#stage.unit}`);
  }

  advance(more: number): void {
    const stage = this.#stage;
    if (!stage) return;
    stage.advance(more);
    const silent = stage.seconds - this.#said.at;
    const isTenth = stage.countsImages && stage.done - this.#said.done >= stage.total / 10 && silent >= atMostEvery;
    if (stage.done >= stage.total || !(isTenth || silent >= atLeastEvery)) return;
    this.#remember(stage);
    this.print(stage.pace === '' ? stage.position : `${stage.position}, ${stage.pace}`);
  }

  stop(): void {
    if (this.#stage && isWorthALine(this.#stage)) this.print(this.#stage.summary);
    this.#stage = undefined;
  }

  #remember({ done, seconds }: Stage): void {
    this.#said = { done, at: seconds };
  }
}
