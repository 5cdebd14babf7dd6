import type { Curve, MetricDefinition } from '@farout/core';
import { drawCounts } from '@farout/statistics';
import { DrawRoom, drawsAtOnce } from './draw-room.ts';
import type { DrawnSets } from './rankings.ts';

/** A metric and its output array: by detector, OOD set and draw; NaN if a value could not be measured. */
export interface DrawnMetric {
  readonly value: MetricDefinition['value'];
  readonly draws: number;
  readonly numbers: Float64Array;
}

/** A metric as another thread finds it: the module that provides it, and the ratio of the sets at which it is measured. */
interface FoundMetric {
  readonly name: string;
  readonly module: string;
  readonly ratio?: number;
}

/** The input of another thread. */
export interface DrawTask {
  readonly sets: DrawnSets;
  readonly metrics: readonly (Omit<DrawnMetric, 'value'> & FoundMetric)[];
  /** Index of the first draw that no thread has taken yet. */
  readonly next: Int32Array;
}

/** Takes the next block of draws for `Drawing.measure`; returns the first of them. */
export const takeDraws = (next: Int32Array): number => Atomics.add(next, 0, drawsAtOnce);

/** Makes draws within one thread. */
export class Drawing {
  readonly #sets: DrawnSets;
  readonly #metrics: readonly DrawnMetric[];
  readonly #room: DrawRoom;

  constructor(sets: DrawnSets, metrics: readonly DrawnMetric[]) {
    this.#sets = sets;
    this.#metrics = metrics;
    this.#room = new DrawRoom(sets);
  }

  /**
   * Measures the metrics on the draws from `first` on, for every detector. Each draw is determined by the seed, the
   * set and its own index, so it does not depend on the thread that makes it.
   */
  measure(first: number): void {
    const { rankings, ood } = this.#sets;
    const count = Math.min(drawsAtOnce, mostDraws(this.#metrics) - first);
    const drawn = Array.from({ length: count }, (_, at) => this.#draw(first + at, at));
    for (const [detector, ofDetector] of rankings.entries()) {
      for (const [set, ranking] of ofDetector.entries()) {
        this.#room.rank(ranking);
        for (const [at, { idTotal, oodTotals }] of drawn.entries())
          this.#note(detector * ood.length + set, first + at, this.#room.curveOf(at, idTotal, oodTotals[set]!));
      }
    }
  }

  /** Counts how often each image is drawn: the ID images, then those of each OOD set. */
  #draw(draw: number, at: number) {
    const { seed, id, ood } = this.#sets;
    const counts = new Uint8Array(this.#room.images);
    let start = 0;
    const [idTotal, ...oodTotals] = [id, ...ood].map(({ name, images, groups }) => {
      const own = counts.subarray(start, (start += images));
      drawCounts({ seed, set: name, draw }, own, groups);
      return groups ? own.reduce((sum, count) => sum + count, 0) : images;
    });
    this.#room.draw(at, counts);
    return { idTotal: idTotal!, oodTotals };
  }

  #note(place: number, draw: number, curve: Curve): void {
    for (const metric of this.#metrics)
      if (draw < metric.draws) metric.numbers[place * metric.draws + draw] = numberOf(metric, curve);
  }
}

/** The largest number of draws of any metric. */
export const mostDraws = (metrics: readonly Pick<DrawnMetric, 'draws'>[]): number =>
  Math.max(0, ...metrics.map(({ draws }) => draws));

/** A metric may fail on a draw even if it can measure the sets themselves. */
function numberOf({ value }: DrawnMetric, curve: Curve): number {
  try {
    const found: unknown = value(curve);
    return typeof found === 'number' && Number.isFinite(found) ? found : NaN;
  } catch {
    return NaN;
  }
}
