/**
 * Counts values in bins of equal width over a range, float64. A bin includes its lower edge, and values beyond the outermost bins count in
 * these. A range of width 0 is widened around its value to width 1, or to a millionth of the value if 1 would be lost in rounding.
 */
export class Histogram {
  readonly #low: number;
  readonly #high: number;
  readonly #counts: Float64Array;

  constructor(low: number, high: number, bins: number) {
    const half = low < high ? 0 : Math.max(0.5, Math.abs(low) * 1e-6);
    this.#low = low - half;
    this.#high = (half === 0 ? high : low) + half;
    this.#counts = new Float64Array(bins);
  }

  /** The bin edges, ascending: one more than there are bins. */
  get edges(): number[] {
    const count = this.#counts.length;
    const width = this.#high - this.#low;
    return Array.from({ length: count + 1 }, (_, edge) => this.#low + (width * edge) / count);
  }

  /** Counts each value once, or with its weight. */
  add(values: Float32Array, weights?: Float64Array): void {
    const last = this.#counts.length - 1;
    const perUnit = this.#counts.length / (this.#high - this.#low);
    for (let at = 0; at < values.length; at++) {
      const bin = Math.floor((values[at]! - this.#low) * perUnit);
      this.#counts[Math.min(Math.max(bin, 0), last)]! += weights ? weights[at]! : 1;
    }
  }

  /** The share of all values in each bin; zeros if there are none. */
  shares(): number[] {
    const total = this.#counts.reduce((sum, count) => sum + count, 0);
    return Array.from(this.#counts, (count) => (total === 0 ? 0 : count / total));
  }
}
