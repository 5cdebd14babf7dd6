import type { Clock } from '@farout/core';
import { SingleBar } from 'cli-progress';
import type { Display } from './display.ts';
import { isWorthALine, Stage } from './stage.ts';

/** What a bar is drawn on: stderr, when it is a terminal. */
export type Screen = NodeJS.WritableStream & { readonly columns?: number };

/** Below this many columns a bar is short. */
const narrow = 80;

/** Progress as a bar that is drawn in place, for terminals; a stage that is over leaves one line. */
export class BarProgress implements Display {
  readonly #screen: Screen;
  readonly #clock: Clock;
  readonly #bar: SingleBar;
  #stage: Stage | undefined;

  constructor(screen: Screen, clock: Clock) {
    this.#screen = screen;
    this.#clock = clock;
    this.#bar = new SingleBar({
      stream: screen,
      format: '{stage} {bar} {value}/{total}  {pace}',
      barCompleteChar: '█',
      barIncompleteChar: '░',
      barsize: (screen.columns ?? narrow) < narrow ? 12 : 24,
      // A line that is too long is cut. The alternative switches the terminal's wrapping off, and a process that is
      // killed leaves it so.
      linewrap: true,
      clearOnComplete: true,
    });
  }

  start(name: string, total: number, done: number, unit?: string): void {
    this.#stage = new Stage({ name, total, done, unit }, this.#clock);
    this.#draw(this.#stage);
  }

  advance(more: number): void {
    if (!this.#stage) return;
    this.#stage.advance(more);
    this.#bar.update(this.#stage.done, { pace: this.#stage.pace });
  }

  stop(): void {
    const stage = this.#stage;
    if (!stage) return;
    this.#stage = undefined;
    this.#bar.stop();
    if (isWorthALine(stage)) this.print(stage.summary);
  }

  print(line: string): void {
    if (this.#stage) this.#bar.stop();
    this.#screen.write(`${line}\n`);
    if (this.#stage) this.#draw(this.#stage);
  }

  #draw({ name, total, done, pace }: Stage): void {
    this.#bar.start(total, done, { stage: name, pace });
  }
}
