import { printable, type Clock, type Logger, type Progress } from '@farout/core';
import { SingleBar } from 'cli-progress';
import picocolors from 'picocolors';

/** Shows progress, and prints lines without disturbing it. */
interface Display extends Progress {
  readonly print: (line: string) => void;
}

const clock: Clock = { now: () => performance.now() };

/** A bar on a terminal, plain lines otherwise. */
export const displayOn = (stream: NodeJS.WriteStream): Display =>
  stream.isTTY && process.env.TERM !== 'dumb'
    ? new BarProgress(stream, clock)
    : new LineProgress((line) => stream.write(`${line}\n`), clock);

/** Where a bar is drawn: stderr, if it is a terminal. */
type Screen = NodeJS.WritableStream & { readonly columns?: number };

/** On screens with fewer columns the bar is short. */
const narrow = 80;

/** Progress as a bar drawn in place, for terminals. A finished stage leaves one line. */
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
      // Cuts lines that are too long. The alternative turns off the terminal's line wrapping, and leaves it off if
      // the process is killed.
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

/** A stage reports progress after each tenth of its images, but at most this often, in seconds … */
const atMostEvery = 1;
/** … and at least this often. */
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

/** Shows nothing, for `--quiet`. */
export const silentDisplay: Display = { start: nothing, advance: nothing, stop: nothing, print: nothing };

/** The speed is averaged over this many seconds … */
const window = 30;
/** … and shown only after being measured for this long. */
const shortest = 0.5;

/** The end of a preparation stage is reported if it took at least this many seconds. */
const aWhile = 1;

/** The start of a stage. */
interface StageStart {
  readonly name: string;
  readonly total: number;
  /** Number already done. Counts towards progress, but not towards speed. */
  readonly done: number;
  /** What is counted; default: images. */
  readonly unit?: string | undefined;
}

/** The progress of a stage: position, speed and time left. */
class Stage {
  readonly name: string;
  readonly total: number;
  readonly unit: string;
  readonly #before: number;
  readonly #clock: Clock;
  readonly #begun: number;
  /** Progress samples. The first one is taken at the first advance, so that preparation before it does not count. */
  #seen: { readonly done: number; readonly at: number }[] = [];
  #done: number;

  constructor({ name, total, done, unit = 'images' }: StageStart, clock: Clock) {
    this.name = printable(name);
    this.total = total;
    this.unit = unit;
    this.#done = this.#before = done;
    this.#clock = clock;
    this.#begun = clock.now();
  }

  get done(): number {
    return this.#done;
  }

  advance(more: number): void {
    this.#done += more;
    const at = this.seconds;
    this.#seen.push({ done: this.#done, at });
    while (this.#seen.length > 2 && this.#seen[1]!.at < at - window) this.#seen.shift();
  }

  /** Whether it counts images. Preparation stages are only reported if they take long. */
  get countsImages(): boolean {
    return this.unit === 'images';
  }

  /** Seconds since it began. */
  get seconds(): number {
    return (this.#clock.now() - this.#begun) / 1000;
  }

  /** The share that is done, 0..1. */
  get share(): number {
    return this.total === 0 ? 1 : this.done / this.total;
  }

  /** `25.1 images/s, 15 s left`; empty until the speed is known. */
  get pace(): string {
    const [first, last] = [this.#seen[0], this.#seen.at(-1)];
    const rate = first && last!.at - first.at >= shortest ? (last!.done - first.done) / (last!.at - first.at) : 0;
    if (!this.countsImages || rate === 0) return '';
    const left = this.done < this.total ? `, ${duration((this.total - this.done) / rate)} left` : '';
    return `${perSecond(rate)}${left}`;
  }

  /** `textures: 96/480 (20 %)` */
  get position(): string {
    return `${this.name}: ${this.done}/${this.total} (${Math.floor(100 * this.share)} %)`;
  }

  /** The final line: `textures: 480/480 (100 %) in 19 s, 25.3 images/s`. */
  get summary(): string {
    const rate = (this.done - this.#before) / this.seconds;
    const isTold = this.countsImages && this.done >= this.total && rate > 0 && rate < Infinity;
    return `${this.position} in ${duration(this.seconds)}${isTold ? `, ${perSecond(rate)}` : ''}`;
  }
}

const perSecond = (rate: number) => `${rate.toFixed(rate < 100 ? 1 : 0)} images/s`;

/** Whether to print a line when a stage ends: always for images, otherwise only if it took long. */
const isWorthALine = ({ countsImages, seconds }: Stage): boolean => countsImages || seconds >= aWhile;

/** A duration in words: `9 s`, `2 min 05 s`, `3 h 20 min`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${padded(whole % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${padded(minutes % 60)} min`;
}

const padded = (part: number) => String(part).padStart(2, '0');

/** A logger that shares a progress display, so that neither disturbs the other. */
export function loggerOn(display: Display, colour: boolean): Logger {
  const { yellow } = picocolors.createColors(colour);
  return {
    info: (sentence) => display.print(printable(sentence)),
    warn: (sentence) => display.print(`${yellow('warning')} ${printable(sentence)}`),
  };
}

/** Whether a stream shows colours: decided by NO_COLOR and FORCE_COLOR, otherwise by whether it is a terminal. */
export function showsColour(stream: { readonly isTTY?: boolean }, env = process.env): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0';
  return stream.isTTY === true && env.TERM !== 'dumb';
}
