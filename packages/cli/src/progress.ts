import type { Clock, Progress } from '@farout/core';
import { SingleBar } from 'cli-progress';
import { isWorthALine, Stage } from './progress/stage.ts';

/** Shows progress, and lines that do not disturb it. */
export interface Display extends Progress {
  readonly print: (line: string) => void;
}

const clock: Clock = { now: () => performance.now() };

/** A bar on a terminal, lines where there is none. */
export const displayOn = (stream: NodeJS.WriteStream): Display =>
  stream.isTTY && process.env.TERM !== 'dumb'
    ? new BarProgress(stream, clock)
    : new LineProgress((line) => stream.write(`${line}\n`), clock);

/** What a bar is drawn on: stderr, when it is a terminal. */
type Screen = NodeJS.WritableStream & { readonly columns?: number };

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

const nothing = () => undefined;

/** Shows nothing: `--quiet`. */
export const silentDisplay: Display = { start: nothing, advance: nothing, stop: nothing, print: nothing };
