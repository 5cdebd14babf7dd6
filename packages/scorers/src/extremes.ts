import type { Learnt } from '@farout/core';

/** The minimum and maximum of each column, per class. */
export class Extremes {
  readonly #minima: Float32Array;
  readonly #maxima: Float32Array;
  readonly #width: number;

  constructor(classes: number, width: number) {
    this.#width = width;
    this.#minima = new Float32Array(classes * width).fill(Infinity);
    this.#maxima = new Float32Array(classes * width).fill(-Infinity);
  }

  add(row: Float32Array, label: number): void {
    const start = label * this.#width;
    for (let i = 0; i < row.length; i++) {
      if (row[i]! < this.#minima[start + i]!) this.#minima[start + i] = row[i]!;
      if (row[i]! > this.#maxima[start + i]!) this.#maxima[start + i] = row[i]!;
    }
  }

  /** How far each column of a row lies outside its class's extremes, relative to the extreme it exceeds. */
  deviations(row: Float32Array, label: number, tiny: number): Float64Array {
    const start = label * this.#width;
    return Float64Array.from(row, (value, i) => {
      const [low, high] = [this.#minima[start + i]!, this.#maxima[start + i]!];
      if (value < low) return (low - value) / Math.abs(low + tiny);
      return value > high ? (value - high) / Math.abs(high + tiny) : 0;
    });
  }

  learnt(): Learnt {
    const shape = [this.#minima.length / this.#width, this.#width];
    return { minima: { data: this.#minima, shape }, maxima: { data: this.#maxima, shape } };
  }
}
