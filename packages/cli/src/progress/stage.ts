import { printable, type Clock } from '@farout/core';

/** The speed is that of the last so many seconds … */
const window = 30;
/** … and is not told before it was measured for so long. */
const shortest = 0.5;

/** What prepares images is told at its end where it took so many seconds. */
const aWhile = 1;

/** What a stage is about. */
interface StageStart {
  readonly name: string;
  readonly total: number;
  /** So many are there already; they count for the way, not for the speed. */
  readonly done: number;
  /** What is counted; images when absent. */
  readonly unit?: string | undefined;
}

/** How far a stage has come, how fast it is and how long it will take. */
export class Stage {
  readonly name: string;
  readonly total: number;
  readonly unit: string;
  readonly #before: number;
  readonly #clock: Clock;
  readonly #begun: number;
  /** How many were done when: the first entry is that of the first ones, before which all was preparation. */
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

  /** Whether it counts images; what prepares them is of interest only where it takes long. */
  get countsImages(): boolean {
    return this.unit === 'images';
  }

  /** Seconds since it began. */
  get seconds(): number {
    return (this.#clock.now() - this.#begun) / 1000;
  }

  /** Share that is done, 0..1. */
  get share(): number {
    return this.total === 0 ? 1 : this.done / this.total;
  }

  /** `25.1 images/s, 15 s left`; empty until images flow. */
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

  /** What remains to be said when it is over: `textures: 480/480 (100 %) in 19 s, 25.3 images/s`. */
  get summary(): string {
    const rate = (this.done - this.#before) / this.seconds;
    const isTold = this.countsImages && this.done >= this.total && rate > 0 && rate < Infinity;
    return `${this.position} in ${duration(this.seconds)}${isTold ? `, ${perSecond(rate)}` : ''}`;
  }
}

const perSecond = (rate: number) => `${rate.toFixed(rate < 100 ? 1 : 0)} images/s`;

/** Whether the end of a stage is told: that of images always, that of what prepares them where it took a while. */
export const isWorthALine = ({ countsImages, seconds }: Stage): boolean => countsImages || seconds >= aWhile;

/** Seconds as people say them: `9 s`, `2 min 05 s`, `3 h 20 min`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${padded(whole % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${padded(minutes % 60)} min`;
}

const padded = (part: number) => String(part).padStart(2, '0');
