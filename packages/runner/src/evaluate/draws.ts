import type { Curve, MetricDefinition } from '@farout/core';
import { drawCounts } from '@farout/statistics';
import { DrawRoom } from './draw-room.ts';
import type { DrawnSets } from './rankings.ts';

/** A metric, and where its numbers go: of each detector, of each OOD set, of each draw; NaN where it gave no number. */
export interface DrawnMetric {
  readonly value: MetricDefinition['value'];
  readonly draws: number;
  readonly numbers: Float64Array;
}

/** What another thread gets: it finds metrics by the modules that bring them. */
export interface DrawTask {
  readonly sets: DrawnSets;
  readonly metrics: readonly (Omit<DrawnMetric, 'value'> & { readonly name: string; readonly module: string })[];
  /** The number of the first draw that no thread has taken. */
  readonly next: Int32Array;
}

/** So many draws are made at once: their counts and a ranking stay in the cache together. */
const drawsAtOnce = 8;

/** Takes the next draws, for `Drawing.measure`; the first of them. */
export const takeDraws = (next: Int32Array): number => Atomics.add(next, 0, drawsAtOnce);

/** Makes draws, one thread at a time. */
export class Drawing {
  readonly #sets: DrawnSets;
  readonly #metrics: readonly DrawnMetric[];
  readonly #room: DrawRoom;

  constructor(sets: DrawnSets, metrics: readonly DrawnMetric[]) {
    this.#sets = sets;
    this.#metrics = metrics;
    this.#room = new DrawRoom(sets, drawsAtOnce);
  }

  /**
   * Measures the metrics on the draws from `first` on, for every detector. Each draw follows from the seed, the set and its own number,
   * so it is the same whoever makes it.
   */
  measure(first: number): void {
    const { rankings, ood } = this.#sets;
    const drawn = this.#room.counts
      .slice(0, mostDraws(this.#metrics) - first)
      .map((counts, at) => ({ counts, draw: first + at, ...drawImages(this.#sets, first + at, counts) }));
    for (const [detector, ofDetector] of rankings.entries()) {
      for (const [set, ranking] of ofDetector.entries()) {
        this.#room.rank(ranking);
        for (const { counts, draw, idTotal, oodTotals } of drawn)
          this.#note(detector * ood.length + set, draw, this.#room.curveOf(counts, idTotal, oodTotals[set]!));
      }
    }
  }

  #note(place: number, draw: number, curve: Curve): void {
    for (const metric of this.#metrics)
      if (draw < metric.draws) metric.numbers[place * metric.draws + draw] = numberOf(metric, curve);
  }
}

/** As many draws as the metric that has most. */
export const mostDraws = (metrics: readonly Pick<DrawnMetric, 'draws'>[]): number =>
  Math.max(0, ...metrics.map(({ draws }) => draws));

/** Counts how often each image is drawn: the ID images, then those of each OOD set. */
function drawImages({ seed, id, ood }: DrawnSets, draw: number, counts: Uint8Array) {
  let start = 0;
  const [idTotal, ...oodTotals] = [id, ...ood].map(({ name, images, groups }) => {
    const own = counts.subarray(start, (start += images));
    drawCounts({ seed, set: name, draw }, own, groups);
    return groups ? own.reduce((sum, count) => sum + count, 0) : images;
  });
  return { idTotal: idTotal!, oodTotals };
}

/** A draw may hold what a metric cannot measure, though the sets themselves do not. */
function numberOf({ value }: DrawnMetric, curve: Curve): number {
  try {
    const found: unknown = value(curve);
    return typeof found === 'number' && Number.isFinite(found) ? found : NaN;
  } catch {
    return NaN;
  }
}
