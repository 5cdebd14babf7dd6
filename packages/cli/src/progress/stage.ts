import { printable, type Clock } from '@farout/core';
import { duration } from './duration.ts';

/** How far a stage has come, how fast it is and how long it will take. */
export class Stage {
  readonly name: string;
  readonly total: number;
  done: number;
  readonly #before: number;
  readonly #clock: Clock;
  readonly #begun: number;

  /** `done` of the `total` images are there already; they count for the way, not for the speed. */
  constructor(name: string, total: number, done: number, clock: Clock) {
    this.name = printable(name);
    this.total = total;
    this.done = done;
    this.#before = done;
    this.#clock = clock;
    this.#begun = clock.now();
  }

  /** Seconds since it began. */
  get seconds(): number {
    return (this.#clock.now() - this.#begun) / 1000;
  }

  /** Share that is done, 0..1. */
  get share(): number {
    return this.total === 0 ? 1 : this.done / this.total;
  }

  /** `25.1 images/s, 15 s left`; empty until an image is done. */
  get pace(): string {
    const rate = (this.done - this.#before) / this.seconds;
    if (!(rate > 0 && rate < Infinity)) return '';
    const left = this.done < this.total ? `, ${duration((this.total - this.done) / rate)} left` : '';
    return `${rate.toFixed(rate < 100 ? 1 : 0)} images/s${left}`;
  }

  /** `textures: 96/480 (20 %)` */
  get position(): string {
    return `${this.name}: ${this.done}/${this.total} (${Math.floor(100 * this.share)} %)`;
  }

  /** What remains to be said when it is over: `textures: 480/480 (100 %) in 19 s, 25.3 images/s`. */
  get summary(): string {
    const pace = this.done < this.total ? '' : this.pace;
    return `${this.position} in ${duration(this.seconds)}${pace && `, ${pace}`}`;
  }
}
