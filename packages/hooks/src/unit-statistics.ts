import type { Rows } from '@farout/core';

/** The mean and population standard deviation of every unit, float64 (D) each. */
export interface UnitMoments {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

/**
 * Mean and spread of every unit over blocks of rows, float64, memory independent of their number. Each block's moments are taken about its
 * own mean and merged with the earlier ones (Chan, Golub, LeVeque 1979), which avoids cancellation.
 */
export class UnitStatistics {
  #count = 0;
  #mean = new Float64Array(0);
  #squares = new Float64Array(0);
  /** The smallest and the largest value overall. */
  low = Infinity;
  high = -Infinity;

  add(rows: Rows): void {
    const [count, width] = rows.shape;
    if (this.#count === 0) [this.#mean, this.#squares] = [new Float64Array(width), new Float64Array(width)];
    const mean = meansOf(rows);
    const squares = squaresAbout(mean, rows);
    const all = this.#count + count;
    for (let unit = 0; unit < width; unit++) {
      const apart = mean[unit]! - this.#mean[unit]!;
      this.#mean[unit]! += (apart * count) / all;
      this.#squares[unit]! += squares[unit]! + (apart * apart * this.#count * count) / all;
    }
    this.#count = all;
    for (const value of rows.data) {
      if (value < this.low) this.low = value;
      if (value > this.high) this.high = value;
    }
  }

  moments(): UnitMoments {
    return { mean: this.#mean, deviation: this.#squares.map((square) => Math.sqrt(square / this.#count)) };
  }
}

/** The moments of all activations together: variance = mean of the units' variances + variance of their means. */
export function pooledMoments({ mean, deviation }: UnitMoments) {
  const average = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const centre = average(mean);
  const variance = average(deviation.map((d) => d * d)) + average(mean.map((m) => (m - centre) ** 2));
  return { mean: centre, deviation: Math.sqrt(variance) };
}

function meansOf({ data, shape: [count, width] }: Rows): Float64Array {
  const sums = new Float64Array(width);
  for (let i = 0, unit = 0; i < data.length; i++) {
    sums[unit]! += data[i]!;
    if (++unit === width) unit = 0;
  }
  return sums.map((sum) => sum / count);
}

function squaresAbout(mean: Float64Array, { data, shape: [, width] }: Rows): Float64Array {
  const squares = new Float64Array(width);
  for (let i = 0, unit = 0; i < data.length; i++) {
    squares[unit]! += (data[i]! - mean[unit]!) ** 2;
    if (++unit === width) unit = 0;
  }
  return squares;
}
